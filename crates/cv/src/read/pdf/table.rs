//! Tables with rules: which of their rows are read across, and which cell by cell.
//!
//! Says nothing of tables without rules, whose rows are read like any others.

use std::collections::BTreeMap;

use hayro_interpret::kurbo::{BezPath, PathSeg, Rect, Shape};

use super::words::{Join, Piece, PlacedWord};

/// Where a row or a column begins and ends.
type Edges = (i64, i64);

/// A line thicker than this is no rule.
const THICKEST: f64 = 2.5;
/// A shorter one is no side of a cell.
const SHORTEST: f64 = 6.0;
/// More of them than any CV has; what comes after is not looked at.
const MOST: usize = 4_000;
/// Rules and text need not meet exactly.
const NEAR: f64 = 2.0;
/// Between a rule and the text of a cell there is no more room than this, in points.
const WIDEST_MARGIN: f64 = 12.0;
/// A cell with more lines is a column of the page.
const MAX_LINES: usize = 14;

/// The straight thin lines of a page.
#[derive(Default)]
pub struct Rules {
    across: Vec<Rect>,
    down: Vec<Rect>,
}

impl Rules {
    /// Takes a filled shape, if it is a thin line.
    pub fn filled(&mut self, area: Rect) {
        self.take(area);
    }

    /// Takes the straight lines of a drawn path.
    pub fn drawn(&mut self, path: &BezPath) {
        let lines = path.segments().filter(|segment| matches!(segment, PathSeg::Line(_)));
        lines.for_each(|line| self.take(line.bounding_box()));
    }

    fn take(&mut self, area: Rect) {
        let (width, height) = (area.width(), area.height());
        let list = match () {
            () if height <= THICKEST && width >= SHORTEST => &mut self.across,
            () if width <= THICKEST && height >= SHORTEST => &mut self.down,
            () => return,
        };
        if list.len() < MOST {
            list.push(area);
        }
    }

    fn is_empty(&self) -> bool {
        self.across.len() < 2 || self.down.len() < 2
    }

    /// The sides of the cell around a point: left, top, right, bottom, in whole points.
    fn cell(&self, x: f64, y: f64) -> Option<Cell> {
        let beside = self.down.iter().filter(|rule| (rule.y0 - NEAR..rule.y1 + NEAR).contains(&y));
        let around = self.across.iter().filter(|rule| (rule.x0 - NEAR..rule.x1 + NEAR).contains(&x));
        let (beside, around) = (beside.map(|rule| rule.center().x), around.map(|rule| rule.center().y));
        let left = beside.clone().filter(|at| *at < x).reduce(f64::max)?;
        let right = beside.filter(|at| *at > x).reduce(f64::min)?;
        let top = around.clone().filter(|at| *at < y).reduce(f64::max)?;
        let bottom = around.filter(|at| *at > y).reduce(f64::min)?;
        Some(Cell { row: (whole(top), whole(bottom)), column: (whole(left), whole(right)) })
    }

    /// `pieces`, parted where a rule stands between two words.
    pub fn part(&self, pieces: Vec<Piece>) -> Vec<Piece> {
        if self.is_empty() {
            return pieces;
        }
        pieces.into_iter().flat_map(|piece| self.parted(piece)).collect()
    }

    fn parted(&self, piece: Piece) -> Vec<Piece> {
        let y = piece.area.center().y;
        let between = |a: &PlacedWord, b: &PlacedWord| {
            let (from, to) = (a.area.x1.min(b.area.x1) - 1.0, a.area.x0.max(b.area.x0) + 1.0);
            self.down.iter().any(|rule| (from..to).contains(&rule.center().x) && (rule.y0..rule.y1).contains(&y))
        };
        let mut found: Vec<Vec<PlacedWord>> = Vec::new();
        for word in piece.words.iter().cloned() {
            match found.last_mut() {
                Some(run) if run.last().is_none_or(|last| !between(last, &word)) => run.push(word),
                _ => found.push(vec![word]),
            }
        }
        if found.len() < 2 {
            return vec![piece];
        }
        found.into_iter().map(|words| piece.part(words)).collect()
    }

    /// `order` with the pieces of each row of a table put together: as one line if each of its cells holds
    /// one line, or one that was wrapped; else cell by cell.
    pub fn by_cells(&self, pieces: &mut [Piece], order: Vec<(usize, u32)>) -> Vec<(usize, u32)> {
        if self.is_empty() {
            return order;
        }
        let rtl = pieces.iter().filter(|piece| piece.rtl).count() * 2 > pieces.len();
        let cell = |at: usize| pieces.get(at).map(|it| it.area.center()).and_then(|at| self.cell(at.x, at.y));
        let mut rows: BTreeMap<Edges, TableRow> = BTreeMap::new();
        for (place, (at, region)) in order.iter().enumerate() {
            if let Some(cell) = cell(*at) {
                rows.entry(cell.row).or_default().take(*at, place, *region, cell.column);
            }
        }
        let of_row: Vec<Option<Edges>> = (0..pieces.len()).map(|at| cell(at).map(|cell| cell.row)).collect();
        rows.retain(|_, row| row.is_to_be_put_together(pieces));
        let mut region = order.iter().map(|(_, region)| *region).max().unwrap_or(0);
        let mut found = Vec::new();
        let mut in_table = false;
        for (at, own) in order {
            let row = of_row.get(at).copied().flatten();
            let Some(row) = row.and_then(|row| rows.get_mut(&row)) else {
                found.push((at, own));
                in_table = false;
                continue;
            };
            let row = std::mem::take(row);
            if row.cells.is_empty() {
                continue;
            }
            let line = !rtl && row.is_one_line(pieces);
            // The rows of a table are one block.
            region += u32::from(!(line && in_table));
            in_table = line;
            match line {
                true => found.extend(row.line(pieces).into_iter().map(|at| (at, region))),
                false => found.extend(row.by_cells(pieces, &mut region, rtl)),
            }
        }
        found
    }
}

