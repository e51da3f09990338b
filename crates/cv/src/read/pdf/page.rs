//! Pieces in reading order to the text of a page, its words, lines and blocks.

use domain::{Page, Rect, Span, Word};
use hayro_interpret::kurbo;

use super::{
    align,
    order::same_row,
    words::{Join, Piece, median},
};
use crate::document::TextLine;

/// A line of one or more pieces.
pub(super) struct Row {
    pub pieces: Vec<Piece>,
    pub region: u32,
}

impl Row {
    fn last(&self) -> Option<&Piece> {
        self.pieces.last()
    }

    fn area(&self) -> kurbo::Rect {
        let areas = self.pieces.iter().map(|piece| piece.area);
        areas.reduce(|a, b| a.union(b)).unwrap_or_default()
    }

    fn baseline(&self) -> f64 {
        self.pieces.first().map_or(0.0, |piece| piece.baseline)
    }

    fn size(&self) -> f64 {
        let longest = self.pieces.iter().max_by_key(|piece| piece.letters);
        longest.map_or(0.0, |piece| piece.size)
    }

    /// The words from the first one on that are bold, if none behind them is.
    fn lead(&self) -> usize {
        let mut bold = self.pieces.iter().flat_map(|piece| &piece.words).map(|word| word.bold);
        let lead = bold.by_ref().take_while(|bold| *bold).count();
        if bold.next().is_none() || bold.any(|bold| bold) { 0 } else { lead }
    }

    fn is_bold(&self) -> bool {
        let letters: usize = self.pieces.iter().map(|piece| piece.letters).sum();
        let bold: usize = self.pieces.iter().map(|piece| piece.bold).sum();
        bold * 2 > letters
    }
}

/// Writes a page's text.
pub struct Writer {
    page: Page,
    lines: Vec<TextLine>,
    block: u32,
    length: usize,
    size: kurbo::Rect,
}

impl Writer {
    /// For page `number` of that size; its first block has the number `block`.
    pub fn new(number: u32, size: kurbo::Rect, block: u32) -> Self {
        let (width, height) = (narrow(size.width()), narrow(size.height()));
        let page = Page { number, width, height, ..Page::default() };
        Self { page, lines: Vec::new(), block, length: 0, size }
    }

    /// The page, its lines and the number of the next block.
    pub fn write(mut self, pieces: Vec<(Piece, u32)>) -> (Page, Vec<TextLine>, u32) {
        let mut rows = rows(pieces);
        align::part_labels(&mut rows);
        let leading = leading(&rows);
        let mut before: Option<&Row> = None;
        for row in &rows {
            if let Some(before) = before {
                self.end_line();
                if parts(before, row, leading) {
                    self.end_line();
                    self.block += 1;
                }
            }
            self.row(row);
            before = Some(row);
        }
        (self.page, self.lines, self.block + 1)
    }

    fn end_line(&mut self) {
        self.push("\n");
    }

    fn push(&mut self, text: &str) {
        self.page.text.push_str(text);
        self.length += text.chars().count();
    }

    fn row(&mut self, row: &Row) {
        let (start, first) = (self.length, self.page.words.len());
        for (n, piece) in row.pieces.iter().enumerate() {
            let tab = n > 0
                && match piece.join {
                    Some(join) => join == Join::Cell,
                    None => row.pieces.get(n - 1).is_some_and(|last| far(last, piece)),
                };
            if n > 0 {
                self.push(if tab { "\t" } else { " " });
            }
            self.piece(piece);
        }
        let lead = row.lead().checked_sub(1).and_then(|last| self.page.words.get(first + last));
        self.lines.push(TextLine {
            page: self.page.number,
            span: Span::new(start, self.length),
            size: narrow(row.size()),
            bold: row.is_bold(),
            lead: lead.map_or(0, |word| word.span.end.saturating_sub(u32::try_from(start).unwrap_or(u32::MAX))),
            heading: 0,
            block: self.block,
            rect: Some(within(row.area(), self.size)),
        });
    }

    fn piece(&mut self, piece: &Piece) {
        for (n, word) in piece.words.iter().enumerate() {
            if n > 0 {
                self.push(" ");
            }
            let start = self.length;
            self.push(&word.text);
            let rect = Some(within(word.area, self.size));
            self.page.words.push(Word { span: Span::new(start, self.length), rect });
        }
    }
}

/// Whether the white space between two pieces of a row is more than a word's.
fn far(a: &Piece, b: &Piece) -> bool {
    let gap = (b.area.x0 - a.area.x1).max(a.area.x0 - b.area.x1);
    gap > 1.2 * a.size.max(b.size)
}

fn rows(pieces: Vec<(Piece, u32)>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (piece, region) in pieces {
        let goes_on = |last: &Piece| piece.join.is_some() || continues(last, &piece);
        let joins = rows.last().is_some_and(|row| row.region == region && row.last().is_some_and(goes_on));
        match rows.last_mut() {
            Some(row) if joins => row.pieces.push(piece),
            _ => rows.push(Row { pieces: vec![piece], region }),
        }
    }
    rows
}

fn continues(last: &Piece, next: &Piece) -> bool {
    let right = next.area.x0 > last.area.x1 - 0.3 * last.size;
    let left = next.area.x1 < last.area.x0 + 0.3 * last.size;
    let level = same_row(last, next) || raised(last, next);
    level && (right || (left && (last.rtl || next.rtl)))
}

/// A superscript, or a line that goes on after one.
fn raised(last: &Piece, next: &Piece) -> bool {
    let apart = (last.baseline - next.baseline).abs();
    let near = (next.area.x0 - last.area.x1).abs() < last.size;
    near && apart < 0.55 * last.size.max(next.size)
}

/// The usual distance from line to line.
fn leading(rows: &[Row]) -> f64 {
    let steps = rows.windows(2).filter_map(|pair| match pair {
        [a, b] if a.region == b.region && b.baseline() > a.baseline() => {
            Some((b.baseline() - a.baseline()) / a.size().max(b.size()).max(1.0))
        }
        _ => None,
    });
    median(steps).clamp(1.0, 1.7)
}

/// Whether `next` begins another block.
fn parts(before: &Row, next: &Row, leading: f64) -> bool {
    let step = next.baseline() - before.baseline();
    let size = before.size().max(next.size());
    let (a, b) = (before.area(), next.area());
    let beside = a.x1.min(b.x1) < a.x0.max(b.x0) - 2.0 * size;
    before.region != next.region || step < -0.5 * size || step > 1.3 * leading * size || beside
}

fn narrow(number: f64) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "points on a page fit")]
    let number = number as f32;
    if number.is_finite() { number } else { 0.0 }
}

/// `area`, cut to the page.
pub fn within(area: kurbo::Rect, page: kurbo::Rect) -> Rect {
    let cut = area.intersect(page);
    Rect { x: narrow(cut.x0), y: narrow(cut.y0), w: narrow(cut.width()), h: narrow(cut.height()) }
}
