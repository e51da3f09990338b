//! Writes down what has completed, many attempts in one statement.
//!
//! A completed attempt frees its slot at once and waits here for a moment; its job stays
//! `executing` meanwhile, and its node's beat keeps it. What a crash takes from here runs again, as
//! whatever ran during a crash does. Other endings are rare and are written one by one
//! (`settlement`).

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
    node::{Entry, Node},
    settlement::announce,
    store::{self, CHANNEL},
};

/// So many may wait at least; then attempts keep their slots until there is room.
const ROOM: usize = 1_000;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// So often a stopping node tries; then its jobs run again on another one.
const LAST_TRIES: u32 = 6;

/// Completed attempts that are not written down yet.
pub(crate) struct Outbox {
    waiting: Mutex<Vec<Completed>>,
    room: Arc<Semaphore>,
    wake: Notify,
}

struct Completed {
    job: Job,
    entry: Entry,
    times: Times,
    _room: Option<OwnedSemaphorePermit>,
}

impl Outbox {
    pub(crate) fn new(slots: usize) -> Self {
        let room = ROOM.max(2 * slots);
        Self { waiting: Mutex::default(), room: Arc::new(Semaphore::new(room)), wake: Notify::new() }
    }

    /// Leaves a completed attempt to the settler; waits while there is no room.
    pub(crate) async fn post(&self, job: Job, entry: Entry) {
        // The semaphore is never closed.
        let times = entry.context.times();
        let room = Arc::clone(&self.room).acquire_owned().await.ok();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(Completed { job, entry, times, _room: room });
        self.wake.notify_one();
    }

    fn take(&self) -> Vec<Completed> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Settles until it is stopped and nothing waits any more.
pub(crate) async fn run(node: Arc<Node>, stopping: CancellationToken) -> Result<(), Error> {
    loop {
        let batch = node.outbox.take();
        if !batch.is_empty() {
            settle(&node, batch, &stopping).await;
        } else if stopping.is_cancelled() {
            return Ok(());
        } else {
            tokio::select! {
                () = node.outbox.wake.notified() => {}
                () = stopping.cancelled() => {}
            }
        }
    }
}

async fn settle(node: &Arc<Node>, batch: Vec<Completed>, stopping: &CancellationToken) {
    let attempts: Vec<_> = batch.iter().map(|each| (each.job.id, each.job.attempt)).collect();
    let Some(settled) = write(node, &attempts, stopping).await else {
        tracing::error!(jobs = batch.len(), "completed jobs could not be settled; they run again");
        return;
    };
    for queue in queues_that_wait(node, &batch) {
        node.db.notify(CHANNEL, queue);
    }
    for Completed { job, entry, times, .. } in batch {
        if settled.contains(&job.id) || entry.context.has_completed() {
            announce(node, &job, State::Completed, Some(times));
        } else {
            tracing::warn!(job = %job.id, attempt = job.attempt, "an attempt completed a job that it owned no more");
        }
    }
}

/// The queues in which other nodes' jobs waited for these to end.
fn queues_that_wait(node: &Node, batch: &[Completed]) -> HashSet<String> {
    let limited = node.lanes.iter().filter(|lane| lane.is_limited_globally());
    limited
        .filter(|lane| batch.iter().any(|each| each.job.queue == lane.queue))
        .map(|lane| lane.queue.clone())
        .collect()
}

/// Through any trouble of the database: nobody else knows that these jobs are done.
async fn write(node: &Node, attempts: &[(JobId, u32)], stopping: &CancellationToken) -> Option<HashSet<JobId>> {
    let (mut pause, mut last_tries) = (FIRST_PAUSE, 0);
    while last_tries < LAST_TRIES {
        match store::complete(&node.db, &node.name, attempts, node.clock.now_ms()).await {
            Ok(settled) => return Some(settled),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "completed jobs are settled again soon");
            }
        }
        last_tries += u32::from(stopping.is_cancelled());
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    None
}

#[cfg(test)]
mod tests;
