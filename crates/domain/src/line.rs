//! One line of a summary: what it says and what it rests on.

use serde::{Deserialize, Serialize};

use crate::{
    evidence::{Evidence, NotInText},
    phrase::{Phrase, Tongue},
    refusal::UnreadReason,
    summary::HiddenReason,
    transcript::Transcript,
};

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
    /// The text of a page was recognised in its picture.
    RecognisedPage {
        /// Counted from 1.
        page: u32,
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
    /// What `text` says in words of our own; none for words of the CV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phrase: Option<Phrase>,
}

impl Line {
    /// A line that rests on at least one passage.
    #[must_use]
    pub fn cited(kind: LineKind, text: impl Into<String>, first: Evidence, more: Vec<Evidence>) -> Self {
        let mut evidence = vec![first];
        evidence.extend(more);
        Self { kind, text: text.into(), basis: Basis::Cited(evidence), phrase: None }
    }

    /// A line in words of our own that rests on at least one passage.
    #[must_use]
    pub fn said(kind: LineKind, phrase: Phrase, first: Evidence, more: Vec<Evidence>) -> Self {
        Self { phrase: Some(phrase.clone()), ..Self::cited(kind, phrase.say(Tongue::En), first, more) }
    }

    /// A must-have of the posting that the CV does not name.
    #[must_use]
    pub fn not_found(must_have: &str) -> Self {
        let phrase = Phrase::NotFound { need: must_have.to_owned() };
        Self { kind: LineKind::MustHave, text: phrase.say(Tongue::En), basis: Basis::NotFound, phrase: Some(phrase) }
    }

    /// Something about the document itself.
    #[must_use]
    pub fn notice(notice: Notice) -> Self {
        let phrase = Phrase::Document { notice: notice.clone() };
        let text = phrase.say(Tongue::En);
        Self { kind: LineKind::ToVerify, text, basis: Basis::Notice(notice), phrase: Some(phrase) }
    }

    /// The same line with every passage cut anew out of `transcript`, and what we say in words of our
    /// own said anew: how a line is taken from a process that is not trusted. It can then be no line
    /// but one that the constructors above make.
    ///
    /// # Errors
    /// [`NotInText`] when one of its passages is not there, or it rests on none.
    pub fn cited_again(self, transcript: &Transcript) -> Result<Self, NotInText> {
        match (self.basis, self.phrase) {
            (Basis::Cited(quotes), phrase) => {
                let again: Result<Vec<_>, _> = quotes.iter().map(|quote| quote.cited_again(transcript)).collect();
                let mut again = again?.into_iter();
                let first = again.next().ok_or(NotInText)?;
                Ok(match phrase {
                    Some(phrase) => Self::said(self.kind, phrase, first, again.collect()),
                    None => Self::cited(self.kind, self.text, first, again.collect()),
                })
            }
            (Basis::NotFound, Some(Phrase::NotFound { need })) => Ok(Self::not_found(&need)),
            (Basis::NotFound, _) => Err(NotInText),
            (Basis::Notice(notice), _) => Ok(Self::notice(notice)),
        }
    }

    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> LineKind {
        self.kind
    }

    /// What it says, in English where the words are ours.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says to a reader of `tongue`; quotes stay as they are.
    #[must_use]
    pub fn text_in(&self, tongue: Tongue) -> String {
        self.phrase.as_ref().map_or_else(|| self.text.clone(), |phrase| phrase.say(tongue))
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
            Basis::Notice(
                Notice::UnreadPage { page, .. } | Notice::HiddenText { page, .. } | Notice::RecognisedPage { page },
            ) => Some(*page),
            Basis::NotFound | Basis::Notice(_) => None,
        }
    }
}
