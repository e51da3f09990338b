//! The embedded summariser.

mod needs;
mod time;
mod verify;

use domain::{Evidence, Line, LineKind};

pub use self::time::{Experience, Gap, experience};
use crate::{
    document::Document,
    facts::{self, Education, Employment, End, Facts, YearMonth, row::Row},
};

/// More of them than this nobody reads.
const MOST_SKILLS: usize = 40;

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
    lines.extend(roles(&jobs));
    lines.extend(highest(&facts.education));
    let known = experience(&facts.employments, as_of);
    lines.extend(total(&facts, &known));
    let rows = Row::all(document);
    lines.extend(must_haves.iter().map(|need| needs::line(&rows, &jobs, need)));
    lines.extend(facts.skills.iter().take(MOST_SKILLS).map(|skill| needs::skill(skill, &jobs)));
    lines.extend(facts.languages.iter().map(|language| {
        Line::cited(LineKind::Language, one_line(&language.said.evidence), language.said.evidence.clone(), vec![])
    }));
    let mut best: Vec<&Evidence> = jobs.iter().flat_map(|job| &job.highlights).collect();
    best.sort_by_key(|quote| {
        let wanted = must_haves.iter().any(|need| needs::named(quote.quote(), need));
        (!wanted, !quote.quote().contains(|c: char| c.is_ascii_digit()))
    });
    lines.extend(varied(best).map(|quote| Line::cited(LineKind::Highlight, one_line(quote), quote.clone(), vec![])));
    lines.extend(verify::lines(document, &facts, &rows, &known, as_of));
    lines
}

/// The present role, if there is one, and the one before.
fn roles(jobs: &[&Employment]) -> Vec<Line> {
    let (now, past): (Vec<&Employment>, Vec<&Employment>) =
        jobs.iter().copied().partition(|job| job.end.value == End::Present);
    let current = now.first().and_then(|job| role(job, LineKind::CurrentRole));
    let previous = past.first().or(now.get(1)).and_then(|job| role(job, LineKind::PreviousRole));
    current.into_iter().chain(previous).collect()
}

/// The education of the highest level; the first of those where there are several.
fn highest(education: &[Education]) -> Option<Line> {
    let best = education.iter().map(|course| course.level).max()?;
    let course = education.iter().find(|course| course.level == best)?;
    let school = course.institution.iter().map(|school| &school.evidence);
    let dates = course.start.iter().map(|start| &start.evidence).chain(course.end.iter().map(|end| &end.evidence));
    let named: Vec<&Evidence> = school.chain(dates).collect();
    let text: Vec<String> =
        std::iter::once(&course.degree.evidence).chain(named.iter().copied()).map(one_line).collect();
    let more = named.into_iter().cloned().collect();
    Some(Line::cited(LineKind::Education, text.join(", "), course.degree.evidence.clone(), more))
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
    let mut text = format!("{}, computed from the dates", time::phrase(known.months));
    for gap in known.long_gaps() {
        text.push_str(&format!("; gap of {} months from {} to {}", gap.months, gap.from, gap.to));
    }
    if known.overlap > 0 {
        text.push_str(&format!("; overlapping: {} months", known.overlap));
    }
    Some(Line::cited(LineKind::Experience, text, first, quotes))
}

fn one_line(quote: &Evidence) -> String {
    quote.quote().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first five that share less than two thirds of their words with an earlier one.
fn varied(quotes: Vec<&Evidence>) -> impl Iterator<Item = &Evidence> {
    let words = |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_lowercase).collect() };
    let mut kept: Vec<&Evidence> = Vec::new();
    for quote in quotes {
        let own = words(quote.quote());
        let alike = |other: &&Evidence| {
            let other = words(other.quote());
            own.iter().filter(|word| other.contains(word)).count() * 3 >= own.len() * 2
        };
        if kept.len() < 5 && !kept.iter().any(alike) {
            kept.push(quote);
        }
    }
    kept.into_iter()
}
