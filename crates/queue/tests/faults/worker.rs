//! The workers of the nodes, correct or broken on purpose.

use std::time::Duration;

use db::{Db, params, sql};
use queue::{Context, Error, Outcome, State, Worker, admin, enqueue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::history::{Event, History};

/// What the workers do wrong, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    /// Writes the effect behind the fence and completes in the same transaction.
    Correct,
    /// Writes the effect without checking the fence.
    WithoutFence,
    /// Completes the job before it writes the effect.
    CompletedFirst,
    /// Records the start of each attempt twice.
    StartsTwice,
    /// Commits what should be rolled back.
    CommitsAll,
    /// Makes a completed job available again.
    Revives,
}

impl Behavior {
    pub const ALL: [Self; 6] =
        [Self::Correct, Self::WithoutFence, Self::CompletedFirst, Self::StartsTwice, Self::CommitsAll, Self::Revives];

    pub fn parse(name: &str) -> Self {
        Self::ALL.into_iter().find(|behavior| format!("{behavior:?}") == name).expect("a behavior of this name")
    }
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct EffectArgs {
    pub ms: u64,
    /// How many attempts fail first.
    pub failures: u32,
    /// Whether the first attempt snoozes.
    pub snoozes: bool,
    /// Whether it enqueues a job in a transaction that is rolled back or dies with the process.
    pub rolls_back: bool,
    /// How many bytes to write with the effect.
    pub bytes: usize,
}

/// What the workers of a node share.
#[derive(Clone)]
pub struct Shared {
    pub db: Db,
    pub behavior: Behavior,
    pub history: History,
}

/// Writes an effect.
pub struct Effect(pub Shared);
/// Version 1 of the worker, which ignores arguments that it does not know.
pub struct OldEffect(pub Shared);
/// A worker that the older version of the program does not have.
pub struct Novel(pub Shared);
/// Enqueued only in transactions that are rolled back, so it never runs.
pub struct Never(pub Shared);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct OldArgs {
    pub ms: u64,
}

/// More attempts than a run can use up, because no killed process may end a job.
const MANY_ATTEMPTS: u32 = 100_000;
const PAUSE: Duration = Duration::from_millis(50);

impl Worker for Effect {
    type Args = EffectArgs;
    const NAME: &'static str = "Effect";
    const QUEUE: &'static str = "effects";
    const MAX_ATTEMPTS: u32 = MANY_ATTEMPTS;
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
    const MAX_ATTEMPTS: u32 = MANY_ATTEMPTS;

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
    const MAX_ATTEMPTS: u32 = MANY_ATTEMPTS;

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

impl Shared {
    async fn act(&self, args: EffectArgs, job: &Context, worker: &str) -> Outcome {
        self.history.note(Event::Started, job, worker);
        if self.behavior == Behavior::StartsTwice {
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
            return Ok(Outcome::Retry("as requested".to_owned()));
        }
        if self.behavior == Behavior::CompletedFirst {
            self.complete(job).await?;
        }
        let work = Duration::from_millis(args.ms);
        if args.rolls_back {
            self.enqueue_and_roll_back(job, work / 4).await?;
        }
        tokio::time::sleep(work).await;
        self.take_effect(job, args.bytes).await?;
        if self.behavior == Behavior::Revives && job.attempt() == 1 {
            let mut tx = self.db.begin().await?;
            admin::retry(&mut tx, job.id(), job.clock().now_ms()).await?;
            tx.commit().await?;
        }
        Ok(Outcome::Complete)
    }

    /// Enqueues a job that must never run. The process may be killed before the rollback.
    async fn enqueue_and_roll_back(&self, job: &Context, work: Duration) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        enqueue::<Never>(&mut tx, &(), job.clock().now_ms()).await?;
        tokio::time::sleep(work).await;
        if self.behavior == Behavior::CommitsAll {
            tx.commit().await?;
        }
        Ok(())
    }

    async fn take_effect(&self, job: &Context, bytes: usize) -> Result<(), Error> {
        let fenced = !matches!(self.behavior, Behavior::WithoutFence | Behavior::CompletedFirst);
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

/// Records how many jobs of its batch had completed.
pub struct CallBack(pub Shared);

impl Worker for CallBack {
    type Args = ();
    const NAME: &'static str = "CallBack";
    const QUEUE: &'static str = "effects";
    const MAX_ATTEMPTS: u32 = MANY_ATTEMPTS;

    async fn perform(&self, _args: (), job: &Context) -> Outcome {
        self.0.history.note(Event::Started, job, Self::NAME);
        let seen = async {
            let mut tx = self.0.db.snapshot().await?;
            let dependencies = job.dependencies(&mut tx).await?;
            Ok::<_, Error>(dependencies.iter().filter(|dependency| dependency.state == Some(State::Completed)).count())
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
