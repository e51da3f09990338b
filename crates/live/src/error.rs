//! Errors of the event log.

/// Why an event was not published or not read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the event log is not available")]
    Db(#[from] db::Error),
    /// An event cannot be written as JSON, or the log's JSON cannot be read.
    #[error("an event cannot be written or read as JSON")]
    Encode(#[from] serde_json::Error),
    /// The name is not a valid topic.
    #[error("{0:?} is not a valid topic: it takes 1 to 200 visible ASCII characters")]
    Topic(String),
}
