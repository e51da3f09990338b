//! Starts the first attempt of a new job inline, without a claim.
//!
//! Where the node serves the job's queue, no job waits in it and most of its slots are free, the job is
//! inserted as the node's first attempt and starts right after the commit, which saves the claim and its
//! commit. If the commit fails, nothing starts. If the process dies in between, the job is rescued like any
//! job of a dead node.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::{
    control::Control,
    executor::Executor,
    job::{Job, JobId, State},
    liveness::Liveness,
    slot_pool::Permits,
    slot_pools::SlotPools,
    store::Insert,
};

/// Starts jobs inline on one node.
pub(crate) struct InlineStarter {
    pub executor: Arc<Executor>,
    pub pools: Arc<SlotPools>,
    pub liveness: Arc<Liveness>,
    pub control: Arc<Control>,
    pub stopping: CancellationToken,
}

impl InlineStarter {
    /// Reserves a slot for a job that is about to be inserted, if the job is due, a slot is free and the other
    /// nodes take this one for alive.
    pub(crate) fn reserve(&self, row: &Insert) -> Option<Reservation> {
        if row.state() != State::Available
            || self.stopping.is_cancelled()
            || !self.control.has_applied()
            || !self.liveness.has_recent_heartbeat()
            || self.executor.workers.find(row.worker).is_none()
        {
            return None;
        }
        let permit = self.pools.find(row.queue)?.try_acquire_inline()?;
        Some(Reservation { executor: Arc::clone(&self.executor), permit })
    }
}

/// A slot of this process that is reserved for a job while its transaction is open.
pub(crate) struct Reservation {
    executor: Arc<Executor>,
    permit: Permits,
}

impl Reservation {
    /// The name of the node whose slot is reserved.
    pub(crate) fn node(&self) -> &str {
        &self.executor.node.name
    }

    /// Starts the first attempt of the inserted job.
    pub(crate) fn start(self, id: JobId, row: Insert) {
        let job = Job {
            id,
            queue: row.queue.to_owned(),
            worker: row.worker.to_owned(),
            version: row.version,
            args: row.args,
            state: State::Executing,
            attempt: 1,
            max_attempts: row.max_attempts,
            scheduled_at: row.now,
            node: Some(self.node().to_owned()),
            errors: Vec::new(),
            trace: row.trace,
        };
        self.executor.start(self.permit, job);
    }
}
