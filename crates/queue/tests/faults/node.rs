//! A node as a process of its own: this test program once more.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use db::{Clock, Db, params, sql};
use queue::{Context, Outcome, Queue, Worker};
use serde::{Deserialize, Serialize};

/// A node that is silent for so long is given up: short, so that a run has many deaths.
pub const LEASE: Duration = Duration::from_millis(600);

/// How the workers go about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Effect and completion behind the fence, in one transaction.
    Right,
    /// The effect is written by whoever is done.
    WithoutFence,
    /// The job completes, then the effect is written.
    CompletedFirst,
}

const URL: &str = "FAULT_NODE_URL";
const NAME: &str = "FAULT_NODE_NAME";
const WAY: &str = "FAULT_NODE_WAY";
/// Whether the lease is the one that the queue has by itself.
const OWN_LEASE: &str = "FAULT_NODE_OWN_LEASE";

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct EffectArgs {
    pub ms: u64,
}

/// Writes a row.
pub struct Effect {
    db: Db,
    way: Way,
}

impl Worker for Effect {
    type Args = EffectArgs;
    const NAME: &'static str = "Effect";
    const QUEUE: &'static str = "effects";
    /// Deaths are what this is about; none of them may end a job.
    const MAX_ATTEMPTS: u32 = 1_000;

    async fn perform(&self, args: EffectArgs, job: &Context) -> Outcome {
        let work = Duration::from_millis(args.ms);
        let done = match self.way {
            Way::Right => {
                tokio::time::sleep(work).await;
                self.take_effect(job, true).await
            }
            Way::WithoutFence => {
                tokio::time::sleep(work).await;
                self.take_effect(job, false).await
            }
            Way::CompletedFirst => match self.complete(job).await {
                Ok(()) => {
                    tokio::time::sleep(work).await;
                    self.take_effect(job, false).await
                }
                failed => failed,
            },
        };
        match done {
            Ok(()) => Outcome::Complete,
            Err(error) => Outcome::retry(&error),
        }
    }

    fn backoff(&self, _failures: u32) -> Duration {
        Duration::from_millis(50)
    }
}

impl Effect {
    async fn take_effect(&self, job: &Context, fenced: bool) -> Result<(), queue::Error> {
        let mut tx = self.db.begin().await?;
        if fenced {
            job.fence(&mut tx).await?;
        }
        let sql = sql!("insert into effects (job, attempt, node) values ($1, $2, $3)");
        tx.execute(sql, params![job.id().0, job.attempt(), job.node()]).await?;
        if fenced {
            job.complete(&mut tx).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn complete(&self, job: &Context) -> Result<(), queue::Error> {
        let mut tx = self.db.begin().await?;
        job.complete(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}

/// Records how many jobs of its batch took effect before it.
pub struct CallBack {
    db: Db,
}

impl Worker for CallBack {
    type Args = ();
    const NAME: &'static str = "CallBack";
    const QUEUE: &'static str = "effects";
    const MAX_ATTEMPTS: u32 = 1_000;

    async fn perform(&self, _args: (), job: &Context) -> Outcome {
        let seen = async {
            let mut tx = self.db.snapshot().await?;
            let needs = job.needs(&mut tx).await?;
            Ok::<_, queue::Error>(needs.iter().filter(|need| need.state == Some(queue::State::Completed)).count())
        };
        match seen.await {
            Ok(seen) => Outcome::CompleteWith(seen.into()),
            Err(error) => Outcome::retry(&error),
        }
    }

    fn backoff(&self, _failures: u32) -> Duration {
        Duration::from_millis(50)
    }
}

/// What a node's process runs; a test only for the runner.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process of a node, started by the other tests"]
async fn node_process() {
    let Ok(url) = std::env::var(URL) else { return };
    let way = match std::env::var(WAY).unwrap().as_str() {
        "Right" => Way::Right,
        "WithoutFence" => Way::WithoutFence,
        _ => Way::CompletedFirst,
    };
    // PostgreSQL may be starting again.
    let db = loop {
        match Db::open(&url).await {
            Ok(db) => break db,
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    let queue = Queue::new(db.clone(), Clock::system(), std::env::var(NAME).unwrap())
        .register(Effect { db: db.clone(), way })
        .register(CallBack { db: db.clone() })
        .limit("effects", 4);
    let queue = match std::env::var(OWN_LEASE) {
        Ok(_) => queue,
        Err(_) => queue.poll(Duration::from_millis(100)).lease(LEASE),
    };
    let _node = queue.start();
    std::future::pending::<()>().await;
}

/// The processes of one run.
pub struct Nodes {
    url: String,
    way: Way,
    own_lease: bool,
    started: u32,
    running: Vec<(String, Child)>,
}

impl Nodes {
    pub fn new(url: &str, way: Way, nodes: u32) -> Self {
        let mut this = Self { url: url.to_owned(), way, own_lease: false, started: 0, running: Vec::new() };
        (0..nodes).for_each(|_| this.start());
        this
    }

    /// As a program would start them.
    pub fn by_default(url: &str, nodes: u32) -> Self {
        let mut this = Self::new(url, Way::Right, 0);
        this.own_lease = true;
        (0..nodes).for_each(|_| this.start());
        this
    }

    /// One more, under a name that none had before.
    pub fn start(&mut self) {
        self.started += 1;
        let name = format!("node-{}", self.started);
        let mut command = Command::new(std::env::current_exe().unwrap());
        if self.own_lease {
            command.env(OWN_LEASE, "1");
        }
        let child = command
            .args(["--exact", "node::node_process", "--ignored", "--quiet"])
            .env(URL, &self.url)
            .env(NAME, &name)
            .env(WAY, format!("{:?}", self.way))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.running.push((name, child));
    }

    pub fn len(&self) -> usize {
        self.running.len()
    }

    /// `kill -9`, and no farewell.
    pub fn kill(&mut self, at: usize) {
        let (_, mut child) = self.running.remove(at);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub fn kill_by_name(&mut self, name: &str) {
        let at = self.running.iter().position(|(known, _)| known == name).unwrap();
        self.kill(at);
    }

    /// Sends `STOP` or `CONT`.
    pub fn signal(&self, at: usize, signal: &str) {
        let id = self.running[at].1.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap();
        assert!(sent.success(), "{signal} reaches process {id}");
    }

    pub fn kill_all(&mut self) {
        while self.len() > 0 {
            self.kill(0);
        }
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        self.kill_all();
    }
}
