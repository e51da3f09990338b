//! What can go wrong with the log.

/// An error of the live layer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database said no.
    #[error("the event log is not available")]
    Db(#[from] db::Error),
    /// An event has no JSON form.
    #[error("an event cannot be written as JSON")]
    Encode(#[from] serde_json::Error),
    /// Not a name for a topic.
    #[error("{0:?} cannot be a topic: it takes 1 to 200 visible ASCII characters")]
    Topic(String),
}
