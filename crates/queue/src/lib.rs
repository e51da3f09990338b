//! A durable job queue on SQLite and PostgreSQL.
//!
//! Jobs are enqueued inside the caller's transaction, claimed under a lease, run by supervised tokio tasks
//! and retried with back-off. The states are those of Oban. The crate knows nothing about the product, holds
//! no transaction while a job runs, and lets no attempt write that has lost its job. See `examples/hello.rs`
//! for a complete program.

pub mod admin;
mod attempts;
pub mod backoff;
mod batch;
mod claimer;
mod completer;
mod context;
pub mod control;
pub mod cron;
mod enqueue;
mod enqueuer;
mod error;
mod events;
mod executor;
mod handler;
mod heartbeat;
mod inline;
mod job;
mod leader;
mod limits;
mod liveness;
mod metrics;
mod node;
mod panics;
mod peers;
mod pruner;
mod queue;
mod rescuer;
mod retention;
mod running;
mod services;
mod slot_pool;
mod slot_pools;
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
pub use enqueuer::Enqueuer;
pub use error::{Error, HookError};
pub use events::AttemptEnded;
pub use job::{Failure, Job, JobId, State};
pub use limits::{DEFAULT_LIMIT, Limits};

pub use queue::Queue;
pub use retention::Retention;
pub use running::{Health, Running};
pub use store::{Dependency, Field, cancel, find};
pub use supervise::Supervisor;
pub use unique::Unique;
pub use worker::{Outcome, Worker};
pub use workflow::Workflow;

/// The notification channel for available jobs. The payload is the name of the queue.
pub const ENQUEUED: &str = store::CHANNEL;
/// The notification channel for changed overrides of a queue. The payload is the name of the queue.
pub const OVERRIDES_CHANGED: &str = store::CONTROL;

/// Converts to whole milliseconds, the unit of the database.
fn millis(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
