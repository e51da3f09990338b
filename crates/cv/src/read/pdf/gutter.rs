//! Finds the white space between two columns.

use super::{
    rail,
    words::{Piece, median},
};

/// A vertical white space with text on both sides.
#[derive(Clone, Copy, Debug)]
pub struct Gutter {
    /// Its middle.
    pub x: f64,
    /// Where its band begins.
    pub top: f64,
    /// Where its band ends.
    pub bottom: f64,
}

/// A column has at least so many rows.
const FEWEST_ROWS: usize = 4;
/// A gutter is at least so many ems wide.
const NARROWEST: f64 = 0.7;

/// The gutter that parts most text of `members`; `None` if they are one column.
pub fn best(pieces: &[Piece], members: &[usize]) -> Option<Gutter> {
    let group: Vec<&Piece> = members.iter().filter_map(|at| pieces.get(*at)).collect();
    if group.len() < 2 * FEWEST_ROWS {
        return None;
    }
    let size = median(group.iter().map(|piece| piece.size));
    let mut edges: Vec<f64> = group.iter().map(|piece| piece.area.x0 - 1.5).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup_by(|a, b| (*a - *b).abs() < 1.0);
    let bands: Vec<(usize, Gutter)> = edges.iter().flat_map(|x| bands(&group, *x, size)).collect();
    let (_, widest) = bands.iter().max_by_key(|(weight, _)| *weight)?;
    let kept = bands.iter().filter(|(_, other)| keeps_dates(&group, widest, other));
    Some(kept.max_by_key(|(weight, _)| *weight).map_or(*widest, |(_, gutter)| *gutter))
}

/// Whether between the two gutters stand only the dates, or places, of the rows beyond `gutter`, so that `other`
/// parts the columns and `gutter` would part entries from their dates.
fn keeps_dates(group: &[&Piece], gutter: &Gutter, other: &Gutter) -> bool {
    let (top, bottom) = (gutter.top.max(other.top), gutter.bottom.min(other.bottom));
    let within = |piece: &&&Piece| (top..bottom).contains(&piece.area.center().y);
    let (from, to) = (gutter.x.min(other.x), gutter.x.max(other.x));
    let between = |piece: &&Piece| (from..to).contains(&piece.area.center().x);
    let beyond = |piece: &&Piece| (piece.area.center().x < gutter.x) == (gutter.x < other.x);
    let inside = || group.iter().filter(within).copied();
    let dates: Vec<&Piece> = inside().filter(between).collect();
    let entries: Vec<&Piece> = inside().filter(|piece| beyond(piece) && !between(piece)).collect();
    let dated = dates.iter().filter(|piece| rail::has_year(piece)).count();
    let across: Vec<&Piece> = inside().filter(|piece| !beyond(piece) && !between(piece)).collect();
    let own = rail::on_rows(&dates, &entries) >= rail::on_rows(&dates, &across);
    let rail = own && dated >= 2 && dated * 5 >= dates.len() * 4 && rail::is_rail(&dates, &entries);
    rail || rail::ends_rows(&dates, &entries, other.x)
}

/// The bands around `x` that no piece crosses, with how much text the smaller side holds.
fn bands(group: &[&Piece], x: f64, size: f64) -> Vec<(usize, Gutter)> {
    let mut crossing: Vec<(f64, f64)> = group
        .iter()
        .filter(|piece| piece.area.x0 < x - 0.5 && piece.area.x1 > x + 0.5)
        .map(|piece| (piece.area.y0, piece.area.y1))
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

fn band(group: &[&Piece], gutter: Gutter, size: f64) -> Option<(usize, Gutter)> {
    let inside = group.iter().copied().filter(|piece| {
        let middle = piece.area.center().y;
        middle > gutter.top && middle < gutter.bottom
    });
    let (left, right): (Vec<&Piece>, Vec<&Piece>) = inside.partition(|piece| piece.area.center().x < gutter.x);
    if rows(&left) < FEWEST_ROWS || rows(&right) < FEWEST_ROWS {
        return None;
    }
    let edge = left.iter().map(|piece| piece.area.x1).fold(f64::MIN, f64::max);
    let next = right.iter().map(|piece| piece.area.x0).fold(f64::MAX, f64::min);
    if next - edge < NARROWEST * size || !side_by_side(&left, &right) || rail::is_rail(&left, &right) {
        return None;
    }
    let weight = letters(&left).min(letters(&right));
    Some((weight, Gutter { x: f64::midpoint(edge, next), ..gutter }))
}

pub(super) fn letters(side: &[&Piece]) -> usize {
    side.iter().map(|piece| piece.letters).sum()
}

fn extent(side: &[&Piece]) -> (f64, f64) {
    let top = side.iter().map(|piece| piece.area.y0).fold(f64::MAX, f64::min);
    let bottom = side.iter().map(|piece| piece.area.y1).fold(f64::MIN, f64::max);
    (top, bottom)
}

fn side_by_side(left: &[&Piece], right: &[&Piece]) -> bool {
    let (a, b) = (extent(left), extent(right));
    let shared = a.1.min(b.1) - a.0.max(b.0);
    shared > 0.5 * (a.1 - a.0).min(b.1 - b.0)
}

pub(super) fn baselines(side: &[&Piece]) -> Vec<f64> {
    let mut lines: Vec<f64> = side.iter().map(|piece| piece.baseline).collect();
    lines.sort_by(f64::total_cmp);
    lines.dedup_by(|a, b| (*a - *b).abs() < 2.0);
    lines
}

fn rows(side: &[&Piece]) -> usize {
    baselines(side).len()
}
