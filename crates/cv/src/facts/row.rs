//! A line with its text, from which passages are cited by byte range.

use std::ops::Range;

use domain::{Evidence, Span};

use super::{date, section::is_personal};
use crate::{
    document::{Document, TextLine},
    lexicon::{fold, words},
};

/// One line of the document, or what of it follows a label.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'d> {
    document: &'d Document,
    /// How it was set.
    pub line: &'d TextLine,
    /// Its text.
    pub text: &'d str,
    /// How many characters of the line precede `text`.
    skipped: usize,
}

/// "© Unione europea, 2002-2026".
fn is_copyright(text: &str) -> bool {
    text.starts_with('©') && date::names_year(text)
}

/// "Page 2 of 3".
fn is_page_number(text: &str) -> bool {
    const PAGE: [&str; 9] = ["page", "seite", "pagina", "strona", "sida", "side", "стр", "страница", "blatt"];
    if text.len() > 80 || !text.contains(char::is_numeric) {
        return false;
    }
    let folded = fold(text);
    let mut words = words(&folded);
    let page = words.next().is_some_and(|word| PAGE.contains(&word));
    let rest: Vec<&str> = words.collect();
    let number = |word: &&str| word.chars().all(|letter| letter.is_ascii_digit());
    page && rest.iter().any(number) && rest.iter().all(|word| number(word) || word.chars().count() <= 3)
}

impl<'d> Row<'d> {
    /// The lines of `document` that have text, without what speaks of birth, nation, family or looks: of
    /// such a line only the cells before that are kept, and the line that answers such a label is none.
    pub(crate) fn all(document: &'d Document) -> Vec<Self> {
        let mut asked = false;
        let mut rows = Vec::new();
        for line in &document.lines {
            let row = Self { document, line, text: document.text(line), skipped: 0 };
            let text = row.text.trim();
            // Lines of dashes only part what stands above and below.
            // Nor is the copyright of a form the person's.
            if !text.chars().any(char::is_alphanumeric) || is_copyright(text) || is_page_number(text) {
                continue;
            }
            let personal = is_personal(text);
            if !asked {
                rows.extend(if personal { row.before_personal() } else { Some(row) });
            }
            asked = personal && text.ends_with([':', '：']);
        }
        rows
    }

    /// Whether it was recognised from a picture, and may have errors.
    pub(crate) fn is_recognised(&self) -> bool {
        self.document.recognised.contains(&self.line.page)
    }

    /// The cells before the first one that speaks of birth, nation, family or looks: a label and what it
    /// says, at least.
    fn before_personal(&self) -> Option<Self> {
        let cells: Vec<&str> = self.text.split('\t').collect();
        let kept = cells.iter().position(|cell| is_personal(cell)).filter(|kept| *kept >= 2)?;
        let end = cells.iter().take(kept).map(|cell| cell.len() + 1).sum::<usize>() - 1;
        Some(Self { text: self.text.get(..end)?, ..*self })
    }

    /// What follows the byte `from` of the text.
    pub(crate) fn rest(&self, from: usize) -> Self {
        let before = self.text.get(..from).unwrap_or_default();
        let text = self.text.get(from..).unwrap_or_default();
        Self { text, skipped: self.skipped + before.chars().count(), ..*self }
    }

    /// The byte behind the bold words with which it begins, if the others are not bold.
    pub(crate) fn lead(&self) -> Option<usize> {
        let chars = usize::try_from(self.line.lead).ok()?.checked_sub(self.skipped).filter(|chars| *chars > 0)?;
        let end = self.text.char_indices().nth(chars).map(|(at, _)| at)?;
        self.text.get(end..).is_some_and(|rest| rest.chars().any(char::is_alphanumeric)).then_some(end)
    }

    /// The passage at the bytes `range` of the line, without separators around it.
    pub(crate) fn cite(&self, range: Range<usize>) -> Option<Evidence> {
        let range = self.trimmed(range)?;
        let text = self.text.get(range.clone())?;
        let before = self.skipped + self.text.get(..range.start)?.chars().count();
        let first = usize::try_from(self.line.span.start).ok()? + before;
        let span = Span::new(first, first + text.chars().count());
        self.document.transcript.cite(self.line.page, span).ok()
    }

    /// The bytes `range` of the line without separators around them.
    pub(crate) fn trimmed(&self, range: Range<usize>) -> Option<Range<usize>> {
        let part = self.text.get(range.clone())?;
        let edge = |c: char| c.is_whitespace() || "•▪■●·*,;|:–—-‣◦►▸➢✓・：，、".contains(c);
        let start = range.start + (part.len() - part.trim_start_matches(edge).len());
        Some(start..start + part.trim_matches(edge).len())
    }

    /// The whole line.
    pub(crate) fn whole(&self) -> Option<Evidence> {
        self.cite(0..self.text.len())
    }

    /// This line and the following ones up to `last`, of the same page.
    pub(crate) fn through(&self, last: &Self) -> Option<Evidence> {
        let (from, to) = (self.whole()?.span().start, last.whole()?.span().end);
        self.document.transcript.cite(self.line.page, Span { start: from, end: to }).ok()
    }

    /// What stands from `first` to `last`, passages of one page.
    pub(crate) fn between(&self, first: &Evidence, last: &Evidence) -> Option<Evidence> {
        let span = Span { start: first.span().start, end: last.span().end };
        (first.page() == last.page()).then(|| self.document.transcript.cite(first.page(), span).ok()).flatten()
    }

    /// Whether it begins as an item of a list.
    pub(crate) fn is_bullet(&self) -> bool {
        let text = self.text.trim_start();
        let dash =
            text.starts_with(['-', '–', '—', '*', '+', '>']) && text.chars().nth(1).is_some_and(char::is_whitespace);
        dash || text.starts_with([
            '•', '▪', '■', '●', '·', '◦', '‣', '►', '▸', '➢', '✓', '○', '∙', '➤', '◆', '❖', '・', '※', '□',
        ])
    }
}
