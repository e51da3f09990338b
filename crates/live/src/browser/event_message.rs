//! What a subscription's callback gets.

use serde_json::Value;

/// An event or a snapshot of a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct EventMessage {
    /// The event's number in the topic.
    pub seq: u64,
    /// Whether `payload` is the whole state of the topic at `seq`.
    pub snapshot: bool,
    /// The event, or the state.
    pub payload: Value,
}
