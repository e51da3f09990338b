//! The use-cases of the product: accounts, postings, applications, documents, summaries.
//!
//! Every use-case takes an [`Actor`] and checks its rights; pages, the live socket, the CLI and the
//! workers all call use-cases. This crate does not depend on HTTP and parses no untrusted file itself.

pub mod accounts;
pub mod actor;
mod applications;
mod apply;
pub mod blobs;
mod documents;
mod error;
mod hash;
mod housekeeping;
mod jobs;
mod notes;
mod policy;
mod postings;
mod retention;
pub mod seed;
mod status;
mod summaries;
mod topics;
mod validate;

use std::{sync::Arc, time::Duration};

pub use actor::{Actor, User};
pub use apply::{ApplyForm, Receipt};
pub use blobs::{Blobs, StagedUpload};
pub use error::{Error, Problem};
pub use housekeeping::{FoldTopics, SweepBlobs};
pub use summaries::{SummarizeCv, SummarizeCvArgs};
pub use topics::{application_topic, posting_topic, queue_topic, status_topic, user_topic};

use cv::sandbox::Sandbox;
use db::{Clock, Db};
use queue::Enqueuer;

/// What the use-cases need from outside: database, clock, files and the reading sandbox.
#[derive(Debug)]
pub struct Deps {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Where files are kept.
    pub blobs: Blobs,
    /// Where hostile bytes are read.
    pub sandbox: Sandbox,
    /// A pause before each line of a summary; zero but in tests and demonstrations.
    pub line_delay: Duration,
}

/// The use-cases; cheap to clone.
#[derive(Clone, Debug)]
pub struct Hiring {
    deps: Arc<Deps>,
    enqueuer: Enqueuer,
}

impl Hiring {
    /// The use-cases over these dependencies.
    #[must_use]
    pub fn new(deps: Deps) -> Self {
        Self { deps: Arc::new(deps), enqueuer: Enqueuer::default() }
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.deps.db
    }

    /// Where files are kept.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.deps.blobs
    }

    /// Enqueues the jobs of the use-cases. They start inline on the queue of this process, once
    /// [`Queue::enqueuer`](queue::Queue::enqueuer) has attached this handle to it.
    #[must_use]
    pub fn enqueuer(&self) -> &Enqueuer {
        &self.enqueuer
    }

    fn now_ms(&self) -> i64 {
        self.deps.clock.now_ms()
    }
}
