//! The attempts that run on this node.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{context::Context, job::JobId};

/// The running attempts of a node, and the tasks that run them.
#[derive(Default)]
pub(crate) struct Attempts {
    running: Mutex<HashMap<JobId, Context>>,
    tasks: TaskTracker,
    /// Canceled when running attempts should be stopped and handed back.
    handing_back: CancellationToken,
}

impl Attempts {
    /// Spawns the task of an attempt.
    pub(crate) fn spawn(&self, attempt: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(attempt);
    }

    /// Waits until all attempts have ended. Call it once no attempt is spawned any more.
    pub(crate) async fn wait(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Stops the running attempts and hands their jobs back.
    pub(crate) fn hand_back(&self) {
        self.handing_back.cancel();
    }

    pub(crate) async fn handing_back(&self) {
        self.handing_back.cancelled().await;
    }

    /// The attempts whose outcome has not been written yet.
    pub(crate) fn running(&self) -> Vec<Context> {
        self.lock().values().cloned().collect()
    }

    pub(crate) fn find(&self, id: JobId) -> Option<Context> {
        self.lock().get(&id).cloned()
    }

    /// Counts an attempt as running until the guard is dropped.
    pub(crate) fn enter(self: &Arc<Self>, context: Context) -> RunningGuard {
        self.lock().insert(context.id(), context.clone());
        RunningGuard { attempts: Arc::clone(self), context }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, Context>> {
        // The map is consistent whenever the lock is free, even after a panic.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An entry in the map of running attempts, which is removed when the guard is dropped.
pub(crate) struct RunningGuard {
    attempts: Arc<Attempts>,
    pub context: Context,
}

impl Drop for RunningGuard {
    fn drop(&mut self) {
        let mut running = self.attempts.lock();
        // A later attempt of the same job may have replaced the entry.
        if running.get(&self.context.id()).is_some_and(|entry| entry.attempt() == self.context.attempt()) {
            running.remove(&self.context.id());
        }
    }
}
