//! The channels of the queue's notifications.

/// Announces available jobs; the payload is the name of the queue.
pub(crate) const CHANNEL: &str = "queue";
/// Announces jobs that are due later; the payload is the time in milliseconds since 1970.
pub(crate) const DUE: &str = "queue.due";
/// Announces canceled jobs; the payload is the id of the job.
pub(crate) const CANCELED: &str = "queue.cancelled";
/// Announces changed overrides of a queue; the payload is the name of the queue.
pub(crate) const CONTROL: &str = "queue.control";
/// Announces changes of a recurring job; the payload is its name.
pub(crate) const CRON: &str = "queue.cron";
/// Announces that the leader has resigned.
pub(crate) const LEADER: &str = "queue.leader";
