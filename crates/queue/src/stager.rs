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
    node::{Node, STARTUP_DELAY},
    store,
};

/// Nobody looks again sooner for a job that is due but that another node is staging.
const MIN_PAUSE: Duration = Duration::from_millis(20);
/// After an error of the database.
const ERROR_PAUSE: Duration = Duration::from_millis(250);
/// Timers do not reach for ever.
const MAX_WAIT: Duration = Duration::from_secs(3_600);

/// When the next job becomes due, as far as this node knows.
pub(crate) struct NextDue {
    at: AtomicI64,
    changed: Notify,
}

impl Default for NextDue {
    fn default() -> Self {
        Self { at: AtomicI64::new(i64::MIN), changed: Notify::new() }
    }
}

impl NextDue {
    /// Something becomes due at this time, in milliseconds since 1970.
    pub(crate) fn schedule(&self, at: i64) {
        if self.at.fetch_min(at, Ordering::AcqRel) > at {
            self.changed.notify_one();
        }
    }

    /// Anything may be due.
    pub(crate) fn check_now(&self) {
        self.schedule(i64::MIN);
    }

    fn is_due(&self, node: &Node) -> bool {
        self.at.load(Ordering::Acquire) <= node.clock.now_ms()
    }

    fn wait(&self, node: &Node) -> Duration {
        let wait = self.at.load(Ordering::Acquire).saturating_sub(node.clock.now_ms());
        Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(MAX_WAIT)
    }
}

/// Stages until it is stopped.
pub(crate) async fn run(node: Arc<Node>, stopping: CancellationToken) -> Result<(), Error> {
    let _ = tokio::time::timeout(STARTUP_DELAY, stopping.cancelled()).await;
    tokio::select! {
        () = stopping.cancelled() => {}
        () = node.first_heartbeat() => {}
    }
    while !stopping.is_cancelled() {
        if node.due.is_due(&node) {
            let pause = match stage(&node).await {
                Ok(()) => MIN_PAUSE,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "due jobs cannot be looked for");
                    ERROR_PAUSE
                }
            };
            let _ = tokio::time::timeout(pause, stopping.cancelled()).await;
        }
        tokio::select! {
            () = stopping.cancelled() => {}
            () = node.due.changed.notified() => {}
            () = tokio::time::sleep(node.due.wait(&node)) => {}
            // A hint can get lost.
            () = tokio::time::sleep(node.pace.poll) => node.due.check_now(),
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
