//! Finds the vertical white space between two columns.

use super::{
    label_column,
    words::{Fragment, median},
};

/// A vertical strip of white space with text on both sides.
#[derive(Clone, Copy, Debug)]
pub struct Gutter {
    /// The horizontal center in points.
    pub x: f64,
    /// The upper end in points.
    pub top: f64,
    /// The lower end in points.
    pub bottom: f64,
}

/// The minimum number of lines of a column.
const MIN_LINES: usize = 4;
/// The minimum width of a gutter in ems.
const MIN_WIDTH: f64 = 0.7;

/// The gutter with most text on both sides; `None` if `members`, indices of `fragments`, are one column.
pub fn best(fragments: &[Fragment], members: &[usize]) -> Option<Gutter> {
    let group: Vec<&Fragment> = members.iter().filter_map(|at| fragments.get(*at)).collect();
    if group.len() < 2 * MIN_LINES {
        return None;
    }
    let size = median(group.iter().map(|fragment| fragment.size));
    let mut edges: Vec<f64> = group.iter().map(|fragment| fragment.area.x0 - 1.5).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup_by(|a, b| (*a - *b).abs() < 1.0);
    let bands: Vec<(usize, Gutter)> = edges.iter().flat_map(|x| bands(&group, *x, size)).collect();
    let (_, widest) = bands.iter().max_by_key(|(weight, _)| *weight)?;
    let kept = bands.iter().filter(|(_, other)| keeps_dates(&group, widest, other));
    Some(kept.max_by_key(|(weight, _)| *weight).map_or(*widest, |(_, gutter)| *gutter))
}

/// Whether there are only the dates, or places, of the lines beyond `gutter` between the two gutters, so
/// that `other` separates the columns and `gutter` would separate entries from their dates.
fn keeps_dates(group: &[&Fragment], gutter: &Gutter, other: &Gutter) -> bool {
    let (top, bottom) = (gutter.top.max(other.top), gutter.bottom.min(other.bottom));
    let within = |fragment: &&&Fragment| (top..bottom).contains(&fragment.area.center().y);
    let (from, to) = (gutter.x.min(other.x), gutter.x.max(other.x));
    let between = |fragment: &&Fragment| (from..to).contains(&fragment.area.center().x);
    let beyond = |fragment: &&Fragment| (fragment.area.center().x < gutter.x) == (gutter.x < other.x);
    let inside = || group.iter().filter(within).copied();
    let dates: Vec<&Fragment> = inside().filter(between).collect();
    let entries: Vec<&Fragment> = inside().filter(|fragment| beyond(fragment) && !between(fragment)).collect();
    let dated = dates.iter().filter(|fragment| label_column::has_year(fragment)).count();
    let across: Vec<&Fragment> = inside().filter(|fragment| !beyond(fragment) && !between(fragment)).collect();
    let own = label_column::count_level(&dates, &entries) >= label_column::count_level(&dates, &across);
    let dates_label_entries =
        own && dated >= 2 && dated * 5 >= dates.len() * 4 && label_column::has_labels(&dates, &entries);
    dates_label_entries || label_column::ends_lines(&dates, &entries, other.x)
}

/// The vertical ranges around `x` that no fragment crosses, each with the number of letters on its smaller
/// side.
fn bands(group: &[&Fragment], x: f64, size: f64) -> Vec<(usize, Gutter)> {
    let mut crossing: Vec<(f64, f64)> = group
        .iter()
        .filter(|fragment| fragment.area.x0 < x - 0.5 && fragment.area.x1 > x + 0.5)
        .map(|fragment| (fragment.area.y0, fragment.area.y1))
        .collect();
    crossing.sort_by(|a, b| a.0.total_cmp(&b.0));
    crossing.push((f64::MAX, f64::MAX));
    let mut top = f64::MIN;
    let mut found = Vec::new();
    for (next, end) in crossing {
        if next > top {
            found.extend(band(group, Gutter { x, top, bottom: next }, size));
        }
        top = top.max(end);
    }
    found
}

fn band(group: &[&Fragment], gutter: Gutter, size: f64) -> Option<(usize, Gutter)> {
    let inside = group.iter().copied().filter(|fragment| {
        let middle = fragment.area.center().y;
        middle > gutter.top && middle < gutter.bottom
    });
    let (left, right): (Vec<&Fragment>, Vec<&Fragment>) =
        inside.partition(|fragment| fragment.area.center().x < gutter.x);
    if count_lines(&left) < MIN_LINES || count_lines(&right) < MIN_LINES {
        return None;
    }
    let edge = left.iter().map(|fragment| fragment.area.x1).fold(f64::MIN, f64::max);
    let next = right.iter().map(|fragment| fragment.area.x0).fold(f64::MAX, f64::min);
    if next - edge < MIN_WIDTH * size || !side_by_side(&left, &right) || label_column::has_labels(&left, &right) {
        return None;
    }
    let weight = letters(&left).min(letters(&right));
    Some((weight, Gutter { x: f64::midpoint(edge, next), ..gutter }))
}

pub(super) fn letters(side: &[&Fragment]) -> usize {
    side.iter().map(|fragment| fragment.letters).sum()
}

fn extent(side: &[&Fragment]) -> (f64, f64) {
    let top = side.iter().map(|fragment| fragment.area.y0).fold(f64::MAX, f64::min);
    let bottom = side.iter().map(|fragment| fragment.area.y1).fold(f64::MIN, f64::max);
    (top, bottom)
}

fn side_by_side(left: &[&Fragment], right: &[&Fragment]) -> bool {
    let (a, b) = (extent(left), extent(right));
    let shared = a.1.min(b.1) - a.0.max(b.0);
    shared > 0.5 * (a.1 - a.0).min(b.1 - b.0)
}

pub(super) fn baselines(side: &[&Fragment]) -> Vec<f64> {
    let mut lines: Vec<f64> = side.iter().map(|fragment| fragment.baseline).collect();
    lines.sort_by(f64::total_cmp);
    lines.dedup_by(|a, b| (*a - *b).abs() < 2.0);
    lines
}

fn count_lines(side: &[&Fragment]) -> usize {
    baselines(side).len()
}
