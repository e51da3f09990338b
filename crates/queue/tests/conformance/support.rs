//! A worker whose code is a closure, and helpers that wait for its jobs.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use db::{Clock, Db, Tx};
use futures::future::BoxFuture;
use queue::{AttemptEnded, Context, HookError, Job, JobId, Outcome, Queue, Running, Worker, enqueue, find};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// The initial time of the tests' clocks, in milliseconds since 1970.
pub const START: i64 = 1_700_000_000_000;
/// A poll interval that no test waits for.
pub const HOUR: Duration = Duration::from_secs(3_600);
const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    pub n: u32,
}

type Script = dyn Fn(Number, Context) -> BoxFuture<'static, Outcome> + Send + Sync;

/// Runs its closure; records its discards as [`Note`]s.
pub struct Act {
    script: Arc<Script>,
    timeout: Duration,
}

impl Act {
    pub fn new<F>(script: impl Fn(Number, Context) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        Self { script: Arc::new(move |number, job| Box::pin(script(number, job))), timeout: HOUR }
    }

    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

impl Worker for Act {
    type Args = Number;
    const NAME: &'static str = "Act";
    const QUEUE: &'static str = "acts";
    const MAX_ATTEMPTS: u32 = 3;

    async fn perform(&self, args: Number, job: &Context) -> Outcome {
        (self.script)(args, job.clone()).await
    }

    fn timeout(&self) -> Duration {
        self.timeout
    }

    async fn discarded(&self, tx: &mut Tx, args: Number, _reason: &str) -> Result<(), HookError> {
        note(tx, args.n).await?;
        Ok(())
    }
}

/// A job that stands for a row of a product. No worker serves its queue.
pub struct Note;

impl Worker for Note {
    type Args = Number;
    const NAME: &'static str = "Note";
    const QUEUE: &'static str = "notes";

    async fn perform(&self, _args: Number, _job: &Context) -> Outcome {
        Outcome::Complete
    }
}

pub async fn note(tx: &mut Tx, n: u32) -> Result<(), queue::Error> {
    enqueue::<Note>(tx, &Number { n }, START).await.map(drop)
}

/// The recorded numbers, in the order of insertion.
pub async fn notes(db: &Db) -> Vec<u32> {
    let mut tx = db.snapshot().await.expect("a snapshot");
    let sql = db::sql!("select args from jobs where worker = 'Note' order by id");
    let rows = tx.all(sql, db::params![]).await.expect("the notes");
    let number = |text: String| serde_json::from_str::<Number>(&text).expect("a number").n;
    rows.iter().map(|row| number(row.text("args").expect("args"))).collect()
}

/// A queue on node `node` that only notifications wake.
pub fn queue(db: &Db, clock: &Clock, node: &str, act: Act) -> Queue {
    Queue::new(db.clone(), clock.clone(), node.to_owned()).register(act).poll_interval(HOUR).lease(HOUR)
}

pub async fn add(db: &Db, n: u32) -> JobId {
    let mut tx = db.begin().await.expect("a transaction");
    let id = enqueue::<Act>(&mut tx, &Number { n }, START).await.expect("enqueued");
    tx.commit().await.expect("committed");
    id
}

pub async fn job(db: &Db, id: JobId) -> Job {
    let mut tx = db.snapshot().await.expect("a snapshot");
    find(&mut tx, id).await.expect("found").expect("the job exists")
}

/// The ended attempts of a node. Keeps events until the test asks for them.
pub struct Events {
    receiver: broadcast::Receiver<AttemptEnded>,
    kept: VecDeque<AttemptEnded>,
}

impl Events {
    pub fn subscribe(node: &Running) -> Self {
        Self { receiver: node.subscribe(), kept: VecDeque::new() }
    }

    /// Waits for the next event of `id`, whatever events of other jobs come before it.
    pub async fn next(&mut self, id: JobId) -> AttemptEnded {
        loop {
            if let Some(at) = self.kept.iter().position(|ending| ending.id == id) {
                return self.kept.remove(at).expect("it was found");
            }
            self.kept.push_back(soon(self.receiver.recv()).await.expect("an ending"));
        }
    }
}

/// Fails if `wait` takes longer than [`TIMEOUT`].
pub async fn soon<F: Future>(wait: F) -> F::Output {
    tokio::time::timeout(TIMEOUT, wait).await.expect("it happens within half a minute")
}
