//! What the live layer costs and how fast it is: `make bench-live`.
//!
//! `bench drive NAME URL OUT [SCENE ...]` measures on the database at `URL`, called `NAME` in the
//! table, and appends JSON lines to `OUT`; `BENCH_ROUNDS` (1 unless set) repeats everything, and
//! medians are given. `bench serve URL LISTEN` is the server that it starts as a process of its own:
//! axum, with the product's transport. Everything is on loopback and without TLS.

mod fanout;
#[path = "../common/http.rs"]
mod http;
mod idle;
mod light;
#[path = "../common/native.rs"]
#[expect(dead_code, reason = "the clients of a storm neither sleep nor lose a right")]
mod native;
mod process;
mod publish;
mod report;
mod server;
#[path = "../common/socket.rs"]
mod socket;
mod storm;

use report::Report;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const SCENES: [&str; 5] = ["idle", "fanout", "publish", "replay", "storm"];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["serve", url, listen] => server::serve(url, listen).await,
        ["drive", name, url, out] => drive(name, url, out, &SCENES).await,
        ["drive", name, url, out, ref scenes @ ..] => drive(name, url, out, scenes).await,
        _ => Err("bench drive NAME URL OUT [SCENE ...], or bench serve URL LISTEN".into()),
    }
}

async fn drive(name: &str, url: &str, out: &str, scenes: &[&str]) -> Result<(), Failure> {
    let rounds = std::env::var("BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let mut report = Report::new(name);
    for _ in 0..rounds {
        for scene in scenes {
            match *scene {
                "idle" => idle::measure(url, &mut report).await?,
                "fanout" => fanout::measure(url, &mut report).await?,
                "publish" => publish::publishes(url, &mut report).await?,
                "replay" => publish::replay(url, &mut report).await?,
                "storm" => storm::measure(url, &mut report).await?,
                other => return Err(format!("{other} is none of {SCENES:?}").into()),
            }
        }
    }
    report.write(out)
}
