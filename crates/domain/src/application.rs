//! One application as a recruiter sees it, and what happens on the topic `application:<id>`.

use serde::{Deserialize, Serialize};

use crate::{
    fold::Fold,
    id::UserId,
    stage::Stage,
    summary::{Summary, SummaryDelta},
};

/// What happens on the topic `application:<id>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ApplicationEvent {
    /// It came in.
    Applied,
    /// The summary moved on (in other products: `cv_summary_updated`).
    Summary {
        /// How.
        delta: SummaryDelta,
    },
    /// Somebody moved it.
    StageMoved {
        /// The new stage.
        stage: Stage,
        /// Who did.
        by: String,
        /// Their account; events of older versions name none.
        #[serde(default)]
        by_id: Option<UserId>,
    },
    /// Somebody wrote something down.
    NoteAdded {
        /// What.
        note: Note,
    },
}

/// What a recruiter wrote down about an application, for colleagues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Who wrote it.
    pub by: String,
    /// Their account.
    pub by_id: UserId,
    /// When; milliseconds since 1970, UTC.
    pub at: i64,
    /// 1 to [`LONGEST_NOTE`] characters.
    pub text: String,
}

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 2_000;

/// The live part of an application: the fold of its topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ApplicationState {
    /// Where it stands.
    pub stage: Stage,
    /// What the machine read.
    pub summary: Summary,
    /// What was written down, oldest first.
    #[serde(default)]
    pub notes: Vec<Note>,
}

impl Fold for ApplicationState {
    type Event = ApplicationEvent;

    fn apply(&mut self, event: ApplicationEvent) {
        match event {
            ApplicationEvent::Applied => *self = Self::default(),
            ApplicationEvent::Summary { delta } => self.summary.apply(delta),
            ApplicationEvent::StageMoved { stage, .. } => self.stage = stage,
            ApplicationEvent::NoteAdded { note } => self.notes.push(note),
        }
    }
}
