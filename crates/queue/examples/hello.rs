//! Enqueues one job on an SQLite file and runs it to its end: `cargo run -p queue --example hello`.

use std::time::Duration;

use db::{Clock, Db};
use queue::{Context, Outcome, Queue, Worker, enqueue};
use serde::{Deserialize, Serialize};

struct Greet;

#[derive(Serialize, Deserialize)]
struct Greeting {
    whom: String,
}

impl Worker for Greet {
    type Args = Greeting;
    const NAME: &'static str = "Greet";
    const QUEUE: &'static str = "greetings";

    async fn perform(&self, args: Greeting, job: &Context) -> Outcome {
        println!("Hello, {}! This is attempt {}.", args.whom, job.attempt());
        if job.attempt() == 1 { Outcome::Retry("not loud enough".to_owned()) } else { Outcome::Complete }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let db = Db::open(&format!("sqlite://{}", folder.path().join("hello.db").display())).await?;
    db.migrate().await?;

    let clock = Clock::system();
    let running = Queue::new(db.clone(), clock.clone(), "hello-1".to_owned()).register(Greet).start();
    let mut events = running.subscribe();

    let mut tx = db.begin().await?;
    let id = enqueue::<Greet>(&mut tx, &Greeting { whom: "world".to_owned() }, clock.now_ms()).await?;
    tx.commit().await?;

    while !events.recv().await?.state.is_final() {
        println!("Job {id} failed and comes back by itself.");
    }
    print!("{}", running.tree());
    running.stop(Duration::from_secs(5)).await;
    db.close().await;
    Ok(())
}
