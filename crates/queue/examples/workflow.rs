//! Jobs that depend on others: two counts that run concurrently, then their sum. `cargo run -p queue
//! --example workflow`.

use std::time::Duration;

use db::{Clock, Db};
use queue::{Context, NewJob, Outcome, Queue, Worker, Workflow};
use serde::{Deserialize, Serialize};

/// Counts the words of a text.
struct CountWords;

#[derive(Serialize, Deserialize)]
struct Text {
    text: String,
}

impl Worker for CountWords {
    type Args = Text;
    const NAME: &'static str = "CountWords";
    const QUEUE: &'static str = "words";

    async fn perform(&self, args: Text, _job: &Context) -> Outcome {
        Outcome::CompleteWith(args.text.split_whitespace().count().into())
    }
}

/// Adds up the results of its dependencies.
struct AddUp {
    db: Db,
}

impl Worker for AddUp {
    type Args = ();
    const NAME: &'static str = "AddUp";
    const QUEUE: &'static str = "words";

    async fn perform(&self, _args: (), job: &Context) -> Outcome {
        let counted = async { job.dependencies(&mut self.db.snapshot().await?).await };
        match counted.await {
            Ok(dependencies) => {
                for dependency in &dependencies {
                    println!("{}: {}", dependency.name, dependency.result.clone().unwrap_or_default());
                }
                let sum: u64 = dependencies.iter().filter_map(|dependency| dependency.result.as_ref()?.as_u64()).sum();
                println!("sum: {sum}");
                Outcome::CompleteWith(sum.into())
            }
            Err(error) => Outcome::retry(&error),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let db = Db::open(&format!("sqlite://{}", folder.path().join("workflow.db").display())).await?;
    db.migrate().await?;
    let clock = Clock::system();
    let queue = Queue::new(db.clone(), clock.clone(), "workflow-1".to_owned());
    let running = queue.register(CountWords).register(AddUp { db: db.clone() }).start();
    let mut events = running.subscribe();

    let count = |text: &str| NewJob::<CountWords>::new(&Text { text: text.to_owned() });
    let mut workflow = Workflow::new();
    let title = workflow.add("title", count("The durable queue")?);
    let body = workflow.add("body", count("A job is run by one node and ends once")?);
    let sum = workflow.add_after("sum", NewJob::<AddUp>::new(&())?, &[title, body]);
    let mut tx = db.begin().await?;
    let inserted = workflow.insert(&mut tx, clock.now_ms()).await?;
    tx.commit().await?;

    while Some(events.recv().await?.id) != inserted.job(sum) {}
    running.stop(Duration::from_secs(5)).await;
    db.close().await;
    Ok(())
}
