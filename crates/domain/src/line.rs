//! Lines of a summary: what a line says, and the passages that back it.

use serde::{Deserialize, Serialize};

use crate::{
    evidence::{Evidence, NotInText},
    locale::Locale,
    message::Message,
    notice::Notice,
    transcript::Transcript,
};

/// The subject of a line. The order of the variants is the display order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    /// The candidate's name.
    Name,
    /// Title, employer and dates of the current employment.
    CurrentRole,
    /// Title, employer and dates of the employment before the current one.
    PreviousRole,
    /// The highest degree, with institution and dates.
    Education,
    /// Total experience, computed from the dates of the employments.
    Experience,
    /// A must-have of the posting: a quote that names it, or "not found".
    MustHave,
    /// A skill, with the year it was last used.
    Skill,
    /// A spoken language and its level.
    Language,
    /// A sentence of the CV.
    Highlight,
    /// A discrepancy that a person should check.
    ToVerify,
}

impl LineKind {
    /// Returns the name for programs; also the page's `data-kind`.
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

    /// Returns the heading above lines of this kind, in English.
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

/// What backs a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Basis {
    /// Passages of the document; never empty.
    Cited(Vec<Evidence>),
    /// Nothing: a must-have that the CV does not name.
    NotFound,
    /// The document as a whole.
    Notice(Notice),
}

/// One line of a summary. Its fields are private: it can only be constructed from evidence, from a
/// must-have that was not found, or from a [`Notice`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    kind: LineKind,
    text: String,
    basis: Basis,
    /// The message that `text` renders; `None` if the text comes from the CV.
    #[serde(rename = "phrase", default, skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

impl Line {
    /// Creates a line whose text comes from the CV, backed by at least one passage.
    #[must_use]
    pub fn cited(kind: LineKind, text: impl Into<String>, first: Evidence, more: Vec<Evidence>) -> Self {
        let mut evidence = vec![first];
        evidence.extend(more);
        Self { kind, text: text.into(), basis: Basis::Cited(evidence), message: None }
    }

    /// Creates a line whose text is a message, backed by at least one passage.
    #[must_use]
    pub fn from_message(kind: LineKind, message: Message, first: Evidence, more: Vec<Evidence>) -> Self {
        Self { message: Some(message.clone()), ..Self::cited(kind, message.render(Locale::En), first, more) }
    }

    /// Creates the line of a must-have that the CV does not name.
    #[must_use]
    pub fn not_found(must_have: &str) -> Self {
        let message = Message::NotFound { need: must_have.to_owned() };
        Self {
            kind: LineKind::MustHave,
            text: message.render(Locale::En),
            basis: Basis::NotFound,
            message: Some(message),
        }
    }

    /// Creates a line about the document itself.
    #[must_use]
    pub fn notice(notice: Notice) -> Self {
        let message = Message::Document { notice: notice.clone() };
        let text = message.render(Locale::En);
        Self { kind: LineKind::ToVerify, text, basis: Basis::Notice(notice), message: Some(message) }
    }

    /// Cites every passage again from `transcript` and renders messages again: makes a line from an
    /// untrusted process safe to use. The result is one that the constructors above can create.
    ///
    /// # Errors
    /// [`NotInText`] when a passage is not in the text, or the line needs evidence and has none.
    pub fn revalidate(self, transcript: &Transcript) -> Result<Self, NotInText> {
        match (self.basis, self.message) {
            (Basis::Cited(quotes), message) => {
                let again: Result<Vec<_>, _> = quotes.iter().map(|quote| quote.revalidate(transcript)).collect();
                let mut again = again?.into_iter();
                let first = again.next().ok_or(NotInText)?;
                Ok(match message {
                    Some(message) => Self::from_message(self.kind, message, first, again.collect()),
                    None => Self::cited(self.kind, self.text, first, again.collect()),
                })
            }
            (Basis::NotFound, Some(Message::NotFound { need })) => Ok(Self::not_found(&need)),
            (Basis::NotFound, _) => Err(NotInText),
            (Basis::Notice(notice), _) => Ok(Self::notice(notice)),
        }
    }

    /// Returns the subject of the line.
    #[must_use]
    pub fn kind(&self) -> LineKind {
        self.kind
    }

    /// Returns the text of the line; messages are in English.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text of the line with messages in `locale`; quotes stay in their own language.
    #[must_use]
    pub fn text_in(&self, locale: Locale) -> String {
        self.message.as_ref().map_or_else(|| self.text.clone(), |message| message.render(locale))
    }

    /// Returns the passages that back the line; empty for must-haves not found and for notices.
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

    /// Returns the page of the first passage or of the notice; `None` if the line has no page.
    #[must_use]
    pub fn page(&self) -> Option<u32> {
        match &self.basis {
            Basis::Cited(evidence) => evidence.first().map(Evidence::page),
            Basis::Notice(
                Notice::UnreadPage { page, .. } | Notice::HiddenText { page, .. } | Notice::OcrPage { page },
            ) => Some(*page),
            Basis::NotFound | Basis::Notice(_) => None,
        }
    }
}
