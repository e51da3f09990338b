//! What the reader hands to the facts engine: the transcript and how its lines look.

use domain::{
    Page, Rect, Span, Transcript,
    summary::{HiddenText, UnreadPage},
};
use serde::{Deserialize, Serialize};

use crate::{
    format::Format,
    read::{MOST_GLYPHS, MOST_PAGES},
};

/// One line of a page as it was set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextLine {
    /// The page, counted from 1.
    pub page: u32,
    /// The characters of the page's text, without the line end. A tab within stands for a gap
    /// wider than that between words: dates at the margin, cells of a row.
    pub span: Span,
    /// The median glyph size in points; 0 where the format does not say.
    pub size: f32,
    /// Whether most of it is bold.
    pub bold: bool,
    /// How many characters at its beginning are bold, if nothing that follows is; else 0. Labels and
    /// titles are often set apart by this alone.
    #[serde(default)]
    pub lead: u32,
    /// The level of a heading that the format itself marks (HTML h1, DOCX Heading1, ...); 0: none.
    pub heading: u8,
    /// Lines of one visual block (column, paragraph, table cell) share it; it grows in reading order.
    pub block: u32,
    /// Its place, for formats with geometry.
    pub rect: Option<Rect>,
}

/// A document that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Of which kind.
    pub format: Format,
    /// The visible text.
    pub transcript: Transcript,
    /// Its lines, in reading order.
    pub lines: Vec<TextLine>,
    /// What a reader of the pages cannot see.
    pub hidden: Vec<HiddenText>,
    /// The pages that gave no text.
    pub unread: Vec<UnreadPage>,
    /// The invisible text that scanning programs lay over a scan. It may say anything and is never
    /// read; it is compared with what the picture shows.
    #[serde(default)]
    pub layers: Vec<HiddenText>,
    /// The pages whose text was recognised from their pictures, and may have errors.
    #[serde(default)]
    pub recognised: Vec<u32>,
}

impl Document {
    /// Whether its parts fit together as those of a document that was read here do: asked of what
    /// another process says that it read.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let pages = &self.transcript.pages;
        let counted = (1..).zip(pages).all(|(number, page)| page.number == number);
        let lines = self.lines.iter().all(|line| (line.block as usize) < MOST_GLYPHS);
        let written = pages.iter().all(is_written_in_order);
        pages.len() <= MOST_PAGES as usize && counted && lines && written && self.lines.len() <= MOST_GLYPHS
    }

    /// Whether any page has text.
    #[must_use]
    pub fn has_text(&self) -> bool {
        self.transcript.pages.iter().any(|page| !page.text.trim().is_empty())
    }

    /// The text of `line`.
    #[must_use]
    pub fn text(&self, line: &TextLine) -> &str {
        let page = self.transcript.pages.iter().find(|page| page.number == line.page);
        page.and_then(|page| page.slice(line.span)).unwrap_or_default()
    }
}

/// Whether the parts of `page` that are in a language follow each other within its text.
fn is_written_in_order(page: &Page) -> bool {
    let ends = [0].into_iter().chain(page.written.iter().map(|part| part.span.end));
    let in_order = ends.zip(&page.written).all(|(end, part)| end <= part.span.start && part.span.start < part.span.end);
    in_order && page.written.last().is_none_or(|last| page.slice(last.span).is_some())
}
