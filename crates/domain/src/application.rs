//! One application as a recruiter sees it: the events of the topic `application:<id>` and their fold.

use serde::{Deserialize, Serialize};

use crate::{
    fold::Fold,
    id::UserId,
    stage::Stage,
    summary::{Summary, SummaryDelta},
};

/// An event on the topic `application:<id>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ApplicationEvent {
    /// The application was submitted; resets the state.
    Applied,
    /// The summary changed.
    Summary {
        /// The change.
        delta: SummaryDelta,
    },
    /// A recruiter moved the application to another stage.
    StageMoved {
        /// The new stage.
        stage: Stage,
        /// Display name of the recruiter who moved it.
        by: String,
        /// The recruiter's account; `None` in events written by older versions.
        #[serde(default)]
        by_id: Option<UserId>,
    },
    /// A recruiter added a note.
    NoteAdded {
        /// The note.
        note: Note,
    },
}

/// A recruiter's note on an application, visible to colleagues and never to the applicant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Display name of the author.
    pub by: String,
    /// The author's account.
    pub by_id: UserId,
    /// When the note was added, in Unix milliseconds.
    pub at: i64,
    /// 1 to [`MAX_NOTE_CHARS`] characters.
    pub text: String,
}

/// Maximum length of a note, in characters.
pub const MAX_NOTE_CHARS: usize = 2_000;

/// The live state of an application: the fold of the events on its topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ApplicationState {
    /// The current stage.
    pub stage: Stage,
    /// The summary of the CV.
    pub summary: Summary,
    /// All notes, oldest first.
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
