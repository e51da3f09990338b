//! Sentences of summary lines: quotes of their evidence, messages of a closed list, and punctuation.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{evidence::Evidence, locale::Locale, message::Message};

/// One part of a sentence. There is no variant for free text: what a line says is a quote of its
/// evidence, a message or punctuation.
///
/// As JSON a quote is a number, a separator is its text and a message is an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Segment {
    /// The n-th passage of the line's evidence, counted from 0, with every run of white space as one
    /// space.
    Quote(u32),
    /// Punctuation.
    Separator(Separator),
    /// A message, rendered in the reader's locale.
    Message(Message),
}

/// Punctuation between quotes and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Separator {
    /// A space.
    #[serde(rename = " ")]
    Space,
    /// A comma between items.
    #[serde(rename = ", ")]
    Comma,
    /// A dash between the start and the end of a period.
    #[serde(rename = " – ")]
    Dash,
    /// A colon and an opening quotation mark.
    #[serde(rename = ": “")]
    OpenQuote,
    /// A closing quotation mark.
    #[serde(rename = "”")]
    CloseQuote,
}

impl Separator {
    /// All separators.
    pub const ALL: [Self; 5] = [Self::Space, Self::Comma, Self::Dash, Self::OpenQuote, Self::CloseQuote];

    /// Returns the separator as text; also its JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Space => " ",
            Self::Comma => ", ",
            Self::Dash => " – ",
            Self::OpenQuote => ": “",
            Self::CloseQuote => "”",
        }
    }
}

/// A sentence under construction, together with the passages that back it. It has at least one
/// passage, and its segments quote no other passages than those.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    segments: Vec<Segment>,
    evidence: Vec<Evidence>,
}

impl Sentence {
    /// Starts a sentence with a quote.
    #[must_use]
    pub fn from_quote(evidence: Evidence) -> Self {
        Self { segments: vec![Segment::Quote(0)], evidence: vec![evidence] }
    }

    /// Starts a sentence that `evidence` backs without being quoted in it.
    #[must_use]
    pub fn from_evidence(evidence: Evidence) -> Self {
        Self { segments: Vec::new(), evidence: vec![evidence] }
    }

    /// Starts a sentence with a message that `evidence` backs.
    #[must_use]
    pub fn from_message(message: Message, evidence: Evidence) -> Self {
        Self { segments: vec![Segment::Message(message)], evidence: vec![evidence] }
    }

    /// Starts a sentence with a must-have of the posting and the quote that names it: `Rust: “wrote Rust”`.
    #[must_use]
    pub fn from_must_have(must_have: &str, quote: Evidence) -> Self {
        let must_have = Message::MustHave { need: must_have.to_owned() };
        let segments = vec![
            Segment::Message(must_have),
            Segment::Separator(Separator::OpenQuote),
            Segment::Quote(0),
            Segment::Separator(Separator::CloseQuote),
        ];
        Self { segments, evidence: vec![quote] }
    }

    /// Appends a separator, unless the sentence has no text yet, and a quote.
    #[must_use]
    pub fn quote(self, separator: Separator, evidence: Evidence) -> Self {
        let n = u32::try_from(self.evidence.len()).unwrap_or(u32::MAX);
        self.append(separator, Segment::Quote(n)).cite(evidence)
    }

    /// Appends a separator, unless the sentence has no text yet, and a message.
    #[must_use]
    pub fn message(self, separator: Separator, message: Message) -> Self {
        self.append(separator, Segment::Message(message))
    }

    fn append(mut self, separator: Separator, segment: Segment) -> Self {
        self.segments.extend((!self.segments.is_empty()).then_some(Segment::Separator(separator)));
        self.segments.push(segment);
        self
    }

    /// Adds a passage that backs the sentence without being quoted in it.
    #[must_use]
    pub fn cite(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    pub(crate) fn into_parts(self) -> (Vec<Segment>, Vec<Evidence>) {
        (self.segments, self.evidence)
    }
}

impl Segment {
    /// Renders the segment of a line with this evidence.
    pub(crate) fn render<'a>(&self, evidence: &'a [Evidence], locale: Locale) -> Cow<'a, str> {
        match self {
            Self::Quote(_) => self.quoted(evidence).map(quote_text).unwrap_or_default().into(),
            Self::Separator(separator) => separator.as_str().into(),
            Self::Message(message) => message.render(locale).into(),
        }
    }

    /// Returns the passage that a quote repeats; `None` for other segments and for passages that do not
    /// exist.
    pub(crate) fn quoted<'a>(&self, evidence: &'a [Evidence]) -> Option<&'a Evidence> {
        let Self::Quote(n) = self else { return None };
        evidence.get(usize::try_from(*n).ok()?)
    }
}

/// Returns the text of a passage on one line, with every run of white space as one space.
pub(crate) fn quote_text(evidence: &Evidence) -> String {
    fold_white_space(evidence.quote())
}

/// Replaces every run of white space by one space and trims the text.
pub(crate) fn fold_white_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_separator_is_stored_as_its_text_and_no_other_text_is_one() {
        for separator in Separator::ALL {
            let json = serde_json::to_value(Segment::Separator(separator)).expect("a separator is JSON");
            assert_eq!(json, separator.as_str());
            let segment: Segment = serde_json::from_value(json).expect("a separator is a segment");
            assert_eq!(segment, Segment::Separator(separator));
        }
        assert!(serde_json::from_str::<Segment>("\"hire this person\"").is_err());
    }
}
