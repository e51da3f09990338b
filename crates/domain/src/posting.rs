//! A posting, what its page shows, and the list of its applications.

use serde::{Deserialize, Serialize};

use crate::{
    fold::Fold,
    id::{ApplicationId, PostingId},
    stage::Stage,
    summary::SummaryState,
};

/// A posting as its public page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Its id.
    pub id: PostingId,
    /// Its name in URLs.
    pub slug: String,
    /// "Backend engineer".
    pub title: String,
    /// "Lisbon, or remote in Europe".
    pub location: String,
    /// As schema.org's `employmentType`: `FULL_TIME`, `PART_TIME`, `CONTRACTOR`, ...
    pub employment_type: String,
    /// Who hires.
    pub organisation: String,
    /// Paragraphs, separated by blank lines.
    pub description: String,
    /// What a candidate must bring, one phrase each.
    pub must_haves: Vec<String>,
    /// Whether it takes applications.
    pub open: bool,
    /// When it was published; milliseconds since 1970, UTC.
    pub published_at: i64,
}

/// One application in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationRow {
    /// Its id.
    pub id: ApplicationId,
    /// The candidate's name, as they gave it.
    pub name: String,
    /// Milliseconds since 1970, UTC.
    pub applied_at: i64,
    /// Where it stands.
    pub stage: Stage,
    /// How far the summary is.
    pub summary: SummaryState,
    /// The summary's current role, once it is known.
    pub headline: Option<String>,
}

/// What happens on the topic `posting:<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum PostingEvent {
    /// An application came in.
    Applied {
        /// The new row.
        row: ApplicationRow,
    },
    /// A summary went from one state to the next.
    SummaryMoved {
        /// Whose.
        id: ApplicationId,
        /// The new state.
        summary: SummaryState,
        /// The current role, once it is known.
        headline: Option<String>,
    },
    /// An application was moved.
    StageMoved {
        /// Whose.
        id: ApplicationId,
        /// The new stage.
        stage: Stage,
    },
}

/// The applications of a posting, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationList {
    /// Newest first.
    pub rows: Vec<ApplicationRow>,
}

impl Fold for ApplicationList {
    type Event = PostingEvent;

    /// Events about rows that are not here change nothing.
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
