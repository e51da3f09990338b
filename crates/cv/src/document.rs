//! The output of the readers: the text of a file and how its lines look.

use domain::{
    Page, Rect, Span, Transcript,
    summary::{HiddenText, UnreadPage},
};
use serde::{Deserialize, Serialize};

use crate::{
    format::Format,
    limits::{MAX_GLYPHS, MAX_PAGES},
};

/// One line of text as the document sets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextLine {
    /// The page, counted from 1.
    pub page: u32,
    /// The line's characters in the page's text, without the line end. A tab within the line stands for a
    /// gap wider than that between words: dates at the margin, cells of a table row.
    pub span: Span,
    /// The median font size in points; 0 where the format does not say.
    pub size: f32,
    /// Whether most of it is bold.
    pub bold: bool,
    /// How many characters at its beginning are bold, if nothing that follows is; else 0. Often this alone
    /// sets labels and titles apart.
    #[serde(default)]
    pub lead: u32,
    /// The level of a heading that the format itself marks (HTML h1, DOCX Heading1, ...); 0 for other lines.
    pub heading: u8,
    /// The number of the visual block (column, paragraph, table cell) that the line belongs to. It grows in
    /// reading order.
    pub block: u32,
    /// The bounding box in points, for formats with geometry.
    pub rect: Option<Rect>,
}

/// The text of a file with its layout, and what could not be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The format that the file was read as.
    pub format: Format,
    /// The visible text.
    pub transcript: Transcript,
    /// The lines of the visible text, in reading order.
    pub lines: Vec<TextLine>,
    /// The text that a person who looks at the pages cannot see.
    pub hidden: Vec<HiddenText>,
    /// The pages that gave no text.
    pub unread: Vec<UnreadPage>,
    /// The invisible text layers that scanning programs put over a scan. They may say anything, so they are
    /// not part of the transcript; they are compared with what OCR finds.
    #[serde(default)]
    pub layers: Vec<HiddenText>,
    /// The pages whose text comes from OCR and may have errors.
    #[serde(default, rename = "recognised")]
    pub ocr_pages: Vec<u32>,
}

impl Document {
    /// Checks the invariants that every reader keeps. Call it on a document from an untrusted process.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let pages = &self.transcript.pages;
        let numbered = (1..).zip(pages).all(|(number, page)| page.number == number);
        let blocks = self.lines.iter().all(|line| (line.block as usize) < MAX_GLYPHS);
        let languages = pages.iter().all(has_ordered_languages);
        pages.len() <= MAX_PAGES as usize && numbered && blocks && languages && self.lines.len() <= MAX_GLYPHS
    }

    /// Returns whether any page has text.
    #[must_use]
    pub fn has_text(&self) -> bool {
        self.transcript.pages.iter().any(|page| !page.text.trim().is_empty())
    }

    /// The text of `line`; empty if its page or span does not exist.
    #[must_use]
    pub fn text(&self, line: &TextLine) -> &str {
        let page = self.transcript.pages.iter().find(|page| page.number == line.page);
        page.and_then(|page| page.slice(line.span)).unwrap_or_default()
    }
}

/// Whether the language spans of `page` follow each other within its text.
fn has_ordered_languages(page: &Page) -> bool {
    let ends = [0].into_iter().chain(page.languages.iter().map(|part| part.span.end));
    let in_order =
        ends.zip(&page.languages).all(|(end, part)| end <= part.span.start && part.span.start < part.span.end);
    in_order && page.languages.last().is_none_or(|last| page.slice(last.span).is_some())
}
