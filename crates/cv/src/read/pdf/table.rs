//! Reading order within tables with ruling lines: some rows are read across, others cell by cell.
//!
//! Tables without ruling lines are read like any other text.

use std::collections::BTreeMap;

use hayro_interpret::kurbo::{BezPath, PathSeg, Rect, Shape};

use super::words::{Fragment, Join, PlacedWord};

/// The start and end of a row or a column in whole points.
type Edges = (i64, i64);

/// The maximum thickness of a ruling line in points.
const MAX_THICKNESS: f64 = 2.5;
/// The minimum length of a ruling line in points.
const MIN_LENGTH: f64 = 6.0;
/// The maximum number of ruling lines in each direction; further ones are ignored.
const MAX_RULINGS: usize = 4_000;
/// How far ruling lines and text may miss each other, in points.
const TOLERANCE: f64 = 2.0;
/// The maximum padding between a ruling line and the text of a cell in points.
const MAX_PADDING: f64 = 12.0;
/// The maximum number of lines of a cell; one with more is a column of the page.
const MAX_LINES: usize = 14;

/// The thin straight lines of a page.
#[derive(Default)]
pub struct Rulings {
    horizontal: Vec<Rect>,
    vertical: Vec<Rect>,
}

impl Rulings {
    /// Adds a filled shape if it is a thin line.
    pub fn add_shape(&mut self, area: Rect) {
        self.add(area);
    }

    /// Adds the straight lines of a stroked path.
    pub fn add_path(&mut self, path: &BezPath) {
        let lines = path.segments().filter(|segment| matches!(segment, PathSeg::Line(_)));
        lines.for_each(|line| self.add(line.bounding_box()));
    }

    fn add(&mut self, area: Rect) {
        let (width, height) = (area.width(), area.height());
        let list = match () {
            () if height <= MAX_THICKNESS && width >= MIN_LENGTH => &mut self.horizontal,
            () if width <= MAX_THICKNESS && height >= MIN_LENGTH => &mut self.vertical,
            () => return,
        };
        if list.len() < MAX_RULINGS {
            list.push(area);
        }
    }

    fn is_empty(&self) -> bool {
        self.horizontal.len() < 2 || self.vertical.len() < 2
    }

    /// The cell around a point; `None` if it is not enclosed by ruling lines.
    fn cell(&self, x: f64, y: f64) -> Option<Cell> {
        let beside = self.vertical.iter().filter(|ruling| (ruling.y0 - TOLERANCE..ruling.y1 + TOLERANCE).contains(&y));
        let around =
            self.horizontal.iter().filter(|ruling| (ruling.x0 - TOLERANCE..ruling.x1 + TOLERANCE).contains(&x));
        let (beside, around) = (beside.map(|ruling| ruling.center().x), around.map(|ruling| ruling.center().y));
        let left = beside.clone().filter(|at| *at < x).reduce(f64::max)?;
        let right = beside.filter(|at| *at > x).reduce(f64::min)?;
        let top = around.clone().filter(|at| *at < y).reduce(f64::max)?;
        let bottom = around.filter(|at| *at > y).reduce(f64::min)?;
        Some(Cell { row: (to_points(top), to_points(bottom)), column: (to_points(left), to_points(right)) })
    }

    /// Splits fragments where there is a ruling line between two words.
    pub fn split(&self, fragments: Vec<Fragment>) -> Vec<Fragment> {
        if self.is_empty() {
            return fragments;
        }
        fragments.into_iter().flat_map(|fragment| self.split_fragment(fragment)).collect()
    }

    fn split_fragment(&self, fragment: Fragment) -> Vec<Fragment> {
        let y = fragment.area.center().y;
        let between = |a: &PlacedWord, b: &PlacedWord| {
            let (from, to) = (a.area.x1.min(b.area.x1) - 1.0, a.area.x0.max(b.area.x0) + 1.0);
            self.vertical
                .iter()
                .any(|ruling| (from..to).contains(&ruling.center().x) && (ruling.y0..ruling.y1).contains(&y))
        };
        let mut found: Vec<Vec<PlacedWord>> = Vec::new();
        for word in fragment.words.iter().cloned() {
            match found.last_mut() {
                Some(run) if run.last().is_none_or(|last| !between(last, &word)) => run.push(word),
                _ => found.push(vec![word]),
            }
        }
        if found.len() < 2 {
            return vec![fragment];
        }
        found.into_iter().map(|words| fragment.with_words(words)).collect()
    }

    /// Reorders the fragments of each table row: as one line if each of its cells holds one line, or one that
    /// was wrapped; else cell by cell.
    pub fn by_cells(&self, fragments: &mut [Fragment], order: Vec<(usize, u32)>) -> Vec<(usize, u32)> {
        if self.is_empty() {
            return order;
        }
        let rtl = fragments.iter().filter(|fragment| fragment.rtl).count() * 2 > fragments.len();
        let cell = |at: usize| fragments.get(at).map(|it| it.area.center()).and_then(|at| self.cell(at.x, at.y));
        let mut rows: BTreeMap<Edges, TableRow> = BTreeMap::new();
        for (place, (at, region)) in order.iter().enumerate() {
            if let Some(cell) = cell(*at) {
                rows.entry(cell.row).or_default().add(*at, place, *region, cell.column);
            }
        }
        let of_row: Vec<Option<Edges>> = (0..fragments.len()).map(|at| cell(at).map(|cell| cell.row)).collect();
        rows.retain(|_, row| row.needs_reordering(fragments));
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
            let line = !rtl && row.is_one_line(fragments);
            // Consecutive rows of a table form one block.
            region += u32::from(!(line && in_table));
            in_table = line;
            match line {
                true => found.extend(row.line(fragments).into_iter().map(|at| (at, region))),
                false => found.extend(row.by_cells(fragments, &mut region, rtl)),
            }
        }
        found
    }
}

