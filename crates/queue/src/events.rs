//! Reports ended attempts: to subscribers, to the meters and to the log.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::{
    job::{Job, JobId, State},
    metrics::Times,
    slot_pools::SlotPools,
};

/// How many events a slow subscriber may lag behind.
const BUFFERED_EVENTS: usize = 1_024;

/// An attempt that ended on this node; see [`Running::subscribe`](crate::Running::subscribe).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptEnded {
    /// The job's id.
    pub id: JobId,
    /// The name of the job's worker.
    pub worker: String,
    /// The number of the attempt.
    pub attempt: u32,
    /// The job's state after the attempt.
    pub state: State,
}

/// Sends the events of one node.
pub(crate) struct Events {
    pools: Arc<SlotPools>,
    sender: broadcast::Sender<AttemptEnded>,
}

impl Events {
    pub(crate) fn new(pools: Arc<SlotPools>) -> Self {
        Self { pools, sender: broadcast::Sender::new(BUFFERED_EVENTS) }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<AttemptEnded> {
        self.sender.subscribe()
    }

    /// Reports that an attempt has moved its job to `state`; `times` is `None` if it ran elsewhere.
    pub(crate) fn report(&self, job: &Job, state: State, times: Option<Times>) {
        if state == State::Discarded {
            tracing::error!(job = %job.id, worker = %job.worker, attempt = job.attempt, "a job was discarded");
        } else {
            tracing::debug!(job = %job.id, worker = %job.worker, attempt = job.attempt, %state, "an attempt ended");
        }
        if let Some(pool) = self.pools.find(&job.queue) {
            pool.meter.record(state, times);
        }
        if self.sender.receiver_count() == 0 {
            return;
        }
        // It fails if the last subscriber has just gone.
        let _ = self.sender.send(AttemptEnded { id: job.id, worker: job.worker.clone(), attempt: job.attempt, state });
    }
}
