//! What has to be done now and then, whoever is there.

use std::time::SystemTime;

use queue::{Context, Outcome, Worker};

use crate::Hiring;

/// Folds the topics that have become quiet, so that the event log stays small.
#[derive(Clone, Debug)]
pub struct FoldTopics {
    hiring: Hiring,
}

impl FoldTopics {
    /// The worker over these use-cases.
    #[must_use]
    pub fn new(hiring: Hiring) -> Self {
        Self { hiring }
    }
}

impl Worker for FoldTopics {
    type Args = ();
    const NAME: &'static str = "FoldTopics";
    const QUEUE: &'static str = "housekeeping";
    /// The next one comes soon.
    const MAX_ATTEMPTS: u32 = 1;

    async fn perform(&self, _args: (), _job: &Context) -> Outcome {
        match self.hiring.fold_topics().await {
            Ok(0) => Outcome::Complete,
            Ok(gone) => Outcome::CompleteWith(serde_json::json!({ "events": gone })),
            Err(error) => Outcome::retry(&error),
        }
    }
}

/// Removes files that no document names.
#[derive(Clone, Debug)]
pub struct SweepBlobs {
    hiring: Hiring,
}

impl SweepBlobs {
    /// The worker over these use-cases.
    #[must_use]
    pub fn new(hiring: Hiring) -> Self {
        Self { hiring }
    }
}

impl Worker for SweepBlobs {
    type Args = ();
    const NAME: &'static str = "SweepBlobs";
    const QUEUE: &'static str = "housekeeping";
    /// The next one comes soon.
    const MAX_ATTEMPTS: u32 = 1;

    async fn perform(&self, _args: (), _job: &Context) -> Outcome {
        match self.hiring.sweep_blobs(SystemTime::now()).await {
            Ok(0) => Outcome::Complete,
            Ok(swept) => Outcome::CompleteWith(serde_json::json!({ "swept": swept })),
            Err(error) => Outcome::retry(&error),
        }
    }
}
