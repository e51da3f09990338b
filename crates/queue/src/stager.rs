//! Makes scheduled and retried jobs available once they are due.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    node::{Node, SETTLING_IN},
    store,
};

/// Nobody looks again sooner for a job that is due but that another node is staging.
const SOONEST: Duration = Duration::from_millis(20);
/// After an error of the database.
const TROUBLE: Duration = Duration::from_millis(250);
/// Timers do not reach for ever.
const LONGEST: Duration = Duration::from_secs(3_600);

/// When the next job becomes due, as far as this node knows.
pub(crate) struct Due {
    at: AtomicI64,
    changed: Notify,
}

impl Default for Due {
    fn default() -> Self {
        Self { at: AtomicI64::new(i64::MIN), changed: Notify::new() }
    }
}

impl Due {
    /// Something becomes due at this time, in milliseconds since 1970.
    pub(crate) fn expect(&self, at: i64) {
        if self.at.fetch_min(at, Ordering::AcqRel) > at {
            self.changed.notify_one();
        }
    }

    /// Anything may be due.
    pub(crate) fn expect_anything(&self) {
        self.expect(i64::MIN);
    }

    fn has_come(&self, node: &Node) -> bool {
        self.at.load(Ordering::Acquire) <= node.clock.now_ms()
    }

    fn wait(&self, node: &Node) -> Duration {
        let wait = self.at.load(Ordering::Acquire).saturating_sub(node.clock.now_ms());
        Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(LONGEST)
    }
}

/// Stages until it is stopped.
pub(crate) async fn run(node: Arc<Node>, stopping: CancellationToken) -> Result<(), Error> {
    let _ = tokio::time::timeout(SETTLING_IN, stopping.cancelled()).await;
    tokio::select! {
        () = stopping.cancelled() => {}
        () = node.beaten() => {}
    }
    while !stopping.is_cancelled() {
        if node.due.has_come(&node) {
            let pause = match stage(&node).await {
                Ok(()) => SOONEST,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "due jobs cannot be looked for");
                    TROUBLE
                }
            };
            let _ = tokio::time::timeout(pause, stopping.cancelled()).await;
        }
        tokio::select! {
            () = stopping.cancelled() => {}
            () = node.due.changed.notified() => {}
            () = tokio::time::sleep(node.due.wait(&node)) => {}
            // A hint can get lost.
            () = tokio::time::sleep(node.pace.poll) => node.due.expect_anything(),
        }
    }
    Ok(())
}

/// Stages all that is due now, and learns what comes next.
pub(crate) async fn stage(node: &Node) -> Result<(), Error> {
    // Whatever is said from here on is due earlier than this.
    node.due.at.store(i64::MAX, Ordering::Release);
    let staged = store::stage(&node.db, node.clock.now_ms()).await;
    let next = match staged {
        Ok(next) => next.unwrap_or(i64::MAX),
        Err(_) => i64::MIN,
    };
    node.due.at.fetch_min(next, Ordering::AcqRel);
    staged.map(drop)
}
