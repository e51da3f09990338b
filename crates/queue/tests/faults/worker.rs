//! What the nodes' jobs do: right, or broken on purpose.

use std::time::Duration;

use db::{Db, params, sql};
use queue::{Context, Error, Outcome, State, Worker, admin, enqueue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::history::{Event, History};

/// How the workers go about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Effect and completion behind the fence, in one transaction.
    Right,
    /// The effect is written by whoever is done.
    WithoutFence,
    /// The job completes, then the effect is written.
    CompletedFirst,
    /// An attempt begins, and begins again.
    StartsTwice,
    /// What should be rolled back is committed.
    KeepsAll,
    /// A job that has completed is made available again.
    Revives,
}

impl Way {
    pub const ALL: [Self; 6] =
        [Self::Right, Self::WithoutFence, Self::CompletedFirst, Self::StartsTwice, Self::KeepsAll, Self::Revives];

    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|way| format!("{way:?}") == name).expect("a way of this name")
    }
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct EffectArgs {
    pub ms: u64,
    /// So many attempts fail first, and back off.
    pub failures: u32,
    /// Whether it waits for a moment first, in a snooze.
    pub snoozes: bool,
    /// Whether it enqueues a job in a transaction that is rolled back, or that dies with the process.
    pub forsakes: bool,
    /// So many bytes are written with the effect.
    pub bytes: usize,
}

/// What the workers of one node share.
#[derive(Clone)]
pub struct Hands {
    pub db: Db,
    pub way: Way,
    pub history: History,
}

/// Writes a row.
pub struct Effect(pub Hands);
/// As a program of yesterday knew it: it would do what it does not understand by halves.
pub struct OldEffect(pub Hands);
/// Another one, that the program of yesterday does not know.
pub struct Novel(pub Hands);
/// Its transactions are rolled back, so it never runs.
pub struct Never(pub Hands);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct OldArgs {
    pub ms: u64,
}

/// Deaths are what this is about; none of them may end a job.
const MOST: u32 = 100_000;
const PAUSE: Duration = Duration::from_millis(50);

impl Worker for Effect {
    type Args = EffectArgs;
    const NAME: &'static str = "Effect";
    const QUEUE: &'static str = "effects";
    const MAX_ATTEMPTS: u32 = MOST;
    const VERSION: u32 = 2;

    fn upgrade(_version: u32, args: Value) -> Result<Value, String> {
        Ok(json!(EffectArgs { ms: args["ms"].as_u64().ok_or("no time")?, ..EffectArgs::default() }))
    }

    async fn perform(&self, args: EffectArgs, job: &Context) -> Outcome {
        self.0.act(args, job, Self::NAME).await
    }

    fn backoff(&self, _failures: u32) -> Duration {
        PAUSE
    }
}

impl Worker for OldEffect {
    type Args = OldArgs;
    const NAME: &'static str = "Effect";
    const QUEUE: &'static str = "effects";
    const MAX_ATTEMPTS: u32 = MOST;

    async fn perform(&self, args: OldArgs, job: &Context) -> Outcome {
        self.0.act(EffectArgs { ms: args.ms, ..EffectArgs::default() }, job, Self::NAME).await
    }

    fn backoff(&self, _failures: u32) -> Duration {
        PAUSE
    }
}

impl Worker for Novel {
    type Args = EffectArgs;
    const NAME: &'static str = "Novel";
    const QUEUE: &'static str = "effects";
    const MAX_ATTEMPTS: u32 = MOST;

    async fn perform(&self, args: EffectArgs, job: &Context) -> Outcome {
        self.0.act(args, job, Self::NAME).await
    }

    fn backoff(&self, _failures: u32) -> Duration {
        PAUSE
    }
}

impl Worker for Never {
    type Args = ();
    const NAME: &'static str = "Never";
    const QUEUE: &'static str = "effects";

    async fn perform(&self, (): (), job: &Context) -> Outcome {
        self.0.history.note(Event::Started, job, Self::NAME);
        Outcome::Complete
    }
}

impl Hands {
    async fn act(&self, args: EffectArgs, job: &Context, worker: &str) -> Outcome {
        self.history.note(Event::Started, job, worker);
        if self.way == Way::StartsTwice {
            self.history.note(Event::Started, job, worker);
        }
        let outcome = match self.work(args, job).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::retry(&error),
        };
        let event = match &outcome {
            Outcome::Complete => Event::Completed,
            Outcome::Snooze(_) => Event::Snoozed,
            _ => Event::Failed,
        };
        self.history.note(event, job, if let Outcome::Retry(reason) = &outcome { reason } else { worker });
        outcome
    }

    async fn work(&self, args: EffectArgs, job: &Context) -> Result<Outcome, Error> {
        if args.snoozes && job.attempt() == 1 {
            return Ok(Outcome::Snooze(PAUSE));
        }
        if args.failures >= job.attempt() {
            return Ok(Outcome::Retry("as it was told".to_owned()));
        }
        if self.way == Way::CompletedFirst {
            self.complete(job).await?;
        }
        let work = Duration::from_millis(args.ms);
        if args.forsakes {
            self.forsake(job, work / 4).await?;
        }
        tokio::time::sleep(work).await;
        self.take_effect(job, args.bytes).await?;
        if self.way == Way::Revives && job.attempt() == 1 {
            let mut tx = self.db.begin().await?;
            admin::retry(&mut tx, job.id(), job.clock().now_ms()).await?;
            tx.commit().await?;
        }
        Ok(Outcome::Complete)
    }

    /// Enqueues what shall never run; the process may die before it can roll it back.
    async fn forsake(&self, job: &Context, work: Duration) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        enqueue::<Never>(&mut tx, &(), job.clock().now_ms()).await?;
        tokio::time::sleep(work).await;
        if self.way == Way::KeepsAll {
            tx.commit().await?;
        }
        Ok(())
    }

    async fn take_effect(&self, job: &Context, bytes: usize) -> Result<(), Error> {
        let fenced = !matches!(self.way, Way::WithoutFence | Way::CompletedFirst);
        let mut tx = self.db.begin().await?;
        if fenced {
            job.fence(&mut tx).await?;
        }
        let sql = sql!("insert into effects (job, attempt, node, load) values ($1, $2, $3, $4)");
        tx.execute(sql, params![job.id().0, job.attempt(), job.node(), "x".repeat(bytes)]).await?;
        if fenced {
            job.complete(&mut tx).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn complete(&self, job: &Context) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        job.complete(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}

/// Records how many jobs of its batch took effect before it.
pub struct CallBack(pub Hands);

impl Worker for CallBack {
    type Args = ();
    const NAME: &'static str = "CallBack";
    const QUEUE: &'static str = "effects";
    const MAX_ATTEMPTS: u32 = MOST;

    async fn perform(&self, _args: (), job: &Context) -> Outcome {
        self.0.history.note(Event::Started, job, Self::NAME);
        let seen = async {
            let mut tx = self.0.db.snapshot().await?;
            let needs = job.dependencies(&mut tx).await?;
            Ok::<_, Error>(needs.iter().filter(|need| need.state == Some(State::Completed)).count())
        };
        match seen.await {
            Ok(seen) => Outcome::CompleteWith(seen.into()),
            Err(error) => Outcome::retry(&error),
        }
    }

    fn backoff(&self, _failures: u32) -> Duration {
        PAUSE
    }
}
