//! Tables with rules, whose cells hold several lines each.
//!
//! Says nothing of rows whose cells hold one line: they are read across, as any row.

use std::collections::BTreeMap;

use hayro_interpret::kurbo::{BezPath, PathSeg, Rect, Shape};

use super::words::{Piece, PlacedWord, is_heading};

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
/// A cell with more lines is a column of the page.
const MOST_LINES: usize = 14;

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
        let own = |words: Vec<PlacedWord>| {
            let area = words.iter().map(|word| word.area).reduce(|a, b| a.union(b)).unwrap_or_default();
            let letters = words.iter().map(|word| word.text.chars().count()).sum();
            let bold = if piece.bold * 2 > piece.letters { letters } else { 0 };
            Piece { heading: is_heading(&words), words, area, letters, bold, ..piece.clone() }
        };
        found.into_iter().map(own).collect()
    }

    /// `order` with the pieces of each row that has a cell of several lines put cell by cell.
    pub fn by_cells(&self, pieces: &[Piece], order: Vec<(usize, u32)>) -> Vec<(usize, u32)> {
        if self.is_empty() {
            return order;
        }
        let cell = |at: usize| pieces.get(at).map(|it| it.area.center()).and_then(|at| self.cell(at.x, at.y));
        let mut rows: BTreeMap<Edges, BTreeMap<Edges, Vec<usize>>> = BTreeMap::new();
        for (at, _) in &order {
            if let Some(cell) = cell(*at) {
                rows.entry(cell.row).or_default().entry(cell.column).or_default().push(*at);
            }
        }
        rows.retain(|_, cells| {
            let most = cells.values().map(|cell| lines(pieces, cell)).max().unwrap_or(0);
            cells.len() >= 2 && (2..=MOST_LINES).contains(&most)
        });
        let rtl = pieces.iter().filter(|piece| piece.rtl).count() * 2 > pieces.len();
        let mut region = order.iter().map(|(_, region)| *region).max().unwrap_or(0);
        let mut found = Vec::new();
        for (at, own) in order {
            let row = cell(at).map(|cell| cell.row);
            let Some(cells) = row.and_then(|row| rows.get_mut(&row)) else {
                found.push((at, own));
                continue;
            };
            let mut cells: Vec<Vec<usize>> = std::mem::take(cells).into_values().collect();
            if rtl {
                cells.reverse();
            }
            for mut cell in cells {
                region += 1;
                cell.sort_by(|a, b| level(pieces, *a).total_cmp(&level(pieces, *b)));
                found.extend(cell.into_iter().map(|at| (at, region)));
            }
        }
        found
    }
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
