//! Summaries of CVs, as the fold of their deltas.

use serde::{Deserialize, Serialize};

use crate::{
    geometry::Rect,
    line::Line,
    notice::{HiddenReason, UnreadReason},
    refusal::Refusal,
};

/// The state of a summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SummaryState {
    /// The job is in the queue.
    #[default]
    Queued,
    /// A worker is reading the file.
    Reading,
    /// A worker is writing lines.
    Writing,
    /// The summary is complete.
    Ready,
    /// The file has no text that could be read.
    Unreadable,
    /// The job was discarded, or the file was refused.
    Failed,
}

impl SummaryState {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Reading, Self::Writing, Self::Ready, Self::Unreadable, Self::Failed];

    /// Returns the name under which the state is stored; also the page's `data-state`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Reading => "reading",
            Self::Writing => "writing",
            Self::Ready => "ready",
            Self::Unreadable => "unreadable",
            Self::Failed => "failed",
        }
    }

    /// Parses a stored name; `None` for an unknown one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether the summary stays in this state until a user requests another one.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Ready | Self::Unreadable | Self::Failed)
    }
}

/// Text that a reader of the page cannot see. It is shown to recruiters and never part of a
/// transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HiddenText {
    /// Page number, counted from 1.
    pub page: u32,
    /// How the text is hidden.
    pub reason: HiddenReason,
    /// The text, at most 2,000 characters.
    pub text: String,
    /// Positions on the page; empty if the text has none.
    pub boxes: Vec<Rect>,
}

/// A page that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadPage {
    /// Page number, counted from 1.
    pub page: u32,
    /// Why the page could not be read.
    pub reason: UnreadReason,
}

/// A change of a summary: what a worker writes and a browser receives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "delta", rename_all = "snake_case")]
pub enum SummaryDelta {
    /// The summary was requested (again): resets the state.
    Queued,
    /// An attempt began to read the file. Lines of earlier attempts are kept.
    Reading {
        /// Attempt number, counted from 1.
        attempt: u32,
    },
    /// The file has been read; lines follow.
    Read {
        /// Number of pages in the document.
        pages: u32,
        /// Hidden text in the document.
        hidden: Vec<HiddenText>,
        /// The pages that could not be read.
        unread: Vec<UnreadPage>,
    },
    /// An attempt wrote a line.
    Line {
        /// Index of the line, counted from 0.
        n: u32,
        /// The line itself.
        line: Line,
    },
    /// The summary is complete.
    Ready {
        /// Name and version of the summarizer.
        engine: String,
    },
    /// No page could be read.
    Unreadable {
        /// Every page, with the reason.
        unread: Vec<UnreadPage>,
    },
    /// The job was discarded, or the file was refused.
    Failed {
        /// The reason for refusing the file; `None` if the job was discarded.
        refusal: Option<Refusal>,
    },
}

/// The summary of a CV.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The current state.
    pub state: SummaryState,
    /// Number of the running or last attempt, counted from 1; 0 before the first.
    pub attempt: u32,
    /// Number of pages in the document; 0 until it has been read.
    pub pages: u32,
    /// The lines written so far, in display order.
    pub lines: Vec<Line>,
    /// Hidden text in the document.
    pub hidden: Vec<HiddenText>,
    /// The pages that could not be read.
    pub unread: Vec<UnreadPage>,
    /// Name and version of the summarizer, once the summary is complete.
    pub engine: Option<String>,
    /// The reason for refusing the file, if the summary failed for it.
    pub refusal: Option<Refusal>,
}

impl Summary {
    /// Applies `delta` in place. Deterministic: the same deltas give the same summary in the
    /// database, in the server's HTML and in every browser.
    ///
    /// A later attempt may write a line again: the same line at the same index changes nothing; a
    /// different one replaces it and removes all lines after it; a line beyond the next index is
    /// ignored. So no line is lost or duplicated
    /// (`attempts_that_die_anywhere_end_in_the_same_lines`).
    pub fn apply(&mut self, delta: SummaryDelta) {
        match delta {
            SummaryDelta::Queued => *self = Self::default(),
            SummaryDelta::Reading { attempt } => {
                self.attempt = attempt;
                self.state = SummaryState::Reading;
            }
            SummaryDelta::Read { pages, hidden, unread } => {
                self.pages = pages;
                self.hidden = hidden;
                self.unread = unread;
                self.state = SummaryState::Writing;
            }
            SummaryDelta::Line { n, line } => self.set_line(n, line),
            SummaryDelta::Ready { engine } => {
                self.engine = Some(engine);
                self.state = SummaryState::Ready;
            }
            SummaryDelta::Unreadable { unread } => {
                self.pages = u32::try_from(unread.len()).unwrap_or(u32::MAX);
                self.unread = unread;
                self.lines.clear();
                self.state = SummaryState::Unreadable;
            }
            SummaryDelta::Failed { refusal } => {
                self.refusal = refusal;
                self.state = SummaryState::Failed;
            }
        }
    }

    fn set_line(&mut self, n: u32, line: Line) {
        let n = n as usize;
        match self.lines.get(n) {
            Some(known) if *known == line => {}
            Some(_) => {
                self.lines.truncate(n);
                self.lines.push(line);
            }
            None if n == self.lines.len() => self.lines.push(line),
            None => {}
        }
    }
}
