//! What a machine read out of a document: pages of text, with the place of every word.
//!
//! A transcript holds visible text only. Hidden text is kept apart (`summary::HiddenText`) and can
//! therefore not be cited.

use serde::{Deserialize, Serialize};

use crate::{
    evidence::{Evidence, NotInText},
    written::{LanguageCode, Written},
};

/// A rectangle on a page in points (1/72 inch); origin top left, y downwards.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Rect {
    /// The smallest rectangle that covers both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self { x, y, w: (self.x + self.w).max(other.x + other.w) - x, h: (self.y + self.h).max(other.y + other.h) - y }
    }

    /// Whether the two lie on one line of text: they overlap by half of the lower one's height.
    #[must_use]
    pub fn same_line(self, other: Self) -> bool {
        let overlap = (self.y + self.h).min(other.y + other.h) - self.y.max(other.y);
        overlap >= self.h.min(other.h) / 2.0
    }
}

/// A half-open range of characters (Unicode scalar values) of one page's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First character.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

impl Span {
    /// `start..end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: saturate(start), end: saturate(end) }
    }

    /// Whether the two share a character.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

fn saturate(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// One word: its characters in the page's text and, where the format has geometry, its place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The characters of the page's text.
    pub span: Span,
    /// Its place; `None` for formats without pages (DOCX, ODT, RTF, HTML, plain text).
    pub rect: Option<Rect>,
}

/// One page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Counted from 1.
    pub number: u32,
    /// Width in points; 0 for formats without geometry.
    pub width: f32,
    /// Height in points; 0 for formats without geometry.
    pub height: f32,
    /// The visible text in reading order, lines ended by `\n`.
    pub text: String,
    /// The words of `text`, in its order.
    pub words: Vec<Word>,
    /// The languages of its parts, in its order; what is in none of them is in no known one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written: Vec<Written>,
}

/// The visible text of a document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// In page order.
    pub pages: Vec<Page>,
}

impl Transcript {
    /// The passage at `span` of page `number`: the only way to make [`Evidence`].
    ///
    /// # Errors
    /// [`NotInText`] when there is no such page, or the span is empty, beyond the text's end or
    /// nothing but white space.
    pub fn cite(&self, number: u32, span: Span) -> Result<Evidence, NotInText> {
        let page = self.pages.iter().find(|page| page.number == number).ok_or(NotInText)?;
        page.cite(span)
    }
}

impl Page {
    /// The passage at `span` of this page; see [`Transcript::cite`].
    ///
    /// # Errors
    /// As there.
    pub fn cite(&self, span: Span) -> Result<Evidence, NotInText> {
        let quote = self.slice(span).ok_or(NotInText)?;
        if quote.trim().is_empty() {
            return Err(NotInText);
        }
        Ok(Evidence::read_from_page(self.number, span, quote.to_owned(), self.boxes(span), self.language(span)))
    }

    /// The language of the first part that `span` touches.
    fn language(&self, span: Span) -> Option<LanguageCode> {
        let first = self.written.partition_point(|part| part.span.end <= span.start);
        self.written.get(first).filter(|part| part.span.overlaps(span)).map(|part| part.language)
    }

    /// The characters of `span`; `None` if it is not within the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> Option<&str> {
        let (start, end) = (usize::try_from(span.start).ok()?, usize::try_from(span.end).ok()?);
        if self.text.is_ascii() {
            return self.text.get(start..end);
        }
        // Characters are counted many at a time here, which `char_indices` does not do.
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

    /// One rectangle per line of text that the span touches.
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