/// The fragments of a table row, by the columns of their cells.
#[derive(Default)]
struct TableRow {
    cells: BTreeMap<Edges, Vec<usize>>,
    /// The positions of its fragments in the order so far, and their regions.
    positions: Vec<usize>,
    regions: Vec<u32>,
}

impl TableRow {
    fn add(&mut self, at: usize, position: usize, region: u32, column: Edges) {
        self.cells.entry(column).or_default().push(at);
        self.positions.push(position);
        self.regions.push(region);
    }

    /// False if the row has one cell, is read across already, or is so high that its cells are columns.
    fn needs_reordering(&self, fragments: &[Fragment]) -> bool {
        let max_lines = self.cells.values().map(|cell| lines(fragments, cell)).max().unwrap_or(0);
        let scattered = self.positions.windows(2).any(|pair| matches!(pair, [a, b] if a + 1 != *b))
            || self.regions.windows(2).any(|pair| matches!(pair, [a, b] if a != b));
        self.cells.len() >= 2 && (max_lines == 1 && scattered || (2..=MAX_LINES).contains(&max_lines))
    }

    fn is_one_line(&self, fragments: &[Fragment]) -> bool {
        self.cells.iter().all(|(column, cell)| is_one_line(fragments, &sorted(fragments, cell), *column))
    }

    /// Returns its fragments cell by cell; each cell becomes a region.
    fn by_cells(self, fragments: &[Fragment], region: &mut u32, rtl: bool) -> Vec<(usize, u32)> {
        let mut cells: Vec<Vec<usize>> = self.cells.into_values().collect();
        if rtl {
            cells.reverse();
        }
        let mut found = Vec::new();
        for cell in cells {
            *region += 1;
            found.extend(sorted(fragments, &cell).into_iter().map(|at| (at, *region)));
        }
        found
    }

    /// Returns its fragments as one line.
    fn line(self, fragments: &mut [Fragment]) -> Vec<usize> {
        let mut found = Vec::new();
        for cell in self.cells.into_values() {
            for (n, at) in sorted(fragments, &cell).into_iter().enumerate() {
                let join = if n == 0 { Join::Cell } else { Join::Line };
                if let Some(fragment) = fragments.get_mut(at).filter(|_| !found.is_empty()) {
                    fragment.join = Some(join);
                }
                found.push(at);
            }
        }
        found
    }
}

/// Sorts the fragments of a cell from top to bottom.
fn sorted(fragments: &[Fragment], cell: &[usize]) -> Vec<usize> {
    let mut sorted = cell.to_vec();
    sorted.sort_by(|a, b| level(fragments, *a).total_cmp(&level(fragments, *b)).then_with(|| a.cmp(b)));
    sorted
}

/// The maximum number of letters of a cell that is read across; longer ones hold sentences.
const MAX_CELL_LETTERS: usize = 90;

/// Whether the fragments of a cell are one line, possibly wrapped: the first word of each further line had
/// no room in the line before.
fn is_one_line(fragments: &[Fragment], cell: &[usize], (left, right): Edges) -> bool {
    let own: Vec<&Fragment> = cell.iter().filter_map(|at| fragments.get(*at)).collect();
    #[expect(clippy::cast_precision_loss, reason = "points on a page fit")]
    let (left, right) = (left as f64, right as f64);
    let margin = own.iter().map(|fragment| fragment.area.x0 - left).fold(f64::MAX, f64::min).clamp(0.0, MAX_PADDING);
    let wraps = |pair: &[&Fragment]| match pair {
        [a, b] => {
            let alike = (a.bold * 2 > a.letters) == (b.bold * 2 > b.letters) && (a.size - b.size).abs() < 0.5;
            let first = b.words.first().map_or(0.0, |word| word.area.width());
            let near = b.baseline - a.baseline < 1.8 * a.size;
            alike && near && a.area.x1 + 0.2 * a.size + first > right - margin - TOLERANCE
        }
        _ => true,
    };
    own.iter().map(|fragment| fragment.letters).sum::<usize>() <= MAX_CELL_LETTERS
        && own.len() == lines(fragments, cell)
        && own.windows(2).all(wraps)
}

/// The position of a table cell.
struct Cell {
    row: Edges,
    column: Edges,
}

fn to_points(position: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "points on a page fit")]
    let position = position.round() as i64;
    position
}

fn level(fragments: &[Fragment], at: usize) -> f64 {
    fragments.get(at).map_or(0.0, |fragment| fragment.baseline)
}

fn lines(fragments: &[Fragment], cell: &[usize]) -> usize {
    let mut levels: Vec<f64> = cell.iter().map(|at| level(fragments, *at)).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup_by(|a, b| (*a - *b).abs() < 2.0);
    levels.len()
}
