//! Jobs that wait for others: two counts at once, then their sum. `cargo run -p queue --example workflow`.

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

/// Adds up what it waited for.
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
            Ok(needs) => {
                for need in &needs {
                    println!("{}: {}", need.name, need.result.clone().unwrap_or_default());
                }
                let sum: u64 = needs.iter().filter_map(|need| need.result.as_ref()?.as_u64()).sum();
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
