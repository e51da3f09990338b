//! The embedded summariser.

mod needs;
mod time;

use domain::{Evidence, Line, LineKind, Notice};

pub use self::time::{Experience, experience};
use crate::{
    document::Document,
    facts::{self, Employment, Facts, YearMonth, row::Row},
};

/// Which summariser, with its version.
pub const ENGINE: &str = "verbatim-extractive/1";

/// The lines of the card, in its order. The same input gives the same lines.
#[must_use]
pub fn summarise(document: &Document, must_haves: &[String], as_of: YearMonth) -> Vec<Line> {
    let facts = facts::extract(document);
    let mut lines = Vec::new();
    let mut say = |kind, fact: &facts::Fact<String>| {
        lines.push(Line::cited(kind, fact.value.clone(), fact.evidence.clone(), vec![]))
    };
    if let Some(name) = &facts.name {
        say(LineKind::Name, name);
    }
    let mut jobs: Vec<&Employment> = facts.employments.iter().collect();
    jobs.sort_by_key(|job| std::cmp::Reverse((time::last(job, as_of), time::first(job))));
    let kinds = [LineKind::CurrentRole, LineKind::PreviousRole];
    lines.extend(jobs.iter().zip(kinds).filter_map(|(job, kind)| role(job, kind)));
    lines.extend(
        highest(&facts.education)
            .map(|fact| Line::cited(LineKind::Education, fact.value.clone(), fact.evidence.clone(), vec![])),
    );
    let known = experience(&facts.employments, as_of);
    lines.extend(total(&facts, &known));
    let rows = Row::all(document);
    lines.extend(must_haves.iter().map(|need| needs::line(&rows, need)));
    let plain = |kind, list: &[facts::Fact<String>]| -> Vec<Line> {
        list.iter().map(|fact| Line::cited(kind, fact.value.clone(), fact.evidence.clone(), vec![])).collect()
    };
    lines.extend(plain(LineKind::Skill, &facts.skills));
    lines.extend(plain(LineKind::Language, &facts.languages));
    let mut best: Vec<&Evidence> = jobs.iter().flat_map(|job| &job.highlights).collect();
    best.sort_by_key(|quote| !quote.quote().contains(|c: char| c.is_ascii_digit()));
    lines.extend(
        best.into_iter().take(5).map(|quote| Line::cited(LineKind::Highlight, quote.quote(), quote.clone(), vec![])),
    );
    verify(document, &facts, &rows, &mut lines);
    lines
}

/// Words of levels of education, from the highest.
const LEVELS: [&str; 3] = [
    "phd|ph.d|doctor|doktor|dottorato",
    "master|msc|m.sc|mba|magister|magistrale|máster|mestrado",
    "bachelor|bsc|b.sc|licenciatura|laurea|b.a.",
];

/// The education of the highest level; the first where none is named.
fn highest(education: &[facts::Fact<String>]) -> Option<&facts::Fact<String>> {
    let level = |fact: &&facts::Fact<String>| {
        let text = fact.value.to_lowercase();
        let named = |words: &str| words.split('|').any(|word| text.contains(word));
        LEVELS.iter().position(|words| named(words)).unwrap_or(LEVELS.len())
    };
    education.iter().min_by_key(level)
}

fn role(job: &Employment, kind: LineKind) -> Option<Line> {
    let named: Vec<&facts::Fact<String>> = job.title.iter().chain(&job.employer).collect();
    let mut text: Vec<&str> = named.iter().map(|fact| fact.value.as_str()).collect();
    let (start, end) = (job.start.evidence.quote(), job.end.evidence.quote());
    let dates = if end.contains(start) { end.to_owned() } else { format!("{start} – {end}") };
    text.push(&dates);
    let mut quotes: Vec<Evidence> = named.iter().map(|fact| fact.evidence.clone()).collect();
    quotes.extend([job.start.evidence.clone(), job.end.evidence.clone()]);
    let first = quotes.remove(0);
    Some(Line::cited(kind, text.join(", "), first, quotes))
}

fn total(facts: &Facts, known: &Experience) -> Option<Line> {
    let mut quotes: Vec<Evidence> =
        facts.employments.iter().flat_map(|job| [job.start.evidence.clone(), job.end.evidence.clone()]).collect();
    if quotes.is_empty() {
        return None;
    }
    let first = quotes.remove(0);
    let mut text = format!("{} years {} months, computed from the dates", known.months / 12, known.months % 12);
    let long: Vec<String> = known.gaps.iter().filter(|gap| **gap > 6).map(|gap| format!("{gap} months")).collect();
    if !long.is_empty() {
        text.push_str(&format!("; between employments: {}", long.join(", ")));
    }
    if known.overlap > 0 {
        text.push_str(&format!("; overlapping: {} months", known.overlap));
    }
    Some(Line::cited(LineKind::Experience, text, first, quotes))
}

fn verify(document: &Document, facts: &Facts, rows: &[Row<'_>], lines: &mut Vec<Line>) {
    let mut seen = Vec::new();
    for hidden in &document.hidden {
        if !seen.contains(&(hidden.page, hidden.reason)) {
            seen.push((hidden.page, hidden.reason));
            lines.push(Line::notice(Notice::HiddenText { page: hidden.page, reason: hidden.reason }));
        }
    }
    lines.extend(
        document
            .unread
            .iter()
            .map(|unread| Line::notice(Notice::UnreadPage { page: unread.page, reason: unread.reason })),
    );
    let spoken = rows.iter().filter(|row| facts::is_addressed_to_machine(row.text)).filter_map(Row::whole);
    lines.extend(spoken.map(|quote| {
        Line::cited(
            LineKind::ToVerify,
            "A sentence addressed to a program, not to a reader; it was not followed",
            quote,
            vec![],
        )
    }));
    if facts.name.is_none() {
        lines.push(Line::notice(Notice::NoName));
    }
    if facts.employments.is_empty() {
        lines.push(Line::notice(Notice::NoDatedEmployment));
    }
}
