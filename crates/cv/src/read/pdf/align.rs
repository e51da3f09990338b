//! Labels before their rows that only a narrow gap parts from them: "Techniques  PCR, ELISA".
//!
//! A gap counts only where several rows have one that ends at the same place, and where it is wider than
//! the others of its row. Says nothing of text that runs from right to left.

use super::{
    page::Row,
    words::{self, Join, Piece, PlacedWord},
};

/// So many rows agree by no accident.
const FEWEST: usize = 3;
/// Rows that agree stand no further apart, in rows.
const FARTHEST: usize = 3;
/// A label has at most so many words.
const LONGEST: usize = 4;
/// How exactly they agree, in points.
const NEAR: f64 = 0.8;
/// A label's gap is wider than this, in ems, and than this many of the row's other gaps.
const NARROWEST: f64 = 0.45;
const WIDER: f64 = 1.5;

/// Parts the labels of `rows` from what they label.
pub fn part_labels(rows: &mut [Row]) {
    let gaps: Vec<(usize, usize, f64)> =
        rows.iter().enumerate().flat_map(|(n, row)| gaps(row).into_iter().map(move |(k, x)| (n, k, x))).collect();
    let region = |n: usize| rows.get(n).map(|row| row.region);
    let agree = |(n, _, x): &(usize, usize, f64), (m, _, y): &(usize, usize, f64)| {
        (x - y).abs() < NEAR && region(*n) == region(*m)
    };
    // They are in the order of their rows: a page may have very many.
    let near = |n: usize| {
        let from = gaps.partition_point(|(m, _, _)| m + FARTHEST < n);
        gaps.get(from..gaps.partition_point(|(m, _, _)| *m <= n + FARTHEST)).unwrap_or_default()
    };
    let labelled: Vec<(usize, usize)> = gaps
        .iter()
        .filter(|gap| near(gap.0).iter().filter(|other| agree(gap, other)).count() >= FEWEST)
        .map(|(n, k, _)| (*n, *k))
        .collect();
    // From the last one on, so that a row is parted at its first gap only.
    for (n, k) in labelled.into_iter().rev() {
        if let Some(row) = rows.get_mut(n) {
            part(row, k);
        }
    }
}

/// The words of `row` before which there is a wide gap near its beginning, and where they begin.
fn gaps(row: &Row) -> Vec<(usize, f64)> {
    let Some(size) = row.pieces.first().map(|piece| piece.size) else { return Vec::new() };
    let words: Vec<&PlacedWord> = row.pieces.iter().flat_map(|piece| &piece.words).collect();
    let gap = |pair: &[&PlacedWord]| match pair {
        [a, b] => b.area.x0 - a.area.x1,
        _ => 0.0,
    };
    let usual = words::median(words.windows(2).map(gap).filter(|gap| *gap < size));
    let wide = |gap: f64| gap > NARROWEST * size && gap > WIDER * usual;
    if words.len() <= 2 || row.pieces.iter().any(|piece| piece.rtl) {
        return Vec::new();
    }
    let label = words.windows(2).take(LONGEST).enumerate().filter(|(_, pair)| wide(gap(pair)));
    label.filter_map(|(n, pair)| Some((n + 1, pair.last()?.area.x0))).collect()
}

/// Parts `row` before its word `k`.
fn part(row: &mut Row, k: usize) {
    let mut before = 0;
    for n in 0..row.pieces.len() {
        let Some(piece) = row.pieces.get_mut(n) else { return };
        match k - before {
            0 if n > 0 => piece.join = Some(Join::Cell),
            at if at < piece.words.len() => {
                let (label, rest) = piece.words.split_at(at);
                let rest = Piece { join: Some(Join::Cell), ..piece.part(rest.to_vec()) };
                let parted = [piece.part(label.to_vec()), rest];
                row.pieces.splice(n..=n, parted);
            }
            _ => {
                before += piece.words.len();
                continue;
            }
        }
        return;
    }
}
