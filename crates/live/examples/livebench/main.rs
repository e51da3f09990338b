//! Benchmarks of the live layer's speed and memory: `make bench-live`.
//!
//! `bench drive NAME URL OUT [SCENARIO ...]` measures on the database at `URL`, which the table calls
//! `NAME`, and appends JSON lines to `OUT`. It repeats everything `BENCH_ROUNDS` times (1 unless set) and
//! reports medians. `bench serve URL LISTEN` is the server that it starts as a process of its own: axum,
//! with the product's transport. Everything uses loopback, without TLS.

mod fanout;
#[path = "../common/http.rs"]
mod http;
mod idle;
mod light_client;
#[path = "../common/native_client.rs"]
#[expect(dead_code, reason = "the benchmark neither freezes clients nor takes rights away")]
mod native_client;
mod process;
mod publish;
mod report;
mod server;
#[path = "../common/socket.rs"]
mod socket;
mod storm;

use report::Report;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const SCENARIOS: [&str; 5] = ["idle", "fanout", "publish", "replay", "storm"];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["serve", url, listen] => server::serve(url, listen).await,
        ["drive", name, url, out] => drive(name, url, out, &SCENARIOS).await,
        ["drive", name, url, out, ref scenarios @ ..] => drive(name, url, out, scenarios).await,
        _ => Err("bench drive NAME URL OUT [SCENARIO ...], or bench serve URL LISTEN".into()),
    }
}

async fn drive(name: &str, url: &str, out: &str, scenarios: &[&str]) -> Result<(), Failure> {
    let rounds = std::env::var("BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let mut report = Report::new(name);
    for _ in 0..rounds {
        for scenario in scenarios {
            match *scenario {
                "idle" => idle::measure(url, &mut report).await?,
                "fanout" => fanout::measure(url, &mut report).await?,
                "publish" => publish::publishes(url, &mut report).await?,
                "replay" => publish::replay(url, &mut report).await?,
                "storm" => storm::measure(url, &mut report).await?,
                other => return Err(format!("{other} is none of {SCENARIOS:?}").into()),
            }
        }
    }
    report.write(out)
}
