//! Lines of a summary: what a line says, and the passages that back it.

mod stored;

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct as _};

use crate::{
    evidence::{Evidence, NotInText},
    locale::Locale,
    message::Message,
    notice::Notice,
    sentence::{Segment, Sentence},
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

/// One line of a summary. Its fields are private: it can only be constructed from a [`Sentence`] with
/// its evidence, from a must-have that was not found, or from a [`Notice`]. Its text is made of quotes
/// of its evidence, messages and punctuation; there is no way to put other text into it:
///
/// ```compile_fail
/// let invented = domain::Sentence::from_quote("led a team of 40");
/// ```
///
/// `Deserialize` reads lines that this version or an earlier one has stored. It refuses a line whose
/// segments quote passages that it does not have.
///
/// `Serialize` writes the English text too, which the version before reads while both run side by side.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "stored::StoredLine")]
pub struct Line {
    kind: LineKind,
    segments: Vec<Segment>,
    basis: Basis,
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_struct("Line", 4)?;
        line.serialize_field("kind", &self.kind)?;
        line.serialize_field("text", &self.text())?;
        line.serialize_field("segments", &self.segments)?;
        line.serialize_field("basis", &self.basis)?;
        line.end()
    }
}

impl Line {
    /// Creates a line from a sentence and the passages that back it.
    #[must_use]
    pub fn cited(kind: LineKind, sentence: Sentence) -> Self {
        let (segments, evidence) = sentence.into_parts();
        Self { kind, segments, basis: Basis::Cited(evidence) }
    }

    /// Creates a line that repeats a passage.
    #[must_use]
    pub fn from_quote(kind: LineKind, quote: Evidence) -> Self {
        Self::cited(kind, Sentence::from_quote(quote))
    }

    /// Creates a line whose text is a message, backed by at least one passage.
    #[must_use]
    pub fn from_message(kind: LineKind, message: Message, first: Evidence, more: Vec<Evidence>) -> Self {
        let sentence = Sentence::from_message(message, first);
        Self::cited(kind, more.into_iter().fold(sentence, Sentence::cite))
    }

    /// Creates the line of a must-have that the CV does not name.
    #[must_use]
    pub fn not_found(must_have: &str) -> Self {
        let message = Message::NotFound { need: must_have.to_owned() };
        Self { kind: LineKind::MustHave, segments: vec![Segment::Message(message)], basis: Basis::NotFound }
    }

    /// Creates a line about the document itself.
    #[must_use]
    pub fn notice(notice: Notice) -> Self {
        let message = Message::Document { notice: notice.clone() };
        Self { kind: LineKind::ToVerify, segments: vec![Segment::Message(message)], basis: Basis::Notice(notice) }
    }

    /// Cites every passage again from `transcript`: makes a line from an untrusted process safe to
    /// use. Its [must-haves](Self::must_haves) still have to be compared with the posting's.
    ///
    /// # Errors
    /// [`NotInText`] when a passage is not in the text.
    pub fn revalidate(self, transcript: &Transcript) -> Result<Self, NotInText> {
        let basis = match self.basis {
            Basis::Cited(evidence) => {
                Basis::Cited(evidence.iter().map(|passage| passage.revalidate(transcript)).collect::<Result<_, _>>()?)
            }
            basis @ (Basis::NotFound | Basis::Notice(_)) => basis,
        };
        Ok(Self { basis, ..self })
    }

    /// Returns the subject of the line.
    #[must_use]
    pub fn kind(&self) -> LineKind {
        self.kind
    }

    /// Returns the segments of the sentence, in order.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Renders the line with messages in English.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_in(Locale::En)
    }

    /// Renders the line with messages in `locale`; quotes stay in their own language.
    #[must_use]
    pub fn text_in(&self, locale: Locale) -> String {
        self.segments.iter().map(|segment| segment.render(self.evidence(), locale)).collect()
    }

    /// Returns the passages that back the line; empty for must-haves not found and for notices.
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        match &self.basis {
            Basis::Cited(evidence) => evidence,
            Basis::NotFound | Basis::Notice(_) => &[],
        }
    }

    /// Returns the must-haves that the line names in the posting's words, found or not.
    pub fn must_haves(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Message(Message::MustHave { need } | Message::NotFound { need }) => Some(need.as_str()),
            _ => None,
        })
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
