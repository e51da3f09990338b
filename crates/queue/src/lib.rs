//! A durable job queue on SQLite and PostgreSQL.
//!
//! Jobs are enqueued inside the caller's transaction, claimed under a lease, run by supervised tokio tasks
//! and retried with back-off. The states are those of Oban. The crate knows nothing about the product, holds
//! no transaction while a job runs, and lets no attempt write that has lost its job. See `examples/hello.rs`
//! for a complete program.
//!
//! Without features: the [views] that an administration page shows, for the browser too.
//! `server`: everything else. `testing`: helpers for tests.

#[cfg(feature = "server")]
pub mod admin;
#[cfg(feature = "server")]
mod attempts;
#[cfg(feature = "server")]
pub mod backoff;
#[cfg(feature = "server")]
mod batch;
#[cfg(feature = "server")]
mod claimer;
#[cfg(feature = "server")]
mod completer;
#[cfg(feature = "server")]
mod context;
#[cfg(feature = "server")]
pub mod control;
#[cfg(feature = "server")]
mod convert;
#[cfg(feature = "server")]
pub mod cron;
#[cfg(feature = "server")]
pub mod dashboard;
#[cfg(feature = "server")]
mod enqueue;
#[cfg(feature = "server")]
mod enqueuer;
#[cfg(feature = "server")]
mod error;
#[cfg(feature = "server")]
mod events;
#[cfg(feature = "server")]
mod executor;
#[cfg(feature = "server")]
mod handler;
#[cfg(feature = "server")]
mod heartbeat;
#[cfg(feature = "server")]
mod inline;
#[cfg(feature = "server")]
mod job;
#[cfg(feature = "server")]
mod leader;
#[cfg(feature = "server")]
mod limits;
#[cfg(feature = "server")]
mod liveness;
#[cfg(feature = "server")]
mod metrics;
#[cfg(feature = "server")]
mod node;
#[cfg(feature = "server")]
mod panics;
#[cfg(feature = "server")]
mod peers;
#[cfg(feature = "server")]
mod pruner;
#[cfg(feature = "server")]
mod queue;
#[cfg(feature = "server")]
mod rescuer;
#[cfg(feature = "server")]
mod retention;
#[cfg(feature = "server")]
mod running;
#[cfg(feature = "server")]
mod services;
#[cfg(feature = "server")]
mod slot_pool;
#[cfg(feature = "server")]
mod slot_pools;
#[cfg(feature = "server")]
mod stager;
#[cfg(feature = "server")]
mod statistics;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
pub mod supervise;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "server")]
pub mod trace;
#[cfg(feature = "server")]
mod transition;
#[cfg(feature = "server")]
mod unique;
#[cfg(feature = "server")]
mod unsupported;
pub mod views;
#[cfg(feature = "server")]
mod worker;
#[cfg(feature = "server")]
pub mod workflow;

#[cfg(feature = "server")]
pub use batch::Batch;
#[cfg(feature = "server")]
pub use context::Context;
#[cfg(feature = "server")]
pub use enqueue::{Enqueued, NewJob, enqueue, enqueue_all};
#[cfg(feature = "server")]
pub use enqueuer::Enqueuer;
#[cfg(feature = "server")]
pub use error::{Error, HookError};
#[cfg(feature = "server")]
pub use events::AttemptEnded;
#[cfg(feature = "server")]
pub use job::{Failure, Job, JobId, State};
#[cfg(feature = "server")]
pub use limits::{DEFAULT_LIMIT, Limits};

#[cfg(feature = "server")]
pub use queue::Queue;
#[cfg(feature = "server")]
pub use retention::Retention;
#[cfg(feature = "server")]
pub use running::{Health, Running};
#[cfg(feature = "server")]
pub use store::{Dependency, Field, cancel, find};
#[cfg(feature = "server")]
pub use supervise::Supervisor;
#[cfg(feature = "server")]
pub use unique::Unique;
#[cfg(feature = "server")]
pub use worker::{Outcome, Worker};
#[cfg(feature = "server")]
pub use workflow::Workflow;

/// The notification channel for available jobs. The payload is the name of the queue.
#[cfg(feature = "server")]
pub const ENQUEUED: &str = store::CHANNEL;
/// The notification channel for changed overrides of a queue. The payload is the name of the queue.
#[cfg(feature = "server")]
pub const OVERRIDES_CHANGED: &str = store::CONTROL;
