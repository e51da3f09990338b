//! Employments, anchored at their ranges of dates.

use std::ops::Range;

use domain::Evidence;

use super::{
    Employment, Fact,
    date::{self, DateRange},
    heads,
    row::Row,
};

/// Rows of title, employer and place around the dates of one employment.
const MOST_HEADS: usize = 3;

/// The employments among the rows of the work sections.
pub(crate) fn employments(rows: &[Row<'_>]) -> Vec<Employment> {
    let anchors: Vec<(usize, DateRange)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| !row.is_bullet())
        .filter_map(|(n, row)| Some((n, date::range(row.text)?)))
        .collect();
    let Some((first, _)) = anchors.first() else { return Vec::new() };
    // A CV sets all its employments alike, and above the first there is nothing but its own heads.
    let above = rows.get(..*first).map_or(0, |rows| rows.iter().rev().take(MOST_HEADS).take_while(is_head).count());
    let mut from = 0;
    let mut found = Vec::new();
    for (k, (at, dates)) in anchors.iter().enumerate() {
        let next = anchors.get(k + 1).map_or(rows.len(), |(next, _)| *next);
        let around = Around { before: heads_before(rows, from..*at, above), at: *at, next };
        // The heads above the next dates are not sentences of this employment.
        let taken = anchors.get(k + 1).map_or(0, |_| heads_before(rows, at + 1..next, above).len());
        found.extend(employment(rows, &around, taken, dates));
        from = at + 1;
    }
    found
}

/// Where the rows of one employment are.
struct Around {
    before: Range<usize>,
    at: usize,
    next: usize,
}

fn heads_before(rows: &[Row<'_>], within: Range<usize>, most: usize) -> Range<usize> {
    let end = within.end;
    let count = rows.get(within).map_or(0, |rows| rows.iter().rev().take(most).take_while(is_head).count());
    end - count..end
}

fn employment(rows: &[Row<'_>], around: &Around, taken: usize, dates: &DateRange) -> Option<Employment> {
    let anchor = rows.get(around.at)?;
    let bytes = dates.start.1.start.min(dates.end.1.start)..dates.end.1.end;
    let mut beside = heads::parts(anchor, 0..bytes.start);
    beside.extend(heads::parts(anchor, bytes.end..anchor.text.len()));
    let whole = |row: &Row<'_>| heads::parts(row, 0..row.text.len());
    let mut heads: Vec<Vec<Evidence>> = rows.get(around.before.clone())?.iter().map(whole).collect();
    heads.push(beside);
    let below = around.at + 1..around.next - taken;
    if heads.iter().flatten().count() < 2 || around.before.is_empty() {
        let known = heads.iter().filter(|row| !row.is_empty()).count();
        let near = rows.get(below.clone())?.iter().take(MOST_HEADS - known.min(2) - 1).take_while(is_head);
        heads.extend(near.map(whole));
    }
    let (title, employer) = heads::title_and_employer(heads);
    let named: Vec<&Evidence> = [&title, &employer].into_iter().flatten().map(|fact| &fact.evidence).collect();
    let highlights = sentences(rows.get(below)?, &named);
    let start = Fact { value: dates.start.0, evidence: anchor.cite(dates.start.1.clone())? };
    let end = Fact { value: dates.end.0, evidence: anchor.cite(dates.end.1.clone())? };
    Some(Employment { title, employer, start, end, highlights })
}

/// The items of the list below an employment, each with the lines that go on with it.
fn sentences(rows: &[Row<'_>], named: &[&Evidence]) -> Vec<Evidence> {
    let taken = |row: &Row<'_>| {
        let whole = row.whole();
        whole.is_some_and(|own| named.iter().any(|it| it.page() == own.page() && it.span().overlaps(own.span())))
    };
    let begins = |row: &Row<'_>| row.is_bullet() || row.text.split_whitespace().count() >= 5;
    let mut found = Vec::new();
    let mut n = 0;
    while let Some(first) = rows.get(n) {
        n += 1;
        if !begins(first) || taken(first) {
            continue;
        }
        let mut last = first;
        while let Some(row) = rows.get(n).filter(|row| goes_on(first, last, row)) {
            last = row;
            n += 1;
        }
        found.extend(first.through(last));
    }
    found
}

/// Whether `row` is a further line of the item that `first` begins and `last` ends so far: it begins
/// with a small letter, hangs to the right of the bullet, or `last` cannot have been the end.
fn goes_on(first: &Row<'_>, last: &Row<'_>, row: &Row<'_>) -> bool {
    if row.is_bullet() || row.line.page != first.line.page {
        return false;
    }
    let hangs = match (first.line.rect, row.line.rect) {
        (Some(first), Some(row)) => (2.0..40.0).contains(&(row.x - first.x)),
        _ => false,
    };
    row.text.trim_start().starts_with(char::is_lowercase) || first.is_bullet() && hangs || is_open(last.text)
}

/// Words after which no sentence ends.
const OPEN: &str = " a an the of to in on at by for from with and or as into over under via und oder der die das den dem ein eine mit von für zur zum im et ou le la les des de du un une pour avec dans sur y o el los las con para por en e il lo gli di da per een het van voor met op ";

fn is_open(text: &str) -> bool {
    let Some(word) = text.split_whitespace().next_back() else { return false };
    let number = !word.is_empty() && word.len() < 4 && word.chars().all(|c| c.is_ascii_digit());
    number || word.ends_with(',') || OPEN.contains(&format!(" {} ", word.to_lowercase()))
}

fn is_head(row: &&Row<'_>) -> bool {
    let text = row.text.trim_end();
    !row.is_bullet()
        && text.chars().count() < 90
        && !text.ends_with(['.', ';'])
        && !text.trim_start().starts_with(char::is_lowercase)
        && date::range(text).is_none()
}
