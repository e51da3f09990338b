//! A handle that enqueues jobs and lets them start inline on a node of this process.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock, Weak},
};

use db::Tx;

use crate::{
    enqueue::{Enqueued, NewJob, insert_job},
    error::Error,
    inline::InlineStarter,
    job::JobId,
    worker::Worker,
};

/// Enqueues jobs and starts them inline where possible. Cheap to clone; all clones share the node.
///
/// A new handle is not attached to a node, and enqueues as [`enqueue`](crate::enqueue()) does.
/// [`Queue::enqueuer`](crate::Queue::enqueuer) attaches it, and it does not keep the node alive.
#[derive(Clone, Default)]
pub struct Enqueuer(Arc<RwLock<Weak<InlineStarter>>>);

impl fmt::Debug for Enqueuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enqueuer").field("attached", &self.starter().is_some()).finish()
    }
}

impl Enqueuer {
    /// Enqueues a job that starts when the caller's transaction commits; inline if a slot is free, otherwise
    /// when a node claims it. `at_ms` is the time, in milliseconds since 1970.
    ///
    /// # Errors
    /// [`Error::Arguments`], [`Error::Database`].
    pub async fn enqueue<W: Worker>(&self, tx: &mut Tx, args: &W::Args, at_ms: i64) -> Result<JobId, Error> {
        Ok(self.insert(tx, NewJob::<W>::new(args)?, at_ms).await?.id())
    }

    /// Inserts a job as [`NewJob::insert`] does, and starts it inline if it is due and a slot is free.
    ///
    /// # Errors
    /// [`Error::Database`]; [`Error::NoSuchJob`] when it depends on a job that does not exist.
    pub async fn insert<W: Worker>(&self, tx: &mut Tx, job: NewJob<W>, now_ms: i64) -> Result<Enqueued, Error> {
        let (row, dependencies) = job.into_parts(now_ms);
        insert_job(tx, row, dependencies, self.starter().as_deref()).await
    }

    /// Starts jobs inline on this node from now on.
    pub(crate) fn attach(&self, starter: &Arc<InlineStarter>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(starter);
    }

    fn starter(&self) -> Option<Arc<InlineStarter>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).upgrade()
    }
}
