//! The one way in which a live state moves on.

use serde::de::DeserializeOwned;

/// A state that is the fold of a topic's events. The server, the workers and the browser run this
/// same fold, so `apply` has no clock, no chance and no I/O.
pub trait Fold: DeserializeOwned {
    /// What happens on the topic.
    type Event: DeserializeOwned;

    /// The state after `event`.
    fn apply(&mut self, event: Self::Event);
}
