//! When this node last saw other nodes.

use std::sync::{Mutex, PoisonError};

/// The time of the latest sight of other nodes, by [`Clock::elapsed_ms`](db::Clock::elapsed_ms).
#[derive(Default)]
pub(crate) struct Peers(Mutex<Option<i64>>);

impl Peers {
    pub(crate) fn record(&self, now: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    pub(crate) fn seen_at(&self) -> Option<i64> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
