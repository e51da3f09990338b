//! One line of a summary: what it says and what it rests on.

use serde::{Deserialize, Serialize};

use crate::{evidence::Evidence, refusal::UnreadReason, summary::HiddenReason};

/// What a line is about. The order is the card's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    /// The candidate's name.
    Name,
    /// Present title, employer and dates.
    CurrentRole,
    /// The title, employer and dates before that.
    PreviousRole,
    /// Highest education.
    Education,
    /// Total experience, computed from the dates.
    Experience,
    /// One must-have of the posting: quoted, or not found.
    MustHave,
    /// One skill, or a group of them, with the last year of use.
    Skill,
    /// A language and its level.
    Language,
    /// A sentence of the CV itself.
    Highlight,
    /// Something that a person should look at.
    ToVerify,
}

impl LineKind {
    /// As in the page's `data-kind`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::CurrentRole => "current-role",
            Self::PreviousRole => "previous-role",
            Self::Education => "education",
            Self::Experience => "experience",
            Self::MustHave => "must-have",
            Self::Skill => "skill",
            Self::Language => "language",
            Self::Highlight => "highlight",
            Self::ToVerify => "to-verify",
        }
    }

    /// The heading that a reader sees.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::CurrentRole => "Current role",
            Self::PreviousRole => "Previous role",
            Self::Education => "Education",
            Self::Experience => "Experience",
            Self::MustHave => "Must-haves",
            Self::Skill => "Skills",
            Self::Language => "Languages",
            Self::Highlight => "In their words",
            Self::ToVerify => "To verify",
        }
    }
}

/// What a reader is told about the document itself, where there is no passage to quote. A closed
/// list, so that nothing about the candidate can be said without evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// A page could not be read.
    UnreadPage {
        /// Counted from 1.
        page: u32,
        /// Why.
        reason: UnreadReason,
    },
    /// The file holds text that a reader of its pages cannot see.
    HiddenText {
        /// Counted from 1.
        page: u32,
        /// How it is hidden.
        reason: HiddenReason,
    },
    /// No employment with dates was found, so that no total could be computed.
    NoDatedEmployment,
    /// No name was found.
    NoName,
}

/// What a line rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Basis {
    /// Passages; never empty.
    Cited(Vec<Evidence>),
    /// A must-have that the CV does not name.
    NotFound,
    /// The document as a whole.
    Notice(Notice),
}

/// One line. Its fields are private: it is made from evidence, from a must-have that was not
/// found, or from a [`Notice`], and in no other way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    kind: LineKind,
    text: String,
    basis: Basis,
}

impl Line {
    /// A line that rests on at least one passage.
    #[must_use]
    pub fn cited(kind: LineKind, text: impl Into<String>, first: Evidence, more: Vec<Evidence>) -> Self {
        let mut evidence = vec![first];
        evidence.extend(more);
        Self { kind, text: text.into(), basis: Basis::Cited(evidence) }
    }

    /// A must-have of the posting that the CV does not name.
    #[must_use]
    pub fn not_found(must_have: &str) -> Self {
        Self { kind: LineKind::MustHave, text: format!("{must_have}: not found"), basis: Basis::NotFound }
    }

    /// Something about the document itself.
    #[must_use]
    pub fn notice(notice: Notice) -> Self {
        Self { kind: LineKind::ToVerify, text: notice.sentence(), basis: Basis::Notice(notice) }
    }

    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> LineKind {
        self.kind
    }

    /// What it says.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The passages; empty for what was not found and for notices.
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        match &self.basis {
            Basis::Cited(evidence) => evidence,
            Basis::NotFound | Basis::Notice(_) => &[],
        }
    }

    /// Whether this is a must-have that the CV does not name.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self.basis, Basis::NotFound)
    }

    /// The page of its first passage, or of the notice.
    #[must_use]
    pub fn page(&self) -> Option<u32> {
        match &self.basis {
            Basis::Cited(evidence) => evidence.first().map(Evidence::page),
            Basis::Notice(Notice::UnreadPage { page, .. } | Notice::HiddenText { page, .. }) => Some(*page),
            Basis::NotFound | Basis::Notice(_) => None,
        }
    }
}

impl Notice {
    /// What a reader sees.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::UnreadPage { page, reason } => {
                format!("Page {page} could not be read: {}", reason.sentence())
            }
            Self::HiddenText { page, reason } => {
                format!("Page {page} holds text that a reader cannot see ({}). It was left out.", reason.phrase())
            }
            Self::NoDatedEmployment => "No employment with dates was found; the total experience is not known.".into(),
            Self::NoName => "No name was found at the head of the CV.".into(),
        }
    }
}
