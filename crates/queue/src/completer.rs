//! Writes down what has completed, many attempts in one statement.
//!
//! A completed attempt frees its slot at once and waits here for a moment; its job stays
//! `executing` meanwhile, and its node's beat keeps it. What a crash takes from here runs again, as
//! whatever ran during a crash does. Other endings are rare and are written one by one
//! (`transition`).

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    job::{Job, JobId, State},
    metrics::Times,
    node::{Node, RunningGuard},
    store::{self, CHANNEL},
    transition::report,
};

/// So many may wait at least; then attempts keep their slots until there is capacity.
const MIN_CAPACITY: usize = 1_000;
const MIN_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_secs(2);
/// So often a stopping node tries; then its jobs run again on another one.
const MAX_TRIES_WHEN_STOPPING: u32 = 6;

/// Completed attempts that are not written down yet.
pub(crate) struct CompletionBatch {
    waiting: Mutex<Vec<Completed>>,
    capacity: Arc<Semaphore>,
    wake: Notify,
}

struct Completed {
    job: Job,
    entry: RunningGuard,
    times: Times,
    _permit: Option<OwnedSemaphorePermit>,
}

impl CompletionBatch {
    pub(crate) fn new(slots: usize) -> Self {
        let capacity = MIN_CAPACITY.max(2 * slots);
        Self { waiting: Mutex::default(), capacity: Arc::new(Semaphore::new(capacity)), wake: Notify::new() }
    }

    /// Leaves a completed attempt to the settler; waits while there is no capacity.
    pub(crate) async fn push(&self, job: Job, entry: RunningGuard) {
        // The semaphore is never closed.
        let times = entry.context.times();
        let capacity = Arc::clone(&self.capacity).acquire_owned().await.ok();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(Completed {
            job,
            entry,
            times,
            _permit: capacity,
        });
        self.wake.notify_one();
    }

    fn take(&self) -> Vec<Completed> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Settles until it is stopped and nothing waits any more.
pub(crate) async fn run(node: Arc<Node>, stopping: CancellationToken) -> Result<(), Error> {
    loop {
        let batch = node.completions.take();
        if !batch.is_empty() {
            complete(&node, batch, &stopping).await;
        } else if stopping.is_cancelled() {
            return Ok(());
        } else {
            tokio::select! {
                () = node.completions.wake.notified() => {}
                () = stopping.cancelled() => {}
            }
        }
    }
}

async fn complete(node: &Arc<Node>, batch: Vec<Completed>, stopping: &CancellationToken) {
    let attempts: Vec<_> = batch.iter().map(|each| (each.job.id, each.job.attempt)).collect();
    let Some(completed) = write(node, &attempts, stopping).await else {
        tracing::error!(jobs = batch.len(), "completed jobs could not be completed; they run again");
        return;
    };
    for queue in queues_with_global_limit(node, &batch) {
        node.db.notify(CHANNEL, queue);
    }
    for Completed { job, entry, times, .. } in batch {
        if completed.contains(&job.id) || entry.context.has_completed() {
            report(node, &job, State::Completed, Some(times));
        } else {
            tracing::warn!(job = %job.id, attempt = job.attempt, "an attempt completed a job that it owned no more");
        }
    }
}

/// The queues in which other nodes' jobs waited for these to end.
fn queues_with_global_limit(node: &Node, batch: &[Completed]) -> HashSet<String> {
    let limited = node.pools.iter().filter(|pool| pool.is_limited_globally());
    limited
        .filter(|pool| batch.iter().any(|each| each.job.queue == pool.queue))
        .map(|pool| pool.queue.clone())
        .collect()
}

/// Through any trouble of the database: nobody else knows that these jobs are done.
async fn write(node: &Node, attempts: &[(JobId, u32)], stopping: &CancellationToken) -> Option<HashSet<JobId>> {
    let (mut pause, mut last_tries) = (MIN_PAUSE, 0);
    while last_tries < MAX_TRIES_WHEN_STOPPING {
        match store::complete(&node.db, &node.name, attempts, node.clock.now_ms()).await {
            Ok(completed) => return Some(completed),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "completed jobs are completed again soon");
            }
        }
        last_tries += u32::from(stopping.is_cancelled());
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(MAX_PAUSE);
    }
    None
}

#[cfg(test)]
mod tests;
