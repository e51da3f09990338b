//! Helpers for tests of programs that use the queue: check what was enqueued, and run it immediately.
//!
//! Tests move the time with [`Clock::manual`]; nothing here sleeps or starts tasks that outlive the call. For
//! tests of a running queue, [`Running`](crate::Running) has futures to wait on.

use db::{Clock, Db, Tx, params, sql};
use serde::de::DeserializeOwned;

use crate::{
    claimer,
    enqueue::NewJob,
    error::Error,
    job::{Job, JobId, State},
    queue::Queue,
    services::Services,
    store,
    worker::Worker,
};

/// How many attempts a [`drain`] ran, by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Jobs that completed.
    pub completed: usize,
    /// Attempts that failed and will be retried.
    pub failed: usize,
    /// Jobs that were discarded.
    pub discarded: usize,
    /// Jobs that canceled themselves.
    pub canceled: usize,
    /// Attempts that snoozed.
    pub snoozed: usize,
}

impl Drained {
    /// Returns the number of all attempts.
    #[must_use]
    pub const fn attempts(self) -> usize {
        self.completed + self.failed + self.discarded + self.canceled + self.snoozed
    }

    fn count(&mut self, state: State) {
        match state {
            State::Completed => self.completed += 1,
            State::Discarded => self.discarded += 1,
            State::Canceled => self.canceled += 1,
            State::Scheduled => self.snoozed += 1,
            State::Retryable | State::Available | State::Executing => self.failed += 1,
        }
    }
}

/// Runs every job of this queue's workers that is due, including those that they enqueue, one after the
/// other. Limits, retries and outcomes work as in a running queue. The queue is not started.
///
/// # Errors
/// [`Error::Database`].
pub async fn drain(queue: Queue) -> Result<Drained, Error> {
    let services = queue.into_services();
    let node = &services.node;
    store::heartbeat(&node.db, &node.name, node.started_at, node.started_at, "[]").await?;
    let mut drained = Drained::default();
    while round(&services, &mut drained).await? {}
    store::deregister(&node.db, &node.name).await?;
    node.db.close().await;
    Ok(drained)
}

/// Runs one job of each queue; returns whether any ran.
async fn round(services: &Services, drained: &mut Drained) -> Result<bool, Error> {
    services.stager.stage().await?;
    let mut any = false;
    for pool in services.pools.iter() {
        for job in claimer::poll(&services.node, pool, 1).await?.jobs {
            any = true;
            drained.count(run(services, job).await?);
        }
    }
    Ok(any)
}

async fn run(services: &Services, job: Job) -> Result<State, Error> {
    let id = job.id;
    services.executor.run_here(job).await?;
    let mut tx = services.node.db.snapshot().await?;
    Ok(store::find(&mut tx, id).await?.map_or(State::Canceled, |job| job.state))
}

/// Enqueues a job, runs it immediately under a valid fence, and returns it as stored afterwards.
///
/// # Errors
/// [`Error::Arguments`], [`Error::Database`].
pub async fn perform<W: Worker>(db: &Db, clock: &Clock, worker: W, args: &W::Args) -> Result<Job, Error> {
    let services = Queue::new(db.clone(), clock.clone(), "inline".to_owned()).register(worker).into_services();
    let node = &services.node;
    let mut row = NewJob::<W>::new(args)?.row(clock.now_ms());
    row.start = store::Start::Inline(node.name.clone());
    let mut tx = db.begin().await?;
    let inserted = store::insert(&mut tx, &row).await?;
    let id = inserted.id();
    let job = store::find(&mut tx, id).await?.ok_or(Error::NoSuchJob { id })?;
    tx.commit().await?;
    run(&services, job).await?;
    node.db.close().await;
    let mut tx = db.snapshot().await?;
    store::find(&mut tx, id).await?.ok_or(Error::NoSuchJob { id })
}

/// Returns the arguments of the worker's jobs that have not ended and that the transaction sees, oldest
/// first.
///
/// # Errors
/// [`Error::Database`]; [`Error::Unreadable`] when some arguments cannot be decoded.
pub async fn enqueued<W: Worker>(tx: &mut Tx) -> Result<Vec<W::Args>, Error>
where
    W::Args: DeserializeOwned,
{
    let sql = sql!("select id, args from jobs where worker = $1 and ended_at is null order by id");
    let rows = tx.all(sql, params![W::NAME]).await?;
    rows.iter()
        .map(|row| {
            let id = JobId(row.int("id")?);
            serde_json::from_str(&row.text("args")?).map_err(|_| Error::Unreadable { id, what: "args" })
        })
        .collect()
}

/// Fails unless the worker has a job that has not ended and whose arguments satisfy the closure:
/// `assert_enqueued!(&mut tx, SendMail, |args| args.to == "ada@example.org")`.
#[macro_export]
macro_rules! assert_enqueued {
    ($tx:expr, $worker:ty $(,)?) => {
        $crate::assert_enqueued!($tx, $worker, |_args| true)
    };
    ($tx:expr, $worker:ty, $wanted:expr $(,)?) => {{
        let args = $crate::testing::enqueued::<$worker>($tx).await.expect("the jobs can be read");
        let wanted: fn(&<$worker as $crate::Worker>::Args) -> bool = $wanted;
        assert!(
            args.iter().any(wanted),
            "no job of {} is as wanted among {}",
            <$worker as $crate::Worker>::NAME,
            args.len()
        );
    }};
}

/// Fails if the worker has a job that has not ended and whose arguments satisfy the closure.
#[macro_export]
macro_rules! refute_enqueued {
    ($tx:expr, $worker:ty $(,)?) => {
        $crate::refute_enqueued!($tx, $worker, |_args| true)
    };
    ($tx:expr, $worker:ty, $unwanted:expr $(,)?) => {{
        let args = $crate::testing::enqueued::<$worker>($tx).await.expect("the jobs can be read");
        let unwanted: fn(&<$worker as $crate::Worker>::Args) -> bool = $unwanted;
        assert!(!args.iter().any(unwanted), "a job of {} is enqueued", <$worker as $crate::Worker>::NAME);
    }};
}
