//! Narrow columns that label the rows of the text beside them: dates, places, names of skills.

use super::{
    gutter::{baselines, letters},
    words::{self, Piece},
};

/// Whether one side only labels the rows of the other: dates, places, names of skills. Rows are
/// then read across.
pub fn is_rail(left: &[&Piece], right: &[&Piece]) -> bool {
    if has_sections(left, right) {
        return false;
    }
    let (left, right) = beside(left, right);
    labels(&left, &right) || labels(&right, &left)
}

/// Whether each side is parted by headings of its own and has text below them, as columns do; headings
/// in the margin stand there alone, or with dates.
fn has_sections(left: &[&Piece], right: &[&Piece]) -> bool {
    const FEWEST: usize = 3;
    let headings = |side: &[&Piece]| side.iter().filter(|piece| piece.heading).count();
    let texts = |side: &[&Piece]| side.iter().filter(|piece| !piece.heading && !has_year(piece)).count();
    let parted = |side: &[&Piece]| headings(side) > 0 && texts(side) >= 2 * headings(side);
    parted(left) && parted(right) && headings(left) + headings(right) >= FEWEST
}

/// The pieces of each side that the other side reaches down or up to.
fn beside<'p>(left: &[&'p Piece], right: &[&'p Piece]) -> (Vec<&'p Piece>, Vec<&'p Piece>) {
    let extent = |side: &[&Piece]| {
        let top = side.iter().map(|piece| piece.baseline).fold(f64::MAX, f64::min);
        let bottom = side.iter().map(|piece| piece.baseline).fold(f64::MIN, f64::max);
        (top, bottom)
    };
    let (a, b) = (extent(left), extent(right));
    let (top, bottom) = (a.0.max(b.0) - 2.0, a.1.min(b.1) + 2.0);
    let within =
        |side: &[&'p Piece]| side.iter().copied().filter(|piece| (top..bottom).contains(&piece.baseline)).collect();
    (within(left), within(right))
}

fn labels(rail: &[&Piece], body: &[&Piece]) -> bool {
    let (short, long) = (baselines(rail), baselines(body));
    let dated = rail.iter().filter(|piece| has_year(piece)).count();
    if short.len() > long.len() {
        // Dates above places, each date beside the first row of its entry.
        let beside = |piece: &&&Piece| has_year(piece) && long.iter().any(|y| (piece.baseline - y).abs() < 2.0);
        return dated >= 2 && dated * 5 >= short.len() * 2 && rail.iter().filter(beside).count() == dated;
    }
    if dated * 5 >= short.len() * 2 && letters(rail) < 26 * short.len() {
        return true;
    }
    let size = words::median(rail.iter().map(|piece| piece.size));
    // A label stands beside the row that it labels, or between two rows as a heading does.
    let near = |y: f64, within: f64| long.iter().any(|other| (y - other).abs() < within);
    let paired = short.iter().filter(|y| near(**y, (0.22 * size).max(1.5))).count();
    let between = short.iter().filter(|y| !near(**y, 0.9 * size)).count();
    let mean = letters(rail) / short.len().max(1);
    let some = paired * 3 >= short.len() || paired > 0 && short.len() * 2 <= long.len();
    mean < 26 && (paired * 4 >= short.len() * 3 || some && (paired + between) * 10 >= short.len() * 9)
}

/// Whether each of `labels` ends a row of `entries`: set flush with each other at the side of `edge`
/// only, as places are that stand at the end of their rows.
pub(super) fn ends_rows(labels: &[&Piece], entries: &[&Piece], edge: f64) -> bool {
    let right = labels.iter().all(|piece| piece.area.x1 < edge);
    let spread = |place: fn(&Piece) -> f64| {
        let most = labels.iter().map(|piece| place(piece)).fold(f64::MIN, f64::max);
        most - labels.iter().map(|piece| place(piece)).fold(f64::MAX, f64::min)
    };
    let (starts, ends) = (spread(|piece| piece.area.x0), spread(|piece| piece.area.x1));
    let (ragged, flush) = if right { (starts, ends) } else { (ends, starts) };
    let beside = |piece: &&Piece| entries.iter().any(|entry| (entry.baseline - piece.baseline).abs() < 2.0);
    labels.len() >= 2 && flush < 2.0 && ragged > 6.0 && labels.iter().all(beside)
}

/// How many of `labels` stand on a row of `entries`.
pub(super) fn on_rows(labels: &[&Piece], entries: &[&Piece]) -> usize {
    let beside = |piece: &&&Piece| entries.iter().any(|entry| (entry.baseline - piece.baseline).abs() < 2.0);
    labels.iter().filter(beside).count()
}

pub(super) fn has_year(piece: &Piece) -> bool {
    piece.words.iter().any(|word| word.text.split(|letter: char| !letter.is_ascii_digit()).any(is_year))
}

fn is_year(part: &str) -> bool {
    part.len() == 4 && (part.starts_with("19") || part.starts_with("20"))
}

/// Joins a year to the date range above it that broke off for want of room: in a rail the next
/// line of the date is not the next line of the text.
pub fn with_whole_dates(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let mut at = 0;
    while at < pieces.len() {
        let owner = pieces.get(at).and_then(|year| pieces.iter().position(|date| breaks_off(date, year)));
        let Some(owner) = owner else {
            at += 1;
            continue;
        };
        let year = pieces.remove(at);
        let owner = if owner > at { owner - 1 } else { owner };
        if let Some(date) = pieces.get_mut(owner) {
            date.letters += year.letters;
            date.bold += year.bold;
            date.words.extend(year.words);
        }
    }
    pieces
}

fn breaks_off(date: &Piece, year: &Piece) -> bool {
    let [last] = year.words.as_slice() else {
        return false;
    };
    let step = year.baseline - date.baseline;
    let below = step > 0.5 * date.size && step < 1.6 * date.size;
    let open = date.words.last().is_some_and(|word| !word.text.contains(|letter: char| letter.is_ascii_digit()));
    let (a, b) = (date.area, year.area);
    let aligned = (a.x0 - b.x0).abs() < 1.0 || (a.x1 - b.x1).abs() < 0.3 * date.size;
    is_year(&last.text) && below && open && has_year(date) && aligned
}
