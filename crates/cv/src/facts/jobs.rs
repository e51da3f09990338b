//! Employments, anchored at their ranges of dates.

use std::ops::Range;

use domain::Evidence;

use super::{
    Employment, Fact,
    date::{self, DateRange},
    fact,
    row::Row,
};

const TITLES: &str = "engineer|developer|manager|director|analyst|consultant|designer|architect|assistant|intern|lead|officer|specialist|scientist|researcher|teacher|nurse|technician|administrator|coordinator|head of|programmer|professor|entwickler|ingenieur|leiter|berater|mitarbeiter|praktikant|développeu|ingénieur|responsable|chef de|stagiaire|consultor|desarrollador|ingenier|gerente|director|sviluppatore|ingegnere|responsabile|desenvolvedor|engenheir|analista|ontwikkelaar|medewerker|adviseur";

/// The employments among the rows of the work sections.
pub(crate) fn employments(rows: &[Row<'_>]) -> Vec<Employment> {
    let anchors: Vec<(usize, DateRange)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| !row.is_bullet())
        .filter_map(|(n, row)| Some((n, date::range(row.text)?)))
        .collect();
    let mut from = 0;
    let mut found = Vec::new();
    for (k, (at, dates)) in anchors.iter().enumerate() {
        let until = anchors.get(k + 1).map_or(rows.len(), |(next, _)| *next);
        found.extend(employment(rows, from..*at, *at..until, dates));
        from = at + 1;
    }
    found
}

fn employment(rows: &[Row<'_>], before: Range<usize>, own: Range<usize>, dates: &DateRange) -> Option<Employment> {
    let anchor = rows.get(own.start)?;
    let bytes = dates.start.1.start.min(dates.end.1.start)..dates.end.1.end;
    let mut heads = parts(anchor, 0..bytes.start);
    heads.extend(parts(anchor, bytes.end..anchor.text.len()));
    if heads.len() < 2 {
        let above = rows.get(before)?.last().filter(|row| is_head(row));
        let below = rows.get(own.start + 1..own.end)?.first().filter(|row| is_head(row));
        let near = if heads.is_empty() { above.or(below) } else { below.or(above) };
        heads.extend(near.into_iter().flat_map(|row| parts(row, 0..row.text.len())));
    }
    let title = heads.iter().position(|head| is_title(head.quote())).or((!heads.is_empty()).then_some(0));
    let title = title.map(|at| fact(heads.remove(at)));
    let employer = (!heads.is_empty()).then(|| fact(heads.remove(0)));
    let named: Vec<&Evidence> = [&title, &employer].into_iter().flatten().map(|fact| &fact.evidence).collect();
    let highlights = sentences(rows.get(own.start + 1..own.end)?, &named);
    let start = Fact { value: dates.start.0, evidence: anchor.cite(dates.start.1.clone())? };
    let end = Fact { value: dates.end.0, evidence: anchor.cite(dates.end.1.clone())? };
    Some(Employment { title, employer, start, end, highlights })
}

/// The items of the list below an employment, each with the lines that go on with it.
fn sentences(rows: &[Row<'_>], named: &[&Evidence]) -> Vec<Evidence> {
    let goes_on = |row: &Row<'_>| row.text.trim_start().starts_with(char::is_lowercase);
    let taken = |row: &Row<'_>| {
        let whole = row.whole();
        whole.is_some_and(|own| named.iter().any(|it| it.page() == own.page() && it.span().overlaps(own.span())))
    };
    let begins = |row: &Row<'_>| row.is_bullet() || row.text.split_whitespace().count() >= 5 && !goes_on(row);
    let mut found = Vec::new();
    for (n, first) in rows.iter().enumerate().filter(|(_, row)| begins(row) && !taken(row)) {
        let more = rows.iter().skip(n + 1).take_while(|row| goes_on(row) && row.line.page == first.line.page).take(3);
        found.extend(first.through(more.last().unwrap_or(first)));
    }
    found
}

fn is_head(row: &Row<'_>) -> bool {
    !row.is_bullet() && row.text.chars().count() < 90 && !row.text.trim_end().ends_with('.')
}

fn is_title(text: &str) -> bool {
    let text = text.to_lowercase();
    TITLES.split('|').any(|word| text.contains(word))
}

fn parts(row: &Row<'_>, range: Range<usize>) -> Vec<Evidence> {
    let text = row.text.get(range.clone()).unwrap_or_default();
    let mut found = Vec::new();
    let mut from = 0;
    while from < text.len() {
        let rest = text.get(from..).unwrap_or_default();
        let cuts = ["\t", " at ", " | ", ", ", " – ", " — ", " - ", " bei ", " chez ", "("];
        let cut = cuts.iter().filter_map(|cut| Some((rest.find(cut)?, cut.len()))).min();
        let (end, skip) = cut.unwrap_or((rest.len(), 0));
        let part = row.cite(range.start + from..range.start + from + end);
        found.extend(part.filter(|part| part.quote().chars().any(char::is_alphabetic)));
        from += end + skip.max(1);
    }
    found
}
