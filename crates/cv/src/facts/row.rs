//! A line with its text, from which passages are cited by byte range.

use std::ops::Range;

use domain::{Evidence, Span};

use crate::document::{Document, TextLine};

/// One line of the document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'d> {
    document: &'d Document,
    /// How it was set.
    pub line: &'d TextLine,
    /// Its text.
    pub text: &'d str,
}

impl<'d> Row<'d> {
    /// The lines of `document` that have text.
    pub(crate) fn all(document: &'d Document) -> Vec<Self> {
        let row = |line| Self { document, line, text: document.text(line) };
        document.lines.iter().map(row).filter(|row| !row.text.trim().is_empty()).collect()
    }

    /// The passage at the bytes `range` of the line, without separators around it.
    pub(crate) fn cite(&self, range: Range<usize>) -> Option<Evidence> {
        let part = self.text.get(range.clone())?;
        let edge = |c: char| c.is_whitespace() || "•▪●·*,;|:–—-".contains(c);
        let start = range.start + (part.len() - part.trim_start_matches(edge).len());
        let text = part.trim_matches(edge);
        let before = self.text.get(..start)?.chars().count();
        let first = usize::try_from(self.line.span.start).ok()? + before;
        let span = Span::new(first, first + text.chars().count());
        self.document.transcript.cite(self.line.page, span).ok()
    }

    /// The whole line.
    pub(crate) fn whole(&self) -> Option<Evidence> {
        self.cite(0..self.text.len())
    }

    /// Whether it begins as an item of a list.
    pub(crate) fn is_bullet(&self) -> bool {
        self.text.trim_start().starts_with(['•', '▪', '●', '·', '*', '-', '–', '◦', '‣'])
    }
}
