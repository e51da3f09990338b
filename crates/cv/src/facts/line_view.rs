//! A borrowed view of a document's line, which cites passages by byte range.

use std::ops::Range;

use domain::{Evidence, Span};

use super::{date, personal::is_personal};
use crate::{
    document::{Document, TextLine},
    lexicon::{fold, words},
};

/// One line of the document, or a part of it: what follows a label, or the cells before personal data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineView<'d> {
    document: &'d Document,
    /// Its position, size and weight, of the whole line.
    pub layout: &'d TextLine,
    /// The text of the view.
    pub text: &'d str,
    /// The number of characters of the line before `text`.
    chars_before: usize,
}

/// Whether `text` is a copyright notice: "© Unione europea, 2002-2026".
fn is_copyright(text: &str) -> bool {
    text.starts_with('©') && date::contains_date(text)
}

/// Whether `text` is a page number: "Page 2 of 3".
fn is_page_number(text: &str) -> bool {
    const PAGE: [&str; 9] = ["page", "seite", "pagina", "strona", "sida", "side", "стр", "страница", "blatt"];
    if text.len() > 80 || !text.contains(char::is_numeric) {
        return false;
    }
    let folded = fold(text);
    let mut words = words(&folded);
    let page = words.next().is_some_and(|word| PAGE.contains(&word));
    let others: Vec<&str> = words.collect();
    let number = |word: &&str| word.chars().all(|letter| letter.is_ascii_digit());
    page && others.iter().any(number) && others.iter().all(|word| number(word) || word.chars().count() <= 3)
}

impl<'d> LineView<'d> {
    /// Returns the lines of `document` that have letters or digits.
    ///
    /// Leaves out page numbers, copyright notices and personal data (see [`is_personal`]): of a line with personal
    /// data only the cells before it are kept, and the line after a label such as "Nationality:" is left out.
    pub(crate) fn from_document(document: &'d Document) -> Vec<Self> {
        let mut is_answer = false;
        let mut views = Vec::new();
        for layout in &document.lines {
            let view = Self { document, layout, text: document.text(layout), chars_before: 0 };
            let text = view.text.trim();
            // Lines of dashes separate sections and say nothing themselves.
            if !text.chars().any(char::is_alphanumeric) || is_copyright(text) || is_page_number(text) {
                continue;
            }
            let personal = is_personal(text);
            if !is_answer {
                views.extend(if personal { view.before_personal_cell() } else { Some(view) });
            }
            is_answer = personal && text.ends_with([':', '：']);
        }
        views
    }

    /// Whether OCR read the line, so that its text may have errors.
    pub(crate) fn is_ocr(&self) -> bool {
        self.document.ocr_pages.contains(&self.layout.page)
    }

    /// Returns the cells before the first one with personal data, if there are at least two: a label and its value.
    fn before_personal_cell(&self) -> Option<Self> {
        let cells: Vec<&str> = self.text.split('\t').collect();
        let kept = cells.iter().position(|cell| is_personal(cell)).filter(|kept| *kept >= 2)?;
        let end = cells.iter().take(kept).map(|cell| cell.len() + 1).sum::<usize>() - 1;
        Some(Self { text: self.text.get(..end)?, ..*self })
    }

    /// Returns the view of the text from the byte `from` on.
    pub(crate) fn suffix_from(&self, from: usize) -> Self {
        let before = self.text.get(..from).unwrap_or_default();
        let text = self.text.get(from..).unwrap_or_default();
        Self { text, chars_before: self.chars_before + before.chars().count(), ..*self }
    }

    /// Returns the byte at which the bold words end with which the line begins, if regular text follows.
    pub(crate) fn bold_prefix_end(&self) -> Option<usize> {
        let chars =
            usize::try_from(self.layout.lead).ok()?.checked_sub(self.chars_before).filter(|chars| *chars > 0)?;
        let end = self.text.char_indices().nth(chars).map(|(at, _)| at)?;
        self.text.get(end..).is_some_and(|rest| rest.chars().any(char::is_alphanumeric)).then_some(end)
    }

    /// Cites the bytes `range` of the text without the separators around them; `None` if nothing is left.
    pub(crate) fn cite(&self, range: Range<usize>) -> Option<Evidence> {
        let range = self.trim_range(range)?;
        let text = self.text.get(range.clone())?;
        let before = self.chars_before + self.text.get(..range.start)?.chars().count();
        let first = usize::try_from(self.layout.span.start).ok()? + before;
        let span = Span::new(first, first + text.chars().count());
        self.document.transcript.cite(self.layout.page, span).ok()
    }

    /// Narrows the bytes `range` of the text by the separators and bullets at both ends.
    pub(crate) fn trim_range(&self, range: Range<usize>) -> Option<Range<usize>> {
        let inner = self.text.get(range.clone())?;
        let edge = |c: char| c.is_whitespace() || "•▪■●·*,;|:–—-‣◦►▸➢✓・：，、".contains(c);
        let start = range.start + (inner.len() - inner.trim_start_matches(edge).len());
        Some(start..start + inner.trim_matches(edge).len())
    }

    /// Cites the whole text.
    pub(crate) fn cite_all(&self) -> Option<Evidence> {
        self.cite(0..self.text.len())
    }

    /// Cites this line and the following ones up to and including `last`, which must be on the same page.
    pub(crate) fn cite_through(&self, last: &Self) -> Option<Evidence> {
        let (from, to) = (self.cite_all()?.span().start, last.cite_all()?.span().end);
        self.document.transcript.cite(self.layout.page, Span { start: from, end: to }).ok()
    }

    /// Cites everything from the beginning of `first` to the end of `last`; `None` if they are on different pages.
    pub(crate) fn cite_between(&self, first: &Evidence, last: &Evidence) -> Option<Evidence> {
        let span = Span { start: first.span().start, end: last.span().end };
        (first.page() == last.page()).then(|| self.document.transcript.cite(first.page(), span).ok()).flatten()
    }

    /// Whether the line begins with a bullet or a dash of a list.
    pub(crate) fn is_bullet(&self) -> bool {
        let text = self.text.trim_start();
        let dash =
            text.starts_with(['-', '–', '—', '*', '+', '>']) && text.chars().nth(1).is_some_and(char::is_whitespace);
        dash || text.starts_with([
            '•', '▪', '■', '●', '·', '◦', '‣', '►', '▸', '➢', '✓', '○', '∙', '➤', '◆', '❖', '・', '※', '□',
        ])
    }
}
