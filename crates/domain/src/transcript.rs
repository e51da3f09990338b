//! The text of a document as pages, with the position of every word.
//!
//! A transcript holds visible text only. Hidden text is kept apart (`summary::HiddenText`), so it
//! cannot be cited.

use serde::{Deserialize, Serialize};

use crate::{
    evidence::{Evidence, NotInText},
    geometry::{Rect, Span},
    language::{LanguageCode, LanguageSpan},
};

/// A word: its characters in the page's text and, for formats with geometry, its position.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The word's characters in the page's text.
    pub span: Span,
    /// The word's position; `None` for formats without pages (DOCX, ODT, RTF, HTML, plain text).
    pub rect: Option<Rect>,
}

/// The text of one page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Page number, counted from 1.
    pub number: u32,
    /// Width in points; 0 for formats without geometry.
    pub width: f32,
    /// Height in points; 0 for formats without geometry.
    pub height: f32,
    /// The visible text in reading order, with `\n` after each line.
    pub text: String,
    /// The words of `text`, in order.
    pub words: Vec<Word>,
    /// The languages of parts of `text`, in order; the language of the rest is unknown.
    #[serde(rename = "written", default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<LanguageSpan>,
}

/// The visible text of a document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// The pages, in order.
    pub pages: Vec<Page>,
}

impl Transcript {
    /// Cites the passage at `span` of page `number`: the only way to construct [`Evidence`].
    ///
    /// # Errors
    /// [`NotInText`] when the page does not exist, or the span is empty, reaches beyond the text's
    /// end or contains only white space.
    pub fn cite(&self, number: u32, span: Span) -> Result<Evidence, NotInText> {
        let page = self.pages.iter().find(|page| page.number == number).ok_or(NotInText)?;
        page.cite(span)
    }
}

impl Page {
    /// Cites the passage at `span` of this page; see [`Transcript::cite`].
    ///
    /// # Errors
    /// As [`Transcript::cite`].
    pub fn cite(&self, span: Span) -> Result<Evidence, NotInText> {
        let quote = self.slice(span).ok_or(NotInText)?;
        if quote.trim().is_empty() {
            return Err(NotInText);
        }
        Ok(Evidence::new(self.number, span, quote.to_owned(), self.boxes(span), self.language(span)))
    }

    /// The language of the first part that overlaps `span`.
    fn language(&self, span: Span) -> Option<LanguageCode> {
        let first = self.languages.partition_point(|part| part.span.end <= span.start);
        self.languages.get(first).filter(|part| part.span.overlaps(span)).map(|part| part.language)
    }

    /// Returns the characters of `span`; `None` if it reaches beyond the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> Option<&str> {
        let (start, end) = (usize::try_from(span.start).ok()?, usize::try_from(span.end).ok()?);
        if self.text.is_ascii() {
            return self.text.get(start..end);
        }
        // `Chars::nth` skips many characters at a time; `char_indices` does not.
        let mut rest = self.text.chars();
        if let Some(last) = start.checked_sub(1) {
            rest.nth(last)?;
        }
        let from = self.text.len() - rest.as_str().len();
        if let Some(last) = end.checked_sub(start)?.checked_sub(1) {
            rest.nth(last)?;
        }
        let to = self.text.len() - rest.as_str().len();
        self.text.get(from..to)
    }

    /// One rectangle per line of text that overlaps `span`.
    fn boxes(&self, span: Span) -> Vec<Rect> {
        let mut boxes: Vec<Rect> = Vec::new();
        let touched = self.words.iter().filter(|word| word.span.overlaps(span));
        for rect in touched.filter_map(|word| word.rect) {
            match boxes.last_mut() {
                Some(last) if last.same_line(rect) => *last = last.union(rect),
                _ => boxes.push(rect),
            }
        }
        boxes
    }
}
