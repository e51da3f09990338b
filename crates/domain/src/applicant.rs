//! What an applicant sees of their own application: the topic `status:<id>`.
//!
//! It carries no line of the summary and no name of a recruiter.

use serde::{Deserialize, Serialize};

use crate::{fold::Fold, stage::Stage};

/// How far the reading of the CV is, in the applicant's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reading", rename_all = "snake_case")]
pub enum Reading {
    /// It waits.
    #[default]
    Waiting,
    /// It is being read.
    Started,
    /// It was read.
    Done {
        /// How many pages it has.
        pages: u32,
        /// How many of them could not be read.
        unread: u32,
    },
    /// It could not be read; a person will open the original.
    Failed,
}

/// What happens on the topic `status:<id>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum StatusEvent {
    /// The application came in.
    Received,
    /// The reading moved on.
    Reading {
        /// To where.
        reading: Reading,
    },
    /// Somebody moved the application.
    StageMoved {
        /// To where.
        stage: Stage,
    },
}

/// The fold of `status:<id>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicantStatus {
    /// How far the reading is.
    pub reading: Reading,
    /// Where the application stands.
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
