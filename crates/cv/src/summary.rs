//! The embedded summariser.

mod highlights;
mod needs;
mod said;
mod time;
mod verify;

use domain::{Evidence, Line, LineKind, Phrase};

use self::said::Told;
pub use self::time::{Experience, Gap, experience};
use crate::{
    document::Document,
    facts::{self, Education, Employment, End, Facts, YearMonth, line_view::LineView},
};

/// More of them than this nobody reads.
const MOST_SKILLS: usize = 40;
/// More of them than this nobody had; what a hostile CV lists beyond is left out.
const MOST_EMPLOYMENTS: usize = 100;
/// More lines than this are no card.
const MOST_LINES: usize = 200;
/// More passages than this bear out no line.
const MOST_QUOTES: usize = 64;
/// The longest passage in bytes: a longer one points at nothing.
const MOST_QUOTED: usize = 2_000;

/// Which summariser, with its version.
pub const ENGINE: &str = "verbatim-extractive/2";

/// The lines of the card, in its order. The same input gives the same lines. At most 200 of them,
/// each with at most 64 passages of at most 2,000 bytes.
#[must_use]
pub fn summarize(document: &Document, must_haves: &[String], as_of: YearMonth) -> Vec<Line> {
    let mut facts = facts::extract(document);
    facts.employments.truncate(MOST_EMPLOYMENTS);
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
    let text_lines = LineView::from_document(document);
    let told: Vec<Told<'_>> = jobs.iter().copied().map(Told::of).collect();
    lines.extend(must_haves.iter().map(|need| needs::line(&text_lines, &told, &facts.languages, need)));
    lines.extend(facts.skills.iter().take(MOST_SKILLS).map(|skill| needs::skill(skill, &told)));
    lines.extend(facts.languages.iter().map(|language| {
        Line::cited(
            LineKind::Language,
            one_line(&language.description.evidence),
            language.description.evidence.clone(),
            vec![],
        )
    }));
    let highlights = highlights::choose(&told, &facts.skills, must_haves);
    lines.extend(
        highlights.iter().map(|quote| Line::cited(LineKind::Highlight, one_line(quote), (*quote).clone(), vec![])),
    );
    lines.extend(verify::lines(document, &facts, &text_lines, &known, as_of));
    lines.retain(|line| line.evidence().iter().all(|quote| quote.quote().len() <= MOST_QUOTED));
    lines.truncate(MOST_LINES);
    lines
}

/// `row`, or as much of its beginning as may be quoted: a whole page can be one line.
fn beginning(line: &LineView<'_>) -> Option<Evidence> {
    line.cite(0..line.text.floor_char_boundary(MOST_QUOTED))
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
    let start = course.start.iter().map(|start| &start.evidence);
    let end = course.end.iter().map(|end| &end.evidence);
    let mut text = vec![course.degree.value.clone()];
    text.extend(course.institution.iter().map(|school| school.value.clone()));
    let dates: Vec<String> = start.clone().chain(end.clone()).map(one_line).collect();
    text.extend((!dates.is_empty()).then(|| dates.join(" – ")));
    let more = school.chain(start).chain(end).cloned().collect();
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
    quotes.truncate(MOST_QUOTES);
    let first = quotes.remove(0);
    let blanks = known.long_gaps().map(Gap::blank).collect();
    let phrase = Phrase::Total { months: known.months, blanks, overlap: known.overlap };
    Some(Line::said(LineKind::Experience, phrase, first, quotes))
}

fn one_line(quote: &Evidence) -> String {
    quote.quote().split_whitespace().collect::<Vec<_>>().join(" ")
}
