//! Writes completions, many attempts in one statement.
//!
//! A completed attempt frees its slot immediately and waits here for a moment. Meanwhile its job stays
//! `executing`, and the node's heartbeat keeps it. A crash loses the completions that wait here, and
//! their jobs run again, as do all jobs that run during a crash. Other outcomes are rare and are written
//! one by one (see `transition`).

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::{
    attempts::RunningGuard,
    error::Error,
    events::Events,
    job::{Job, JobId, State},
    metrics::Times,
    node::Node,
    slot_pools::SlotPools,
    store::{self, CHANNEL},
};

/// The batch has room for at least this many completions. While it is full, attempts keep their slots.
const MIN_CAPACITY: usize = 1_000;
const MIN_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_secs(2);
/// How often a stopping node tries to write a batch; then the jobs run again on another node.
const MAX_TRIES_WHEN_STOPPING: u32 = 6;

/// Completed attempts that have not been written yet.
struct CompletionBatch {
    waiting: Mutex<Vec<Completed>>,
    capacity: Arc<Semaphore>,
    wake: Notify,
}

struct Completed {
    job: Job,
    guard: RunningGuard,
    times: Times,
    _permit: Option<OwnedSemaphorePermit>,
}

impl CompletionBatch {
    fn take(&self) -> Vec<Completed> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Collects and writes the completions of a node.
pub(crate) struct Completer {
    node: Arc<Node>,
    pools: Arc<SlotPools>,
    events: Arc<Events>,
    batch: CompletionBatch,
}

impl Completer {
    pub(crate) fn new(node: Arc<Node>, pools: Arc<SlotPools>, events: Arc<Events>) -> Self {
        let capacity = Arc::new(Semaphore::new(MIN_CAPACITY.max(2 * pools.slots())));
        let batch = CompletionBatch { waiting: Mutex::default(), capacity, wake: Notify::new() };
        Self { node, pools, events, batch }
    }

    /// Adds a completed attempt to the batch; waits while the batch is full.
    pub(crate) async fn push(&self, job: Job, guard: RunningGuard) {
        let times = guard.context.times();
        // The semaphore is never closed.
        let permit = Arc::clone(&self.batch.capacity).acquire_owned().await.ok();
        let completed = Completed { job, guard, times, _permit: permit };
        self.batch.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(completed);
        self.batch.wake.notify_one();
    }

    /// Writes batches until it is stopped and the batch is empty.
    pub(crate) async fn run(self: Arc<Self>, stopping: CancellationToken) -> Result<(), Error> {
        loop {
            let batch = self.batch.take();
            if !batch.is_empty() {
                self.complete(batch, &stopping).await;
            } else if stopping.is_cancelled() {
                return Ok(());
            } else {
                tokio::select! {
                    () = self.batch.wake.notified() => {}
                    () = stopping.cancelled() => {}
                }
            }
        }
    }

    async fn complete(&self, batch: Vec<Completed>, stopping: &CancellationToken) {
        let attempts: Vec<_> = batch.iter().map(|each| (each.job.id, each.job.attempt)).collect();
        let Some(completed) = self.write(&attempts, stopping).await else {
            tracing::error!(jobs = batch.len(), "completions could not be written; the jobs run again");
            return;
        };
        for queue in self.globally_limited_queues(&batch) {
            self.node.db.notify(CHANNEL, queue);
        }
        for Completed { job, guard, times, .. } in batch {
            if completed.contains(&job.id) || guard.context.has_completed() {
                self.events.report(&job, State::Completed, Some(times));
            } else {
                tracing::warn!(job = %job.id, attempt = job.attempt, "an attempt completed a job that it had lost");
            }
        }
    }

    /// The queues of these jobs in which the jobs of other nodes may have waited for them.
    fn globally_limited_queues(&self, batch: &[Completed]) -> HashSet<String> {
        let limited = self.pools.iter().filter(|pool| pool.is_limited_globally());
        limited
            .filter(|pool| batch.iter().any(|each| each.job.queue == pool.queue))
            .map(|pool| pool.queue.clone())
            .collect()
    }

    /// Tries again for as long as the database fails, because only this node knows that these jobs are
    /// done.
    async fn write(&self, attempts: &[(JobId, u32)], stopping: &CancellationToken) -> Option<HashSet<JobId>> {
        let (mut pause, mut tries_when_stopping) = (MIN_PAUSE, 0);
        while tries_when_stopping < MAX_TRIES_WHEN_STOPPING {
            match store::complete(&self.node.db, &self.node.name, attempts, self.node.clock.now_ms()).await {
                Ok(completed) => return Some(completed),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "writing completions again soon");
                }
            }
            tries_when_stopping += u32::from(stopping.is_cancelled());
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(MAX_PAUSE);
        }
        None
    }
}

#[cfg(test)]
mod tests;
