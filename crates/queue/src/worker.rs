//! The trait that a program implements for each kind of job.

use std::{future::Future, time::Duration};

use db::Tx;
use serde::{Serialize, de::DeserializeOwned};

use crate::{backoff, context::Context, error::HookError};

/// A kind of job. Register it with [`Queue::register`](crate::Queue::register) and enqueue jobs with
/// [`enqueue`](crate::enqueue()).
///
/// A job may briefly run twice at the same time, if its node was cut off for longer than a lease; so every
/// transaction in which an attempt writes calls [`Context::fence`].
pub trait Worker: Send + Sync + 'static {
    /// The arguments of a job. They are stored as JSON.
    type Args: Serialize + DeserializeOwned + Send + Sync;
    /// The worker's name in the database, by convention `VerbNoun`. Jobs that wait under an old name are not
    /// found after a rename.
    const NAME: &'static str;
    /// The queue that the worker's jobs wait in.
    const QUEUE: &'static str;
    /// The number of failed attempts after which a job is discarded.
    const MAX_ATTEMPTS: u32 = 20;
    /// The version of the arguments' format. Increase it when `Args` changes, and convert older arguments in
    /// [`upgrade`](Worker::upgrade). A node that claims a job with a newer version than its own leaves it to
    /// the nodes that know the version. If there is none, it waits a few minutes for one to join and then
    /// discards the job, as it does for an unknown worker
    /// (`a_job_that_a_newer_node_supports_is_not_discarded`).
    const VERSION: u32 = 1;

    /// Runs one attempt. No transaction is open while it runs. A panic becomes an [`Outcome::Retry`] whose
    /// message has the file and line.
    fn perform(&self, args: Self::Args, job: &Context) -> impl Future<Output = Outcome> + Send;

    /// Converts arguments of an older [`VERSION`](Worker::VERSION) to the current format.
    ///
    /// # Errors
    /// A message with which the job is discarded. It must not quote the arguments.
    fn upgrade(version: u32, args: serde_json::Value) -> Result<serde_json::Value, String> {
        let _ = version;
        Ok(args)
    }

    /// Returns how long to wait after the `failures`-th failure, counted from 1. The queue adds up to one
    /// half of it as jitter, so that jobs that failed together do not retry together.
    fn backoff(&self, failures: u32) -> Duration {
        backoff::exponential(failures)
    }

    /// Returns how long an attempt may run before it is aborted and counts as failed.
    fn timeout(&self) -> Duration {
        Duration::from_secs(300)
    }

    /// Runs inside the transaction that discards a job, after the last attempt or an [`Outcome::Discard`], so
    /// that the product can record the failure atomically. Not called when the arguments cannot be decoded or
    /// the worker is unknown.
    ///
    /// # Errors
    /// An error keeps the job from being discarded. A node tries again after a lease.
    fn discarded(
        &self,
        tx: &mut Tx,
        args: Self::Args,
        reason: &str,
    ) -> impl Future<Output = Result<(), HookError>> + Send {
        let _ = (tx, args, reason);
        std::future::ready(Ok(()))
    }
}

/// The result of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The job is done.
    Complete,
    /// The job is done, and this result is stored with it for the jobs that depend on it.
    CompleteWith(serde_json::Value),
    /// The job runs again after this time. A snooze uses up no attempt.
    Snooze(Duration),
    /// The attempt failed with this message. The job is retried after the back-off, or discarded after the
    /// last attempt.
    Retry(String),
    /// The job is canceled, with this reason.
    Cancel(String),
    /// The job is discarded with this message, because another attempt would fail too.
    Discard(String),
}

impl Outcome {
    /// Creates an [`Outcome::Retry`] from an error and its sources. The text is stored with the job, so no
    /// error message may contain confidential data.
    #[must_use]
    pub fn retry(error: &dyn std::error::Error) -> Self {
        Self::Retry(causes(error))
    }

    /// Creates an [`Outcome::Discard`] from an error and its sources, as [`Outcome::retry`] does.
    #[must_use]
    pub fn discard(error: &dyn std::error::Error) -> Self {
        Self::Discard(causes(error))
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
