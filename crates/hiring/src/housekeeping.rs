//! Workers of the recurring housekeeping jobs.

use std::time::SystemTime;

use queue::{Context, Outcome, Worker};

use crate::Hiring;

/// Folds the events of inactive topics into snapshots, so that the event log stays small.
#[derive(Clone, Debug)]
pub struct FoldTopics {
    hiring: Hiring,
}

impl FoldTopics {
    /// Creates the worker.
    #[must_use]
    pub fn new(hiring: Hiring) -> Self {
        Self { hiring }
    }
}

impl Worker for FoldTopics {
    type Args = ();
    const NAME: &'static str = "FoldTopics";
    const QUEUE: &'static str = "housekeeping";
    /// Not retried: the recurring job runs again soon.
    const MAX_ATTEMPTS: u32 = 1;

    async fn perform(&self, _args: (), _job: &Context) -> Outcome {
        match self.hiring.fold_topics().await {
            Ok(0) => Outcome::Complete,
            Ok(events) => Outcome::CompleteWith(serde_json::json!({ "events": events })),
            Err(error) => Outcome::retry(&error),
        }
    }
}

/// Removes files that no document refers to.
#[derive(Clone, Debug)]
pub struct SweepBlobs {
    hiring: Hiring,
}

impl SweepBlobs {
    /// Creates the worker.
    #[must_use]
    pub fn new(hiring: Hiring) -> Self {
        Self { hiring }
    }
}

impl Worker for SweepBlobs {
    type Args = ();
    const NAME: &'static str = "SweepBlobs";
    const QUEUE: &'static str = "housekeeping";
    /// Not retried: the recurring job runs again soon.
    const MAX_ATTEMPTS: u32 = 1;

    async fn perform(&self, _args: (), _job: &Context) -> Outcome {
        match self.hiring.sweep_blobs(SystemTime::now()).await {
            Ok(0) => Outcome::Complete,
            Ok(swept) => Outcome::CompleteWith(serde_json::json!({ "swept": swept })),
            Err(error) => Outcome::retry(&error),
        }
    }
}
