//! The use-cases on both databases, with real files and the real sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

mod accounts;
mod applications;
mod live_updates;
mod queue_admin;
mod stored;
mod summaries;
