//! Detects narrow columns that label the lines of the text beside them: dates, places, names of skills.

use super::{
    gutter::{baselines, letters},
    words::{self, Fragment},
};

/// Returns whether one side only labels the lines of the other. Then the lines must be read across.
pub fn has_labels(left: &[&Fragment], right: &[&Fragment]) -> bool {
    if has_sections(left, right) {
        return false;
    }
    let (left, right) = beside(left, right);
    is_label_column(&left, &right) || is_label_column(&right, &left)
}

/// Whether each side has headings of its own with text below them, as columns have; a column of labels has
/// headings alone, or with dates.
fn has_sections(left: &[&Fragment], right: &[&Fragment]) -> bool {
    const MIN_HEADINGS: usize = 3;
    let headings = |side: &[&Fragment]| side.iter().filter(|fragment| fragment.heading).count();
    let texts = |side: &[&Fragment]| side.iter().filter(|fragment| !fragment.heading && !has_year(fragment)).count();
    let is_column = |side: &[&Fragment]| headings(side) > 0 && texts(side) >= 2 * headings(side);
    is_column(left) && is_column(right) && headings(left) + headings(right) >= MIN_HEADINGS
}

/// The fragments of each side within the vertical extent of the other.
fn beside<'p>(left: &[&'p Fragment], right: &[&'p Fragment]) -> (Vec<&'p Fragment>, Vec<&'p Fragment>) {
    let extent = |side: &[&Fragment]| {
        let top = side.iter().map(|fragment| fragment.baseline).fold(f64::MAX, f64::min);
        let bottom = side.iter().map(|fragment| fragment.baseline).fold(f64::MIN, f64::max);
        (top, bottom)
    };
    let (a, b) = (extent(left), extent(right));
    let (top, bottom) = (a.0.max(b.0) - 2.0, a.1.min(b.1) + 2.0);
    let within = |side: &[&'p Fragment]| {
        side.iter().copied().filter(|fragment| (top..bottom).contains(&fragment.baseline)).collect()
    };
    (within(left), within(right))
}

fn is_label_column(labels: &[&Fragment], body: &[&Fragment]) -> bool {
    let (short, long) = (baselines(labels), baselines(body));
    let dated = labels.iter().filter(|fragment| has_year(fragment)).count();
    if short.len() > long.len() {
        // Dates above places, each date beside the first line of its entry.
        let beside =
            |fragment: &&&Fragment| has_year(fragment) && long.iter().any(|y| (fragment.baseline - y).abs() < 2.0);
        return dated >= 2 && dated * 5 >= short.len() * 2 && labels.iter().filter(beside).count() == dated;
    }
    if dated * 5 >= short.len() * 2 && letters(labels) < 26 * short.len() {
        return true;
    }
    let size = words::median(labels.iter().map(|fragment| fragment.size));
    // A label is level with the line that it labels, or between two lines as a heading is.
    let near = |y: f64, within: f64| long.iter().any(|other| (y - other).abs() < within);
    let paired = short.iter().filter(|y| near(**y, (0.22 * size).max(1.5))).count();
    let between = short.iter().filter(|y| !near(**y, 0.9 * size)).count();
    let mean = letters(labels) / short.len().max(1);
    let some = paired * 3 >= short.len() || paired > 0 && short.len() * 2 <= long.len();
    mean < 26 && (paired * 4 >= short.len() * 3 || some && (paired + between) * 10 >= short.len() * 9)
}

/// Returns whether each of `labels` ends a line of `entries`: they are aligned with each other at the side
/// of `edge` only, as places at the end of their lines are.
pub(super) fn ends_lines(labels: &[&Fragment], entries: &[&Fragment], edge: f64) -> bool {
    let right = labels.iter().all(|fragment| fragment.area.x1 < edge);
    let spread = |place: fn(&Fragment) -> f64| {
        let most = labels.iter().map(|fragment| place(fragment)).fold(f64::MIN, f64::max);
        most - labels.iter().map(|fragment| place(fragment)).fold(f64::MAX, f64::min)
    };
    let (starts, ends) = (spread(|fragment| fragment.area.x0), spread(|fragment| fragment.area.x1));
    let (ragged, flush) = if right { (starts, ends) } else { (ends, starts) };
    let beside = |fragment: &&Fragment| entries.iter().any(|entry| (entry.baseline - fragment.baseline).abs() < 2.0);
    labels.len() >= 2 && flush < 2.0 && ragged > 6.0 && labels.iter().all(beside)
}

/// Counts the `labels` that are level with a line of `entries`.
pub(super) fn count_level(labels: &[&Fragment], entries: &[&Fragment]) -> usize {
    let beside = |fragment: &&&Fragment| entries.iter().any(|entry| (entry.baseline - fragment.baseline).abs() < 2.0);
    labels.iter().filter(beside).count()
}

/// Returns whether any word contains a year from 1900 to 2099.
pub(super) fn has_year(fragment: &Fragment) -> bool {
    fragment.words.iter().any(|word| word.text.split(|letter: char| !letter.is_ascii_digit()).any(is_year))
}

fn is_year(part: &str) -> bool {
    part.len() == 4 && (part.starts_with("19") || part.starts_with("20"))
}

/// Joins a year to the date range above it that was wrapped for lack of room: in a label column, the next
/// line of the date is not the next line of the text.
pub fn join_wrapped_dates(mut fragments: Vec<Fragment>) -> Vec<Fragment> {
    let mut at = 0;
    while at < fragments.len() {
        let owner = fragments.get(at).and_then(|year| fragments.iter().position(|date| is_wrapped_date(date, year)));
        let Some(owner) = owner else {
            at += 1;
            continue;
        };
        let year = fragments.remove(at);
        let owner = if owner > at { owner - 1 } else { owner };
        if let Some(date) = fragments.get_mut(owner) {
            date.letters += year.letters;
            date.bold += year.bold;
            date.words.extend(year.words);
        }
    }
    fragments
}

fn is_wrapped_date(date: &Fragment, year: &Fragment) -> bool {
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
