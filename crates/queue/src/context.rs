//! What an attempt knows of itself, and how it proves that it still owns its job.

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

/// The running attempt of a job; cheap to clone.
#[derive(Clone, Debug)]
pub struct Context(Arc<Attempt>);

#[derive(Debug)]
struct Attempt {
    owner: Owner,
    max_attempts: u32,
    clock: Clock,
    /// How long the job waited, in milliseconds.
    waited: u64,
    /// When the attempt began, by [`Clock::elapsed_ms`].
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

    /// The job.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.0.owner.id
    }

    /// Which attempt this is, from 1; grows with every claim, also after a snooze.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.0.owner.attempt
    }

    /// Whether a failure of this attempt discards the job.
    #[must_use]
    pub fn is_last_attempt(&self) -> bool {
        self.0.owner.attempt >= self.0.max_attempts
    }

    /// The process that runs it.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.0.owner.node
    }

    /// The queue's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Fires when the attempt should end: its job was taken over, its job cancelled, its time is up or
    /// its node stops. Soon after it is aborted.
    #[must_use]
    pub fn cancellation(&self) -> &CancellationToken {
        &self.0.cancellation
    }

    /// Checks in the caller's transaction that this attempt still owns its job, and locks the job
    /// until the transaction ends. Everything an attempt writes is written behind this:
    /// `a_taken_over_attempt_can_write_nothing`.
    ///
    /// # Errors
    /// [`Error::LostLease`]: roll back and return.
    pub async fn fence(&self, tx: &mut Tx) -> Result<(), Error> {
        store::fence(tx, &self.0.owner).await
    }

    /// Completes the job in the caller's transaction, together with the attempt's last write. The
    /// attempt then returns [`Outcome::Complete`](crate::Outcome::Complete), which changes nothing
    /// more.
    ///
    /// # Errors
    /// [`Error::LostLease`]: roll back and return.
    pub async fn complete(&self, tx: &mut Tx) -> Result<(), Error> {
        let change = JobUpdate::ended(State::Completed, self.0.clock.now_ms());
        // Said first, so that the heartbeat does not take the commit for a lost lease.
        self.0.completed.store(true, Ordering::Release);
        let settled = store::transition(tx, &self.0.owner, &change).await;
        self.0.completed.store(settled.is_ok(), Ordering::Release);
        settled
    }

    /// What this job waited for, in the order of insertion: how each ended, and what it recorded.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn dependencies(&self, tx: &mut Tx) -> Result<Vec<Dependency>, Error> {
        store::dependencies_of(tx, self.0.owner.id).await
    }

    pub(crate) fn owner(&self) -> &Owner {
        &self.0.owner
    }

    /// How long the job waited for this attempt, and how long that has taken.
    pub(crate) fn times(&self) -> Times {
        Times { wait: self.0.waited, run: elapsed(self.0.began, self.0.clock.elapsed_ms()) }
    }

    /// Whether the attempt completed its job itself (unless that transaction was rolled back).
    pub(crate) fn has_completed(&self) -> bool {
        self.0.completed.load(Ordering::Acquire)
    }
}

/// From one time to the other, in milliseconds; nothing where a clock was set back meanwhile.
fn elapsed(from: i64, to: i64) -> u64 {
    u64::try_from(to.saturating_sub(from)).unwrap_or(0)
}
