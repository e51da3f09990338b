//! The trait of states that are the fold of a topic's events.

use serde::de::DeserializeOwned;

/// A state that is the fold of a topic's events. The server, the workers and the browser run the
/// same fold, so `apply` must be deterministic: no clock, no randomness, no I/O.
pub trait Fold: DeserializeOwned {
    /// The type of the topic's events.
    type Event: DeserializeOwned;

    /// Applies `event` to the state in place.
    fn apply(&mut self, event: Self::Event);
}
