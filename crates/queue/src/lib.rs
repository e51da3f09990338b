//! A durable job queue on SQLite and PostgreSQL.
//!
//! Jobs are enqueued inside the caller's transaction, claimed under a lease, performed by
//! supervised tokio tasks and retried with back-off; the states are Oban's. Refuses to know the
//! product, to hold a transaction while a job runs, and to let an attempt write that lost its job.
//! `examples/hello.rs` shows the whole.

pub mod admin;
pub mod backoff;
mod batch;
mod claimer;
mod completer;
mod context;
pub mod control;
pub mod cron;
mod enqueue;
mod error;
mod executor;
mod handler;
mod heartbeat;
mod job;
mod leader;
mod limits;
mod metrics;
mod node;
mod panics;
mod queue;
mod rescuer;
mod retention;
mod running;
mod slot_pool;
mod stager;
mod statistics;
mod store;
pub mod supervise;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod trace;
mod transition;
mod unique;
mod unsupported;
mod worker;
pub mod workflow;

pub use batch::Batch;
pub use context::Context;
pub use enqueue::{Enqueued, NewJob, enqueue, enqueue_all};
pub use error::{Error, HookError};
pub use job::{Failure, Job, JobId, State};
pub use limits::{DEFAULT_LIMIT, Limits};
pub use node::AttemptEnded;
pub use queue::Queue;
pub use retention::Retention;
pub use running::{Health, Running};
pub use store::{Dependency, Field, cancel, find};
pub use supervise::Supervisor;
pub use unique::Unique;
pub use worker::{Outcome, Worker};
pub use workflow::Workflow;

/// The channel of hints that jobs became available; the payload is the queue's name.
pub const ENQUEUED: &str = store::CHANNEL;
/// The channel of hints that a queue was told something by hand; the payload is its name.
pub const OVERRIDES_CHANGED: &str = store::CONTROL;

/// Whole milliseconds, as the database counts.
fn millis(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
