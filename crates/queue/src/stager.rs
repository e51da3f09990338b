//! Makes scheduled and retried jobs available when they are due.

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
    liveness::Liveness,
    node::{Node, STARTUP_DELAY},
    store,
};

/// The pause before the next check, while another node makes the same jobs available.
const MIN_PAUSE: Duration = Duration::from_millis(20);
/// The pause after an error of the database.
const ERROR_PAUSE: Duration = Duration::from_millis(250);
/// The longest sleep until a job is due.
const MAX_WAIT: Duration = Duration::from_secs(3_600);

/// When the next job is due, as far as this node knows, in milliseconds since 1970.
struct NextDue {
    at: AtomicI64,
    changed: Notify,
}

/// Stages the jobs that are due.
pub(crate) struct Stager {
    node: Arc<Node>,
    liveness: Arc<Liveness>,
    due: NextDue,
}

impl Stager {
    pub(crate) fn new(node: Arc<Node>, liveness: Arc<Liveness>) -> Self {
        Self { node, liveness, due: NextDue { at: AtomicI64::new(i64::MIN), changed: Notify::new() } }
    }

    /// Notes that a job is due at this time, in milliseconds since 1970.
    pub(crate) fn schedule(&self, at: i64) {
        if self.due.at.fetch_min(at, Ordering::AcqRel) > at {
            self.due.changed.notify_one();
        }
    }

    /// Checks for due jobs now.
    pub(crate) fn check_now(&self) {
        self.schedule(i64::MIN);
    }

    /// Stages due jobs until it is stopped.
    pub(crate) async fn run(self: Arc<Self>, stopping: CancellationToken) -> Result<(), Error> {
        let _ = tokio::time::timeout(STARTUP_DELAY, stopping.cancelled()).await;
        tokio::select! {
            () = stopping.cancelled() => {}
            () = self.liveness.first_heartbeat() => {}
        }
        while !stopping.is_cancelled() {
            if self.is_due() {
                let pause = match self.stage().await {
                    Ok(()) => MIN_PAUSE,
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn std::error::Error, "due jobs could not be staged");
                        ERROR_PAUSE
                    }
                };
                let _ = tokio::time::timeout(pause, stopping.cancelled()).await;
            }
            tokio::select! {
                () = stopping.cancelled() => {}
                () = self.due.changed.notified() => {}
                () = tokio::time::sleep(self.wait()) => {}
                // A notification can get lost.
                () = tokio::time::sleep(self.node.intervals.poll) => self.check_now(),
            }
        }
        Ok(())
    }

    /// Stages all jobs that are due now, and notes when the next one is due.
    pub(crate) async fn stage(&self) -> Result<(), Error> {
        // A notification that arrives from here on names an earlier time than this.
        self.due.at.store(i64::MAX, Ordering::Release);
        let staged = store::stage(&self.node.db, self.node.clock.now_ms()).await;
        let next = match staged {
            Ok(next) => next.unwrap_or(i64::MAX),
            Err(_) => i64::MIN,
        };
        self.due.at.fetch_min(next, Ordering::AcqRel);
        staged.map(drop)
    }

    fn is_due(&self) -> bool {
        self.due.at.load(Ordering::Acquire) <= self.node.clock.now_ms()
    }

    fn wait(&self) -> Duration {
        let wait = self.due.at.load(Ordering::Acquire).saturating_sub(self.node.clock.now_ms());
        Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(MAX_WAIT)
    }
}
