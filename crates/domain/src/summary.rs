//! A summary as the fold of its deltas.

use serde::{Deserialize, Serialize};

use crate::{
    line::Line,
    refusal::{Refusal, UnreadReason},
    transcript::Rect,
};

/// How far a summary is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SummaryState {
    /// Its job waits.
    #[default]
    Queued,
    /// The file is being read.
    Reading,
    /// Lines are being written.
    Writing,
    /// Complete.
    Ready,
    /// The file has no text that could be read.
    Unreadable,
    /// The job gave up.
    Failed,
}

impl SummaryState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Reading, Self::Writing, Self::Ready, Self::Unreadable, Self::Failed];

    /// As in the page's `data-state`.
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

    /// The state of that stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing more will come by itself.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Ready | Self::Unreadable | Self::Failed)
    }
}

/// How text can be hidden from a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HiddenReason {
    /// It has (nearly) the colour of what is behind it, or something lies on it.
    NoInk,
    /// Smaller than 3 points.
    Tiny,
    /// Outside the visible page.
    OffPage,
    /// Drawn in the invisible render mode, fully transparent, clipped away, or marked as hidden.
    Invisible,
    /// A shape that stands for more characters than it shows, or characters without a shape.
    Smuggled,
}

impl HiddenReason {
    /// How, in a few words.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::NoInk => "it has the colour of its background, or is covered",
            Self::Tiny => "it is smaller than 3 points",
            Self::OffPage => "it lies outside the visible page",
            Self::Invisible => "it is marked as invisible",
            Self::Smuggled => "its characters have no visible shape",
        }
    }
}

/// Text that a reader of the page cannot see. Shown to recruiters, never part of a transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HiddenText {
    /// Counted from 1.
    pub page: u32,
    /// How it is hidden.
    pub reason: HiddenReason,
    /// The text, at most 2,000 characters.
    pub text: String,
    /// Where, if it has a place.
    pub boxes: Vec<Rect>,
}

/// A page that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadPage {
    /// Counted from 1.
    pub page: u32,
    /// Why.
    pub reason: UnreadReason,
}

/// One step of a summary; what a worker writes and a browser receives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "delta", rename_all = "snake_case")]
pub enum SummaryDelta {
    /// Asked for (again): everything before is void.
    Queued,
    /// An attempt began to read the file. What an earlier attempt wrote stays.
    Reading {
        /// Counted from 1.
        attempt: u32,
    },
    /// The file was read; lines follow.
    Read {
        /// How many pages it has.
        pages: u32,
        /// What was hidden in it.
        hidden: Vec<HiddenText>,
        /// The pages that could not be read.
        unread: Vec<UnreadPage>,
    },
    /// Line number `n`, counted from 0.
    Line {
        /// Its number.
        n: u32,
        /// The line.
        line: Line,
    },
    /// Complete.
    Ready {
        /// Which summariser, with its version.
        engine: String,
    },
    /// No page could be read.
    Unreadable {
        /// Which pages, and why.
        unread: Vec<UnreadPage>,
    },
    /// The job gave up.
    Failed {
        /// Why the file was refused, when that was the reason.
        refusal: Option<Refusal>,
    },
}

/// A summary.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How far it is.
    pub state: SummaryState,
    /// The running or last attempt, counted from 1; 0 before the first.
    pub attempt: u32,
    /// How many pages the document has; 0 until it was read.
    pub pages: u32,
    /// The lines, in the card's order.
    pub lines: Vec<Line>,
    /// What was hidden in the document.
    pub hidden: Vec<HiddenText>,
    /// The pages that could not be read.
    pub unread: Vec<UnreadPage>,
    /// Which summariser wrote it, once it is complete.
    pub engine: Option<String>,
    /// Why it failed, where a file was the reason.
    pub refusal: Option<Refusal>,
}

impl Summary {
    /// The summary after `delta`. A pure function of both: the same deltas give the same summary
    /// in the database, in the server's HTML and in every browser.
    ///
    /// A line may be written again by a later attempt: the same line at the same place changes
    /// nothing; another one replaces it and voids what followed; a line beyond the next place is
    /// ignored. So no line is ever lost or doubled.
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
            SummaryDelta::Line { n, line } => self.place(n, line),
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

    fn place(&mut self, n: u32, line: Line) {
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
