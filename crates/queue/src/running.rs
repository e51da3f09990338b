//! A node's queue at work.

use std::{sync::Arc, time::Duration};

use tokio::sync::broadcast;

use crate::{
    node::{Ending, Node},
    supervise::{Status, Supervisor, Tree},
};

/// Handed-back attempts are stopped and written down within this.
const HAND_BACK: Duration = Duration::from_secs(5);

/// A loop that was silent for less is not called stuck.
const SHORTEST_PATIENCE: Duration = Duration::from_secs(10);

/// A started [`Queue`](crate::Queue). Dropped without [`stop`](Running::stop), it stops claiming and
/// hands back what runs, but nobody waits for that.
pub struct Running {
    node: Arc<Node>,
    supervisor: Supervisor,
}

/// Whether the queue works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// When the claim loop last went round with a working database, in milliseconds since 1970.
    /// An idle loop goes round at every poll.
    pub last_progress: Option<i64>,
    /// Attempts that run on this node.
    pub executing: usize,
    /// The slots of all its queues.
    pub slots: usize,
    /// Whether a task of the queue failed too often and was given up.
    pub status: Status,
    /// Whether its tasks work and the claim loop made progress within the last three polls (or
    /// ten seconds, if that is longer).
    pub working: bool,
}

impl Running {
    pub(crate) fn new(node: Arc<Node>, supervisor: Supervisor) -> Self {
        Self { node, supervisor }
    }

    /// How it goes.
    #[must_use]
    pub fn health(&self) -> Health {
        let last_progress = *self.node.looked_at.borrow();
        let status = self.supervisor.status();
        let patience = (self.node.pace.poll * 3).max(SHORTEST_PATIENCE);
        let stale = self.node.clock.now_ms() - crate::millis(patience);
        Health {
            last_progress,
            working: status == Status::Working && last_progress.is_some_and(|at| at >= stale),
            executing: self.node.running().len(),
            slots: self.node.lanes.iter().map(|lane| lane.limit).sum(),
            status,
        }
    }

    /// Waits until the claim loop went round for the first time.
    pub async fn ready(&self) {
        // The node, and with it the sender, outlives this wait.
        let _ = self.node.looked_at.subscribe().wait_for(Option::is_some).await;
    }

    /// Its tasks.
    #[must_use]
    pub fn tree(&self) -> Tree {
        self.supervisor.tree()
    }

    /// The supervisor of its tasks, for those who want to hear when it gives up.
    #[must_use]
    pub fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    /// Every attempt that ends on this node from now on, after it was written down.
    #[must_use]
    pub fn endings(&self) -> broadcast::Receiver<Ending> {
        self.node.endings.subscribe()
    }

    /// Looks for due jobs now; for tests that moved their clock.
    pub fn look(&self) {
        self.node.expect_anything();
        self.node.wake.notify_one();
    }

    /// Looks for expired leases now; for tests that moved their clock.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn rescue(&self) -> Result<(), crate::Error> {
        crate::rescuer::rescue_expired(&self.node).await
    }

    /// Stops claiming at once, lets attempts finish for `grace`, then stops those that did not and
    /// hands them back: `available` for any node, the attempt not counted as a failure.
    /// The claiming ends with the call, the rest with the future.
    pub fn stop(self, grace: Duration) -> impl Future<Output = ()> + Send {
        self.node.stopping.cancel();
        self.finish(grace)
    }

    async fn finish(self, grace: Duration) {
        self.supervisor.ended("producer").await;
        self.node.attempts.close();
        if tokio::time::timeout(grace, self.node.attempts.wait()).await.is_err() {
            self.node.handing_back.cancel();
            if tokio::time::timeout(HAND_BACK, self.node.attempts.wait()).await.is_err() {
                tracing::error!("some jobs could not be handed back; they go on after their lease");
            }
        }
        self.supervisor.stop().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.node.stopping.cancel();
        self.node.handing_back.cancel();
    }
}
