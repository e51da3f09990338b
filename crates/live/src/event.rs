//! A published event, ready to be sent to sockets.

use std::sync::Arc;

/// A published event with its frame, encoded once for all sockets.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub topic: Arc<str>,
    pub seq: u64,
    pub snapshot: bool,
    pub published_at: i64,
    pub frame: Arc<str>,
}
