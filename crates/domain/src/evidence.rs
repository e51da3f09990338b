//! Passages of a document that back a summary line.

use serde::{Deserialize, Serialize};

use crate::{
    geometry::{Rect, Span},
    language::LanguageCode,
    transcript::Transcript,
};

/// A passage of a document. Its fields are private and its only constructor is
/// [`Transcript::cite`](crate::Transcript::cite), which copies the quote out of the text, so a
/// quote that is not in the document cannot be constructed.
///
/// ```compile_fail
/// let invented = domain::Evidence { page: 1, quote: "led a team of 40".into() };
/// ```
///
/// `Deserialize` is for evidence that was serialized before: rows of our own database and frames
/// of our own server. Evidence from a process that parses untrusted bytes must go through
/// [`Line::revalidate`](crate::Line::revalidate) first, which cites it again from the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    page: u32,
    span: Span,
    quote: String,
    boxes: Vec<Rect>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<LanguageCode>,
}

impl Evidence {
    pub(crate) fn new(page: u32, span: Span, quote: String, boxes: Vec<Rect>, language: Option<LanguageCode>) -> Self {
        Self { page, span, quote, boxes, language }
    }

    /// Cites the same span again from `transcript`, so that boxes and language are its own.
    ///
    /// # Errors
    /// [`NotInText`] when the span does not exist or holds another text.
    pub(crate) fn revalidate(&self, transcript: &Transcript) -> Result<Self, NotInText> {
        let again = transcript.cite(self.page, self.span)?;
        if again.quote == self.quote { Ok(again) } else { Err(NotInText) }
    }

    /// Returns the page number, counted from 1.
    #[must_use]
    pub fn page(&self) -> u32 {
        self.page
    }

    /// Returns the range of characters in the page's text.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Returns the passage verbatim, line breaks included.
    #[must_use]
    pub fn quote(&self) -> &str {
        &self.quote
    }

    /// Returns the position on the page, one rectangle per line of text; empty for formats without
    /// geometry.
    #[must_use]
    pub fn boxes(&self) -> &[Rect] {
        &self.boxes
    }

    /// Returns the language of the passage, if it was recognized.
    #[must_use]
    pub fn language(&self) -> Option<LanguageCode> {
        self.language
    }
}

/// The error of citing a passage that is not in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the passage is not in the document")]
pub struct NotInText;
