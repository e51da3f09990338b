//! A node's queue while it runs.

use std::{sync::Arc, time::Duration};

use db::Listener;
use prometheus_client::registry::Registry;
use tokio::sync::{broadcast, watch};

use crate::{
    claimer,
    enqueuer::Enqueuer,
    error::Error,
    events::AttemptEnded,
    services::Services,
    store,
    supervise::{Status, Supervisor, Tree},
};

/// How long to wait until handed-back attempts have stopped and their jobs have been written.
const HAND_BACK_TIMEOUT: Duration = Duration::from_secs(5);

/// A claim loop is not taken for stuck before this time.
const MIN_STALE_TIMEOUT: Duration = Duration::from_secs(10);

/// A started [`Queue`](crate::Queue). When it is dropped without [`stop`](Running::stop), it stops claiming
/// and hands running jobs back, but nothing waits for that.
pub struct Running {
    services: Services,
    supervisor: Supervisor,
    _listeners: Vec<Arc<Listener>>,
    enqueuer: Enqueuer,
}

/// Whether the queue works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The oldest of the claim loops' latest polls, in milliseconds since 1970; `None` before the first one.
    /// An idle loop polls at every poll interval.
    pub last_progress: Option<i64>,
    /// The number of attempts that run on this node.
    pub executing: usize,
    /// The slots of all its queues.
    pub slots: usize,
    /// Whether a task of the queue was given up.
    pub status: Status,
    /// Whether the tasks work, a heartbeat was sent within the last lease, and every claim loop has polled
    /// within the last three poll intervals (or ten seconds, if that is longer).
    pub working: bool,
}

impl Running {
    pub(crate) fn new(
        services: Services,
        supervisor: Supervisor,
        listeners: Vec<Arc<Listener>>,
        enqueuer: Enqueuer,
    ) -> Self {
        Self { services, supervisor, _listeners: listeners, enqueuer }
    }

    /// Returns a handle that enqueues jobs and starts them inline on this node where a slot is free.
    #[must_use]
    pub fn enqueuer(&self) -> &Enqueuer {
        &self.enqueuer
    }

    /// Returns whether the queue works.
    #[must_use]
    pub fn health(&self) -> Health {
        let Services { node, pools, liveness, attempts, .. } = &self.services;
        // `None` is the minimum, so a loop that has never polled counts.
        let last_progress =
            pools.iter().map(|pool| *pool.polled_at.borrow()).min_by_key(|at| at.map(|(_, at)| at)).flatten();
        let status = self.supervisor.status();
        let stale_timeout = (node.intervals.poll * 3).max(MIN_STALE_TIMEOUT);
        let stale = node.clock.elapsed_ms() - crate::convert::millis(stale_timeout);
        let polls = last_progress.is_some_and(|(_, at)| at >= stale);
        Health {
            last_progress: last_progress.map(|(at, _)| at),
            working: status == Status::Working && polls && liveness.is_alive(),
            executing: attempts.running().len(),
            slots: pools.slots(),
            status,
        }
    }

    /// Waits until every claim loop has polled for the first time.
    pub async fn ready(&self) {
        for pool in self.services.pools.iter() {
            // The pool, and with it the sender, outlives this wait.
            let _ = pool.polled_at.subscribe().wait_for(Option::is_some).await;
        }
    }

    /// Registers this node's metrics: ended attempts, histograms of wait and run times, slots, and, while it
    /// leads, the jobs of all nodes.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.services.metrics.register(registry);
    }

    /// Writes the statistics now, as happens every two seconds, and counts the jobs if this node leads.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn write_statistics(&self) -> Result<(), Error> {
        self.services.statistics.write().await?;
        if self.leads() { self.services.statistics.count().await } else { Ok(()) }
    }

    /// Returns a snapshot of the queue's tasks.
    #[must_use]
    pub fn tree(&self) -> Tree {
        self.supervisor.tree()
    }

    /// Returns the supervisor of the queue's tasks, for example to wait until it gives up.
    #[must_use]
    pub fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    /// Returns a receiver of every attempt that ends on this node from now on. An event is sent after the
    /// outcome has been written.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<AttemptEnded> {
        self.services.events.subscribe()
    }

    /// Returns whether this node is the leader, which enqueues recurring jobs and prunes. At most one node
    /// is.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.services.leadership.leads()
    }

    /// Waits until this node is the leader.
    pub async fn leading(&self) {
        // The sender outlives this wait.
        let _ = self.services.leadership.changes().wait_for(Option::is_some).await;
    }

    /// Waits until the database knows the recurring jobs of this node.
    pub async fn crons_registered(&self) {
        self.services.crons.registered().await;
    }

    /// Checks the leader now, and takes over from a dead one; for tests that moved their clock.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn elect(&self) -> Result<(), Error> {
        self.services.leadership.elect().await
    }

    /// Enqueues the recurring jobs that are due now, as the leader does; for tests that moved their clock.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn enqueue_due_crons(&self) -> Result<(), Error> {
        self.services.crons.enqueue_due().await
    }

    /// Deletes the ended jobs that are old enough, as the leader does every minute; returns how many.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn prune(&self) -> Result<u64, Error> {
        self.services.pruner.prune().await
    }

    /// Rebuilds indexes that have grown, as the leader does once a day.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn reindex(&self) -> Result<(), Error> {
        store::reindex(&self.services.node.db).await
    }

    /// Polls for jobs now, and returns once each queue has claimed all jobs that it may; for tests that moved
    /// their clock. Waits for a free slot if all are in use and jobs may wait.
    pub async fn poll(&self) {
        futures::future::join_all(self.services.pools.iter().map(|pool| pool.poll())).await;
    }

    /// Returns a counter of how often this node has applied the [overrides](crate::control) of its queues.
    #[must_use]
    pub fn overrides_applied(&self) -> watch::Receiver<u64> {
        self.services.control.applied()
    }

    /// Makes due jobs available now; for tests that moved their clock.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn stage(&self) -> Result<(), Error> {
        self.services.stager.stage().await
    }

    /// Looks for dead nodes now; for tests that moved their clock. A node is dead when two checks, a lease
    /// apart, see the same heartbeat.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn rescue(&self) -> Result<(), Error> {
        self.services.rescuer.rescue_dead_nodes().await
    }

    /// Stops claiming immediately, lets attempts finish for `grace`, then stops the others and hands their
    /// jobs back: they become `available` for any node, and the attempt does not count as a failure. Claiming
    /// stops with the call, everything else when the future is awaited.
    pub fn stop(&self, grace: Duration) -> impl Future<Output = ()> + Send + use<'_> {
        self.services.stopping.cancel();
        self.finish(grace)
    }

    async fn finish(&self, grace: Duration) {
        let Services { node, pools, attempts, statistics, .. } = &self.services;
        for pool in pools.iter() {
            self.supervisor.ended(&claimer::name(pool)).await;
        }
        if tokio::time::timeout(grace, attempts.wait()).await.is_err() {
            attempts.hand_back();
            if tokio::time::timeout(HAND_BACK_TIMEOUT, attempts.wait()).await.is_err() {
                tracing::error!("some jobs could not be handed back; other nodes rescue them after the lease");
            }
        }
        self.supervisor.stop().await;
        if let Err(error) = statistics.write().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last statistics are lost");
        }
        if let Err(error) = store::deregister(&node.db, &node.name).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "this node could not be deregistered");
        }
        node.db.close().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.services.stopping.cancel();
        self.services.attempts.hand_back();
    }
}
