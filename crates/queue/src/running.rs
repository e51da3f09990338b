//! A node's queue at work.

use std::{sync::Arc, time::Duration};

use db::Listener;
use prometheus_client::registry::Registry;
use tokio::sync::{broadcast, watch};

use crate::{
    claimer,
    node::{AttemptEnded, Node},
    statistics, store,
    supervise::{Status, Supervisor, Tree},
};

/// Handed-back attempts are stopped and written down within this.
const HAND_BACK_TIMEOUT: Duration = Duration::from_secs(5);

/// A loop that was silent for less is not called stuck.
const MIN_STALE_TIMEOUT: Duration = Duration::from_secs(10);

/// A started [`Queue`](crate::Queue). Dropped without [`stop`](Running::stop), it stops claiming and
/// hands back what runs, but nobody waits for that.
pub struct Running {
    node: Arc<Node>,
    supervisor: Supervisor,
    _listeners: Vec<Arc<Listener>>,
}

/// Whether the queue works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// When the claim loop that was last longest ago went round, in milliseconds since 1970. An
    /// idle loop goes round at every poll.
    pub last_progress: Option<i64>,
    /// Attempts that run on this node.
    pub executing: usize,
    /// The slots of all its queues.
    pub slots: usize,
    /// Whether a task of the queue failed too often and was given up.
    pub status: Status,
    /// Whether its tasks work, it could say within the last lease that it lives, and the claim
    /// loops made progress within the last three polls (or ten seconds, if that is longer).
    pub working: bool,
}

impl Running {
    pub(crate) fn new(node: Arc<Node>, supervisor: Supervisor, listeners: Vec<Arc<Listener>>) -> Self {
        Self { node, supervisor, _listeners: listeners }
    }

    /// How it goes.
    #[must_use]
    pub fn health(&self) -> Health {
        // None is less than any moment: a loop that never went round counts.
        let last_progress =
            self.node.pools.iter().map(|pool| *pool.polled_at.borrow()).min_by_key(|at| at.map(|(_, at)| at)).flatten();
        let status = self.supervisor.status();
        let stale_timeout = (self.node.pace.poll * 3).max(MIN_STALE_TIMEOUT);
        let stale = self.node.clock.elapsed_ms() - crate::millis(stale_timeout);
        let goes_round = last_progress.is_some_and(|(_, at)| at >= stale);
        Health {
            last_progress: last_progress.map(|(at, _)| at),
            working: status == Status::Working && goes_round && self.node.is_alive(),
            executing: self.node.running().len(),
            slots: self.node.pools.iter().map(|pool| pool.slots()).sum(),
            status,
        }
    }

    /// Waits until every claim loop went round for the first time.
    pub async fn ready(&self) {
        for pool in &self.node.pools {
            // The node, and with it the sender, outlives this wait.
            let _ = pool.polled_at.subscribe().wait_for(Option::is_some).await;
        }
    }

    /// Adds this node's metrics: ended attempts, times of waiting and running as histograms, slots,
    /// and, while it leads, the jobs of all nodes.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.node.metrics.register(registry);
    }

    /// Writes the statistics now, as happens every two seconds, and counts the jobs if this node leads.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn write_statistics(&self) -> Result<(), crate::Error> {
        statistics::write(&self.node).await?;
        if self.leads() { statistics::count(&self.node).await } else { Ok(()) }
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
    pub fn subscribe(&self) -> broadcast::Receiver<AttemptEnded> {
        self.node.events.subscribe()
    }

    /// Whether this node leads: sees to crons and prunes. One does at a time.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.node.lead.leads(&self.node)
    }

    /// Waits until this node leads.
    pub async fn leading(&self) {
        // The node, and with it the sender, outlives this wait.
        let _ = self.node.lead.changes().wait_for(Option::is_some).await;
    }

    /// Waits until the database knows the recurring jobs of this node.
    pub async fn crons_registered(&self) {
        // The node, and with it the sender, outlives this wait.
        let _ = self.node.crons_registered.subscribe().wait_for(|known| *known).await;
    }

    /// Looks for a leader now, and takes over from one that is silent; for tests that moved their
    /// clock.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn elect(&self) -> Result<(), crate::Error> {
        crate::leader::elect(&self.node).await
    }

    /// Enqueues the recurring jobs that are due now, as the leader does; for tests that moved their
    /// clock.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn enqueue_due_crons(&self) -> Result<(), crate::Error> {
        crate::cron::enqueue_due(&self.node).await
    }

    /// Deletes the ended jobs that are old enough now, as the leader does every minute; how many.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn prune(&self) -> Result<u64, crate::Error> {
        crate::retention::prune(&self.node).await
    }

    /// Makes the indexes small again, as the leader does once a day.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn reindex(&self) -> Result<(), crate::Error> {
        store::reindex(&self.node.db).await
    }

    /// Looks for jobs now, and returns once each queue has claimed all that it may; for tests that
    /// moved their clock. Waits for a free slot where all are in use and jobs may wait.
    pub async fn poll(&self) {
        futures::future::join_all(self.node.pools.iter().map(|pool| pool.poll())).await;
    }

    /// Counts how often this node did what its queues were [told](crate::control).
    #[must_use]
    pub fn overrides_applied(&self) -> watch::Receiver<u64> {
        self.node.overrides_applied.subscribe()
    }

    /// Makes due jobs available now; for tests that moved their clock.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn stage(&self) -> Result<(), crate::Error> {
        crate::stager::stage(&self.node).await
    }

    /// Looks for silent nodes now; for tests that moved their clock. A node is dead when two looks,
    /// a lease apart, see the same beat.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database).
    pub async fn rescue(&self) -> Result<(), crate::Error> {
        crate::rescuer::rescue_dead_nodes(&self.node).await
    }

    /// Stops claiming at once, lets attempts finish for `grace`, then stops those that did not and
    /// hands them back: `available` for any node, the attempt not counted as a failure.
    /// The claiming ends with the call, the rest with the future.
    pub fn stop(&self, grace: Duration) -> impl Future<Output = ()> + Send + use<'_> {
        self.node.stopping.cancel();
        self.finish(grace)
    }

    async fn finish(&self, grace: Duration) {
        for pool in &self.node.pools {
            self.supervisor.ended(&claimer::name(pool)).await;
        }
        self.node.attempts.close();
        if tokio::time::timeout(grace, self.node.attempts.wait()).await.is_err() {
            self.node.handing_back.cancel();
            if tokio::time::timeout(HAND_BACK_TIMEOUT, self.node.attempts.wait()).await.is_err() {
                tracing::error!("some jobs could not be handed back; they go on once this node is missed");
            }
        }
        self.supervisor.stop().await;
        if let Err(error) = statistics::write(&self.node).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last statistics are lost");
        }
        if let Err(error) = store::deregister(&self.node.db, &self.node.name).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "this node will be missed");
        }
        self.node.db.close().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.node.stopping.cancel();
        self.node.handing_back.cancel();
    }
}