/// The pieces of a row of a table, by the sides of their cells.
#[derive(Default)]
struct TableRow {
    cells: BTreeMap<Edges, Vec<usize>>,
    /// The places of its pieces in the order so far, and their regions.
    places: Vec<usize>,
    regions: Vec<u32>,
}

impl TableRow {
    fn take(&mut self, at: usize, place: usize, region: u32, column: Edges) {
        self.cells.entry(column).or_default().push(at);
        self.places.push(place);
        self.regions.push(region);
    }

    /// Not if it has one cell, is read across already, or is so high that its cells are columns.
    fn is_to_be_put_together(&self, pieces: &[Piece]) -> bool {
        let most = self.cells.values().map(|cell| lines(pieces, cell)).max().unwrap_or(0);
        let scattered = self.places.windows(2).any(|pair| matches!(pair, [a, b] if a + 1 != *b))
            || self.regions.windows(2).any(|pair| matches!(pair, [a, b] if a != b));
        self.cells.len() >= 2 && (most == 1 && scattered || (2..=MAX_LINES).contains(&most))
    }

    fn is_one_line(&self, pieces: &[Piece]) -> bool {
        self.cells.iter().all(|(column, cell)| is_one_line(pieces, &sorted(pieces, cell), *column))
    }

    /// Its pieces cell by cell, each a region of its own.
    fn by_cells(self, pieces: &[Piece], region: &mut u32, rtl: bool) -> Vec<(usize, u32)> {
        let mut cells: Vec<Vec<usize>> = self.cells.into_values().collect();
        if rtl {
            cells.reverse();
        }
        let mut found = Vec::new();
        for cell in cells {
            *region += 1;
            found.extend(sorted(pieces, &cell).into_iter().map(|at| (at, *region)));
        }
        found
    }

    /// Its pieces as one line.
    fn line(self, pieces: &mut [Piece]) -> Vec<usize> {
        let mut found = Vec::new();
        for cell in self.cells.into_values() {
            for (n, at) in sorted(pieces, &cell).into_iter().enumerate() {
                let join = if n == 0 { Join::Cell } else { Join::Line };
                if let Some(piece) = pieces.get_mut(at).filter(|_| !found.is_empty()) {
                    piece.join = Some(join);
                }
                found.push(at);
            }
        }
        found
    }
}

/// The pieces of a cell from top to bottom.
fn sorted(pieces: &[Piece], cell: &[usize]) -> Vec<usize> {
    let mut sorted = cell.to_vec();
    sorted.sort_by(|a, b| level(pieces, *a).total_cmp(&level(pieces, *b)).then_with(|| a.cmp(b)));
    sorted
}

/// A longer cell holds sentences.
const LONGEST_CELL: usize = 90;

/// Whether the pieces of a cell are one line, or were one before it was wrapped: the first word of each
/// further line had no room in the line before.
fn is_one_line(pieces: &[Piece], cell: &[usize], (left, right): Edges) -> bool {
    let own: Vec<&Piece> = cell.iter().filter_map(|at| pieces.get(*at)).collect();
    #[expect(clippy::cast_precision_loss, reason = "points on a page fit")]
    let (left, right) = (left as f64, right as f64);
    let margin = own.iter().map(|piece| piece.area.x0 - left).fold(f64::MAX, f64::min).clamp(0.0, WIDEST_MARGIN);
    let wraps = |pair: &[&Piece]| match pair {
        [a, b] => {
            let alike = (a.bold * 2 > a.letters) == (b.bold * 2 > b.letters) && (a.size - b.size).abs() < 0.5;
            let first = b.words.first().map_or(0.0, |word| word.area.width());
            let near = b.baseline - a.baseline < 1.8 * a.size;
            alike && near && a.area.x1 + 0.2 * a.size + first > right - margin - NEAR
        }
        _ => true,
    };
    own.iter().map(|piece| piece.letters).sum::<usize>() <= LONGEST_CELL
        && own.len() == lines(pieces, cell)
        && own.windows(2).all(wraps)
}

/// Where a cell is: the places of its sides.
struct Cell {
    row: (i64, i64),
    column: (i64, i64),
}

fn whole(place: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "points on a page fit")]
    let place = place.round() as i64;
    place
}

fn level(pieces: &[Piece], at: usize) -> f64 {
    pieces.get(at).map_or(0.0, |piece| piece.baseline)
}

fn lines(pieces: &[Piece], cell: &[usize]) -> usize {
    let mut levels: Vec<f64> = cell.iter().map(|at| level(pieces, *at)).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup_by(|a, b| (*a - *b).abs() < 2.0);
    levels.len()
}
