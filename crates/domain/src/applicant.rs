//! What an applicant sees of their own application: the topic `status:<id>`.
//!
//! It carries no line of the summary and no name of a recruiter.

use serde::{Deserialize, Serialize};

use crate::{fold::Fold, stage::Stage};

/// Progress of reading the CV, as the applicant sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reading", rename_all = "snake_case")]
pub enum Reading {
    /// The job is in the queue.
    #[default]
    Waiting,
    /// A worker is reading the file.
    Started,
    /// The file has been read.
    Done {
        /// Number of pages in the document.
        pages: u32,
        /// Number of pages that could not be read.
        unread: u32,
    },
    /// The file could not be read; a person will open the original.
    Failed,
}

/// An event on the topic `status:<id>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum StatusEvent {
    /// The application was submitted; resets the state.
    Received,
    /// Reading the CV made progress.
    Reading {
        /// The new progress.
        reading: Reading,
    },
    /// A recruiter moved the application to another stage.
    StageMoved {
        /// The new stage.
        stage: Stage,
    },
}

/// The state of the topic `status:<id>`: the fold of its events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicantStatus {
    /// Progress of reading the CV.
    pub reading: Reading,
    /// The application's current stage.
    pub stage: Stage,
}

impl Fold for ApplicantStatus {
    type Event = StatusEvent;

    fn apply(&mut self, event: StatusEvent) {
        match event {
            StatusEvent::Received => *self = Self::default(),
            StatusEvent::Reading { reading } => self.reading = reading,
            StatusEvent::StageMoved { stage } => self.stage = stage,
        }
    }
}
