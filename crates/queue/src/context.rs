//! What a worker knows about the running attempt, and the fence that proves that it still owns its job.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use db::{Clock, Tx};
use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    job::{Job, JobId, State},
    metrics::Times,
    store::{self, Dependency, JobUpdate, Owner},
};

/// The running attempt of a job. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Context(Arc<Attempt>);

#[derive(Debug)]
struct Attempt {
    owner: Owner,
    max_attempts: u32,
    clock: Clock,
    /// How long the job waited for this attempt, in milliseconds.
    waited: u64,
    /// The start of the attempt, by [`Clock::elapsed_ms`].
    began: i64,
    cancellation: CancellationToken,
    completed: AtomicBool,
}

impl Context {
    pub(crate) fn new(job: &Job, owner: Owner, clock: Clock) -> Self {
        Self(Arc::new(Attempt {
            owner,
            max_attempts: job.max_attempts,
            waited: elapsed(job.scheduled_at, clock.now_ms()),
            began: clock.elapsed_ms(),
            clock,
            cancellation: CancellationToken::new(),
            completed: AtomicBool::new(false),
        }))
    }

    /// Returns the id of the job.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.0.owner.id
    }

    /// Returns the number of this attempt, from 1. It grows with every claim, including those after a snooze.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.0.owner.attempt
    }

    /// Returns whether a failure of this attempt discards the job.
    #[must_use]
    pub fn is_last_attempt(&self) -> bool {
        self.0.owner.attempt >= self.0.max_attempts
    }

    /// Returns the name of the node that runs the attempt.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.0.owner.node
    }

    /// Returns the queue's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Returns the token that is canceled when the attempt should end: another node took the job over, the
    /// job was canceled or has timed out, or the node is stopping. Shortly afterwards the attempt is aborted.
    #[must_use]
    pub fn cancellation(&self) -> &CancellationToken {
        &self.0.cancellation
    }

    /// Checks in the caller's transaction that this attempt still owns its job, and locks the job until the
    /// transaction ends. Call it in every transaction in which an attempt writes
    /// (`an_attempt_that_lost_its_job_writes_nothing`).
    ///
    /// # Errors
    /// [`Error::LostLease`]: roll back and return. [`Error::Database`].
    pub async fn fence(&self, tx: &mut Tx) -> Result<(), Error> {
        store::fence(tx, &self.0.owner).await
    }

    /// Completes the job in the caller's transaction, together with the attempt's last write. The attempt
    /// then returns [`Outcome::Complete`](crate::Outcome::Complete), which has no further effect.
    ///
    /// # Errors
    /// [`Error::LostLease`]: roll back and return. [`Error::Database`].
    pub async fn complete(&self, tx: &mut Tx) -> Result<(), Error> {
        let update = JobUpdate::ended(State::Completed, self.0.clock.now_ms());
        // Set before the write, so that a heartbeat does not take the commit for a lost lease.
        self.0.completed.store(true, Ordering::Release);
        let written = store::transition(tx, &self.0.owner, &update).await;
        self.0.completed.store(written.is_ok(), Ordering::Release);
        written
    }

    /// Returns the jobs that this job waited for, in the order of their ids: the state and the result of
    /// each.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn dependencies(&self, tx: &mut Tx) -> Result<Vec<Dependency>, Error> {
        store::dependencies_of(tx, self.0.owner.id).await
    }

    pub(crate) fn owner(&self) -> &Owner {
        &self.0.owner
    }

    /// How long the job waited for this attempt, and how long the attempt has run.
    pub(crate) fn times(&self) -> Times {
        Times { wait: self.0.waited, run: elapsed(self.0.began, self.0.clock.elapsed_ms()) }
    }

    /// Whether the attempt has completed its job with [`complete`](Context::complete). Also true if that
    /// transaction was rolled back later.
    pub(crate) fn has_completed(&self) -> bool {
        self.0.completed.load(Ordering::Acquire)
    }
}

/// Milliseconds from one time to another; 0 if the clock was set back in between.
fn elapsed(from: i64, to: i64) -> u64 {
    u64::try_from(to.saturating_sub(from)).unwrap_or(0)
}
