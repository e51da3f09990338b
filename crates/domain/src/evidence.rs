//! The passage that a summary line rests on.

use serde::{Deserialize, Serialize};

use crate::{
    transcript::{Rect, Span, Transcript},
    written::LanguageCode,
};

/// A passage of a document. Its fields are private and its only constructor is
/// [`Transcript::cite`](crate::Transcript::cite), which copies the quote out of the text: a quote
/// that is not in the document cannot be made.
///
/// ```compile_fail
/// let invented = domain::Evidence { page: 1, quote: "led a team of 40".into() };
/// ```
///
/// Deserialising is for evidence that was serialised before: rows of our own database and frames
/// of our own server. What comes from a process that reads hostile bytes is cut anew out of the
/// text ([`Line::cited_again`](crate::Line::cited_again)) before anything else is done with it.
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
    pub(crate) fn read_from_page(
        page: u32,
        span: Span,
        quote: String,
        boxes: Vec<Rect>,
        language: Option<LanguageCode>,
    ) -> Self {
        Self { page, span, quote, boxes, language }
    }

    /// The same passage, cut anew out of `transcript`.
    ///
    /// # Errors
    /// [`NotInText`] when something else stands there.
    pub(crate) fn cited_again(&self, transcript: &Transcript) -> Result<Self, NotInText> {
        let again = transcript.cite(self.page, self.span)?;
        if again.quote == self.quote { Ok(again) } else { Err(NotInText) }
    }

    /// The page, counted from 1.
    #[must_use]
    pub fn page(&self) -> u32 {
        self.page
    }

    /// The characters of the page's text.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The passage, to the letter.
    #[must_use]
    pub fn quote(&self) -> &str {
        &self.quote
    }

    /// Where it stands on the page, a rectangle a line; empty for formats without geometry.
    #[must_use]
    pub fn boxes(&self) -> &[Rect] {
        &self.boxes
    }

    /// The language of the passage, where it is known.
    #[must_use]
    pub fn language(&self) -> Option<LanguageCode> {
        self.language
    }
}

/// The passage asked for is not in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the passage is not in the document")]
pub struct NotInText;
