//! What a job does.

use std::{future::Future, time::Duration};

use db::Tx;
use serde::{Serialize, de::DeserializeOwned};

use crate::{backoff, context::Context, error::HookError};

/// A kind of job. Register it with [`Queue::register`](crate::Queue::register), enqueue with
/// [`enqueue`](crate::enqueue).
///
/// An attempt may run twice at the same time for a moment, when its node was cut off for longer
/// than a lease; so everything it writes goes through [`Context::fence`].
pub trait Worker: Send + Sync + 'static {
    /// What an attempt needs to know; kept as JSON.
    type Args: Serialize + DeserializeOwned + Send + Sync;
    /// Its name in the database, `VerbNoun`. Renaming it strands the jobs that wait.
    const NAME: &'static str;
    /// The queue that its jobs wait in.
    const QUEUE: &'static str;
    /// After so many failed attempts a job is discarded.
    const MAX_ATTEMPTS: u32 = 20;
    /// The version of the arguments' form. Raise it when `Args` changes, and read older forms in
    /// [`upgrade`](Worker::upgrade). A node that meets a newer version than its own leaves the job to
    /// the nodes that know it, and where there is none waits for some minutes for one to come, as it does
    /// with an unknown worker; then the job is discarded (`nothing_is_discarded_that_a_newer_node_can_do`).
    const VERSION: u32 = 1;

    /// One attempt. No transaction is open meanwhile. A panic is an [`Outcome::Retry`] that names its file
    /// and line.
    fn perform(&self, args: Self::Args, job: &Context) -> impl Future<Output = Outcome> + Send;

    /// Brings the arguments of an older [`VERSION`](Worker::VERSION) into today's form. An error
    /// discards the job with these words, which must not quote the arguments.
    ///
    /// # Errors
    /// When it cannot be done.
    fn upgrade(version: u32, args: serde_json::Value) -> Result<serde_json::Value, String> {
        let _ = version;
        Ok(args)
    }

    /// How long to wait after the `failures`-th failure (from 1). The queue adds up to a half of
    /// it, by job and attempt, so that jobs that failed together do not come back together.
    fn backoff(&self, failures: u32) -> Duration {
        backoff::exponential(failures)
    }

    /// An attempt that takes longer is stopped and has failed.
    fn timeout(&self) -> Duration {
        Duration::from_secs(300)
    }

    /// Runs inside the transaction that discards a job, so that the product can record the failure
    /// together with it; only after the last attempt or an [`Outcome::Discard`]. Not called when
    /// the arguments cannot be read or the worker is unknown. An error keeps the job from being
    /// discarded; another node, or this one, tries again after a lease.
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

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Complete,
    /// Done, with a result that is kept with the job, and handed to the jobs that wait for it.
    CompleteWith(serde_json::Value),
    /// Not yet; again after this time. Uses up no attempt.
    Snooze(Duration),
    /// Failed for this reason; again after the back-off, or discarded after the last attempt.
    Retry(String),
    /// Pointless now, for this reason.
    Cancel(String),
    /// Failed for this reason, and no other attempt will fare better.
    Discard(String),
}

impl Outcome {
    /// [`Outcome::Retry`] for this error, with all its causes: they are kept with the job, so none of
    /// them may quote what is confidential.
    #[must_use]
    pub fn retry(error: &dyn std::error::Error) -> Self {
        Self::Retry(causes(error))
    }

    /// [`Outcome::Discard`] for this error, with all its causes.
    #[must_use]
    pub fn discard(error: &dyn std::error::Error) -> Self {
        Self::Discard(causes(error))
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
