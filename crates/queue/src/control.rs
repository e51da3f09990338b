//! Overrides of queues at run time: pause, resume and scale, on one node or on all.
//!
//! They are stored in the database, so they survive a restart, and nodes are notified of changes.

use std::sync::Arc;

use db::Tx;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

pub use crate::store::Scope;
use crate::{error::Error, node::Node, slot_pools::SlotPools, store};

/// Pauses `queue`: nothing more is claimed from it, and running jobs continue. The queue may be unknown, so
/// that it can be paused before a node serves it.
///
/// # Errors
/// [`Error::Database`].
pub async fn pause(tx: &mut Tx, queue: &str, scope: Scope<'_>) -> Result<(), Error> {
    store::set_paused(tx, queue, scope, true).await
}

/// Ends a pause of `queue`. A queue that is paused on all nodes stays paused on each of them.
///
/// # Errors
/// [`Error::Database`].
pub async fn resume(tx: &mut Tx, queue: &str, scope: Scope<'_>) -> Result<(), Error> {
    store::set_paused(tx, queue, scope, false).await
}

/// Runs at most `slots` jobs of `queue` at once on each node, or on one node, whose own number takes
/// precedence. `None` restores the program's number, and 0 counts as 1. Running jobs are not stopped.
///
/// # Errors
/// [`Error::Database`].
pub async fn scale(tx: &mut Tx, queue: &str, scope: Scope<'_>, slots: Option<usize>) -> Result<(), Error> {
    store::set_slots(tx, queue, scope, slots.map(|slots| slots.max(1))).await
}

/// Runs at most `slots` jobs of `queue` at once on all nodes together. `None` restores the program's number,
/// and 0 counts as 1.
///
/// # Errors
/// [`Error::Database`].
pub async fn scale_globally(tx: &mut Tx, queue: &str, slots: Option<usize>) -> Result<(), Error> {
    store::set_global_slots(tx, queue, slots.map(|slots| slots.max(1))).await
}

/// Applies the overrides to the slot pools of a node.
pub(crate) struct Control {
    node: Arc<Node>,
    pools: Arc<SlotPools>,
    changed: Notify,
    applied: watch::Sender<u64>,
}

impl Control {
    pub(crate) fn new(node: Arc<Node>, pools: Arc<SlotPools>) -> Self {
        Self { node, pools, changed: Notify::new(), applied: watch::Sender::new(0) }
    }

    /// Reads the overrides now.
    pub(crate) fn check_now(&self) {
        self.changed.notify_one();
    }

    /// Counts how often the overrides have been applied.
    pub(crate) fn applied(&self) -> watch::Receiver<u64> {
        self.applied.subscribe()
    }

    pub(crate) fn has_applied(&self) -> bool {
        *self.applied.borrow() > 0
    }

    /// Waits until the overrides have been applied for the first time.
    pub(crate) async fn first_applied(&self) {
        // `self`, and with it the sender, outlives this wait.
        let _ = self.applied.subscribe().wait_for(|times| *times > 0).await;
    }

    /// Applies the overrides until it is stopped.
    pub(crate) async fn run(self: Arc<Self>, stopping: CancellationToken) -> Result<(), Error> {
        while !stopping.is_cancelled() {
            if let Err(error) = self.apply().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "the overrides of queues could not be read");
            }
            tokio::select! {
                () = stopping.cancelled() => {}
                () = self.changed.notified() => {}
                // A notification can get lost.
                () = tokio::time::sleep(self.node.intervals.poll) => {}
            }
        }
        Ok(())
    }

    async fn apply(&self) -> Result<(), Error> {
        let overrides = store::overrides(&self.node.db, &self.node.name).await?;
        for pool in self.pools.iter() {
            let overrides = overrides.get(&pool.queue).copied().unwrap_or_default();
            if pool.overrides() != overrides {
                tracing::debug!(queue = pool.queue, ?overrides, "a queue's overrides changed");
                pool.apply(overrides);
            }
        }
        self.applied.send_modify(|times| *times += 1);
        Ok(())
    }
}
