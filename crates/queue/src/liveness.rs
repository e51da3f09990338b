//! Whether the other nodes take this one for alive.

use std::{sync::Arc, time::Duration};

use tokio::sync::{Notify, watch};

use crate::{convert::millis, node::Node};

/// When this node sent its latest heartbeat, and requests for another one.
pub(crate) struct Liveness {
    node: Arc<Node>,
    /// By [`Clock::elapsed_ms`](db::Clock::elapsed_ms).
    heartbeat_at: watch::Sender<Option<i64>>,
    requested: Notify,
}

impl Liveness {
    pub(crate) fn new(node: Arc<Node>) -> Self {
        Self { node, heartbeat_at: watch::Sender::new(None), requested: Notify::new() }
    }

    /// Records that a heartbeat has just been written.
    pub(crate) fn record_heartbeat(&self) {
        self.heartbeat_at.send_replace(Some(self.node.clock.elapsed_ms()));
    }

    /// Requests a heartbeat before the next one is due.
    pub(crate) fn request_heartbeat(&self) {
        self.requested.notify_one();
    }

    pub(crate) async fn heartbeat_requested(&self) {
        self.requested.notified().await;
    }

    /// Waits for the first heartbeat. From then on the clock is right.
    pub(crate) async fn first_heartbeat(&self) {
        // `self`, and with it the sender, outlives this wait.
        let _ = self.heartbeat_at.subscribe().wait_for(Option::is_some).await;
    }

    /// Whether a heartbeat was written within half a lease: the other nodes will take this one for alive
    /// for a while.
    pub(crate) fn has_recent_heartbeat(&self) -> bool {
        self.has_heartbeat_within(self.node.intervals.lease / 2)
    }

    /// Whether a heartbeat was written within the lease.
    pub(crate) fn is_alive(&self) -> bool {
        self.has_heartbeat_within(self.node.intervals.lease)
    }

    fn has_heartbeat_within(&self, time: Duration) -> bool {
        let earliest = self.node.clock.elapsed_ms() - millis(time);
        self.heartbeat_at.borrow().is_some_and(|at| at >= earliest)
    }
}
