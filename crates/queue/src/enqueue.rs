//! New jobs, inside the caller's transaction.

use std::marker::PhantomData;

use db::Tx;

use crate::{
    error::Error,
    job::JobId,
    store::{self, Insert},
    worker::Worker,
};

/// Enqueues a job to run at once. It exists when the caller's transaction commits, and starts then.
///
/// # Errors
/// [`Error::Arguments`], [`Error::Database`].
pub async fn enqueue<W: Worker>(tx: &mut Tx, args: &W::Args, at_ms: i64) -> Result<JobId, Error> {
    Ok(NewJob::<W>::new(args)?.insert(tx, at_ms).await?.id())
}

/// A job to be.
#[derive(Debug)]
pub struct NewJob<W> {
    args: String,
    priority: u8,
    scheduled_at: Option<i64>,
    unique_key: Option<String>,
    worker: PhantomData<fn() -> W>,
}

impl<W: Worker> NewJob<W> {
    /// A job with these arguments.
    ///
    /// # Errors
    /// [`Error::Arguments`] when they have no JSON form.
    pub fn new(args: &W::Args) -> Result<Self, Error> {
        let args = serde_json::to_string(args).map_err(|source| Error::Arguments { worker: W::NAME, source })?;
        Ok(Self { args, priority: 0, scheduled_at: None, unique_key: None, worker: PhantomData })
    }

    /// From 0 (most urgent, the default) to 9; larger numbers count as 9.
    #[must_use]
    pub fn priority(self, priority: u8) -> Self {
        Self { priority: priority.min(9), ..self }
    }

    /// Not before this moment, in milliseconds since 1970.
    #[must_use]
    pub fn scheduled_at(self, at_ms: i64) -> Self {
        Self { scheduled_at: Some(at_ms), ..self }
    }

    /// At most one job of this worker with this key that has not ended. The database sees to it; a
    /// duplicate does not abort the caller's transaction.
    #[must_use]
    pub fn unique(self, key: &str) -> Self {
        Self { unique_key: Some(format!("{}:{key}", W::NAME)), ..self }
    }

    /// Inserts it in the caller's transaction; `now_ms` is the time.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn insert(self, tx: &mut Tx, now_ms: i64) -> Result<Enqueued, Error> {
        let row = Insert {
            queue: W::QUEUE,
            worker: W::NAME,
            args: self.args,
            priority: self.priority,
            max_attempts: W::MAX_ATTEMPTS.max(1),
            unique_key: self.unique_key,
            now: now_ms,
            scheduled_at: self.scheduled_at.unwrap_or(now_ms),
        };
        Ok(match store::insert(tx, &row).await? {
            Ok(id) => Enqueued::New(id),
            Err(id) => Enqueued::Existing(id),
        })
    }
}

/// What became of a [`NewJob`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It was inserted.
    New(JobId),
    /// This job has its unique key and has not ended.
    Existing(JobId),
}

impl Enqueued {
    /// The job, new or not.
    #[must_use]
    pub const fn id(self) -> JobId {
        match self {
            Self::New(id) | Self::Existing(id) => id,
        }
    }
}
