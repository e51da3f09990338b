//! Postings, and the live list of a posting's applications.

use serde::{Deserialize, Serialize};

use crate::{
    fold::Fold,
    id::{ApplicationId, PostingId},
    stage::Stage,
    summary::SummaryState,
};

/// A posting with everything that its public page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The posting's id.
    pub id: PostingId,
    /// The posting's name in URLs.
    pub slug: String,
    /// Job title, such as "Backend engineer".
    pub title: String,
    /// Place of work, such as "Lisbon, or remote in Europe".
    pub location: String,
    /// A value of schema.org's `employmentType`: `FULL_TIME`, `PART_TIME`, `CONTRACTOR`, ...
    pub employment_type: String,
    /// The employer's name.
    #[serde(rename = "organisation")]
    pub organization: String,
    /// Plain-text paragraphs, separated by blank lines.
    pub description: String,
    /// Requirements that the summary looks for, one phrase each.
    pub must_haves: Vec<String>,
    /// Whether the posting accepts applications.
    pub open: bool,
    /// When the posting was published, in Unix milliseconds.
    pub published_at: i64,
}

/// One application in a posting's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationRow {
    /// The application's id.
    pub id: ApplicationId,
    /// The candidate's name, as entered in the form.
    pub name: String,
    /// When the application was submitted, in Unix milliseconds.
    pub applied_at: i64,
    /// The current stage.
    pub stage: Stage,
    /// The state of the summary.
    pub summary: SummaryState,
    /// The summary's line about the current role, if it has one.
    pub headline: Option<String>,
}

/// An event on the topic `posting:<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum PostingEvent {
    /// An application was submitted.
    Applied {
        /// The new row.
        row: ApplicationRow,
    },
    /// The state or the headline of a summary changed.
    SummaryMoved {
        /// The application that was summarized.
        id: ApplicationId,
        /// The new state.
        summary: SummaryState,
        /// The summary's line about the current role, if it has one.
        headline: Option<String>,
    },
    /// An application moved to another stage.
    StageMoved {
        /// The application that was moved.
        id: ApplicationId,
        /// The new stage.
        stage: Stage,
    },
}

/// The live list of a posting's applications: the fold of the topic `posting:<id>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationList {
    /// The rows, newest first.
    pub rows: Vec<ApplicationRow>,
}

impl Fold for ApplicationList {
    type Event = PostingEvent;

    /// Applies `event`; an event about a row that is not in the list changes nothing.
    fn apply(&mut self, event: PostingEvent) {
        match event {
            PostingEvent::Applied { row } => {
                if !self.rows.iter().any(|known| known.id == row.id) {
                    self.rows.insert(0, row);
                }
            }
            PostingEvent::SummaryMoved { id, summary, headline } => {
                if let Some(row) = self.row(id) {
                    row.summary = summary;
                    row.headline = headline.or(row.headline.take());
                }
            }
            PostingEvent::StageMoved { id, stage } => {
                if let Some(row) = self.row(id) {
                    row.stage = stage;
                }
            }
        }
    }
}

impl ApplicationList {
    fn row(&mut self, id: ApplicationId) -> Option<&mut ApplicationRow> {
        self.rows.iter_mut().find(|row| row.id == id)
    }
}
