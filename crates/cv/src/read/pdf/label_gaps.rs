//! Splits off labels that only a narrow gap separates from the rest of their line: "Techniques  PCR, ELISA".
//!
//! A gap counts only where several lines have one that ends at the same place, and where it is wider than
//! the other gaps of its line. Ignores right-to-left text.

use super::{
    page::VisualLine,
    words::{self, Fragment, Join, PlacedWord},
};

/// The minimum number of lines with a gap at the same place.
const MIN_ALIGNED: usize = 3;
/// The maximum distance between two of them, in lines.
const MAX_DISTANCE: usize = 3;
/// The maximum number of words of a label.
const MAX_LABEL_WORDS: usize = 4;
/// How far the ends of aligned gaps may differ, in points.
const ALIGN_TOLERANCE: f64 = 0.8;
/// The minimum gap after a label in ems.
const MIN_GAP: f64 = 0.45;
/// The minimum gap after a label relative to the median gap of its line.
const MIN_GAP_RATIO: f64 = 1.5;

/// Splits `lines` between labels and what they label.
pub fn split_labels(lines: &mut [VisualLine]) {
    let gaps: Vec<(usize, usize, f64)> =
        lines.iter().enumerate().flat_map(|(n, line)| gaps(line).into_iter().map(move |(k, x)| (n, k, x))).collect();
    let region = |n: usize| lines.get(n).map(|line| line.region);
    let agree = |(n, _, x): &(usize, usize, f64), (m, _, y): &(usize, usize, f64)| {
        (x - y).abs() < ALIGN_TOLERANCE && region(*n) == region(*m)
    };
    // The gaps are sorted by line; a page may have very many.
    let near = |n: usize| {
        let from = gaps.partition_point(|(m, _, _)| m + MAX_DISTANCE < n);
        gaps.get(from..gaps.partition_point(|(m, _, _)| *m <= n + MAX_DISTANCE)).unwrap_or_default()
    };
    let aligned: Vec<(usize, usize)> = gaps
        .iter()
        .filter(|gap| near(gap.0).iter().filter(|other| agree(gap, other)).count() >= MIN_ALIGNED)
        .map(|(n, k, _)| (*n, *k))
        .collect();
    // In reverse, so that a line is split at its first gap only.
    for (n, k) in aligned.into_iter().rev() {
        if let Some(line) = lines.get_mut(n) {
            split(line, k);
        }
    }
}

/// The indices and left edges of the words of `line` that follow a wide gap near its beginning.
fn gaps(line: &VisualLine) -> Vec<(usize, f64)> {
    let Some(size) = line.fragments.first().map(|fragment| fragment.size) else { return Vec::new() };
    let words: Vec<&PlacedWord> = line.fragments.iter().flat_map(|fragment| &fragment.words).collect();
    let gap = |pair: &[&PlacedWord]| match pair {
        [a, b] => b.area.x0 - a.area.x1,
        _ => 0.0,
    };
    let usual = words::median(words.windows(2).map(gap).filter(|gap| *gap < size));
    let wide = |gap: f64| gap > MIN_GAP * size && gap > MIN_GAP_RATIO * usual;
    if words.len() <= 2 || line.fragments.iter().any(|fragment| fragment.rtl) {
        return Vec::new();
    }
    let label = words.windows(2).take(MAX_LABEL_WORDS).enumerate().filter(|(_, pair)| wide(gap(pair)));
    label.filter_map(|(n, pair)| Some((n + 1, pair.last()?.area.x0))).collect()
}

/// Splits `line` before its word `k`.
fn split(line: &mut VisualLine, k: usize) {
    let mut before = 0;
    for n in 0..line.fragments.len() {
        let Some(fragment) = line.fragments.get_mut(n) else { return };
        match k - before {
            0 if n > 0 => fragment.join = Some(Join::Cell),
            at if at < fragment.words.len() => {
                let (label, rest) = fragment.words.split_at(at);
                let rest = Fragment { join: Some(Join::Cell), ..fragment.with_words(rest.to_vec()) };
                let split = [fragment.with_words(label.to_vec()), rest];
                line.fragments.splice(n..=n, split);
            }
            _ => {
                before += fragment.words.len();
                continue;
            }
        }
        return;
    }
}
