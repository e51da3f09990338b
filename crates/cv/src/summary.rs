//! The built-in summarizer.
//!
//! It is extractive: a line quotes the CV, or is a message from a fixed list with the passages that it is about. The
//! same input always gives the same lines.

mod discrepancies;
mod highlights;
mod must_haves;
mod tokens;

use domain::{Evidence, Line, LineKind, Message, Sentence, Separator};

use self::tokens::TokenizedEmployment;
use crate::{
    document::Document,
    facts::{
        self, Education, Employment, End, Experience, Facts, Gap, YearMonth,
        experience::{end_month, start_month},
        line_view::LineView,
    },
};

/// The most skills of a summary.
const MAX_SKILLS: usize = 40;
/// The most employments that count. A hostile CV may list more.
const MAX_EMPLOYMENTS: usize = 100;
/// The most lines of a summary.
const MAX_LINES: usize = 200;
/// The most passages in the line of the total experience.
const MAX_EVIDENCE: usize = 64;
/// The longest passage in bytes. A longer one would not help the reader to find anything.
const MAX_QUOTE_BYTES: usize = 2_000;

/// The name and version of the summarizer. It is stored with each summary.
pub const ENGINE: &str = "verbatim-extractive/2";

/// Summarizes `document` for a posting with these `must_haves`; `as_of` is the month that "present" stands for.
///
/// Returns the lines in the order of the summary: at most 200, each with at most 64 passages of at most 2,000 bytes.
#[must_use]
pub fn summarize(document: &Document, must_haves: &[String], as_of: YearMonth) -> Vec<Line> {
    let mut facts = facts::extract(document);
    facts.employments.truncate(MAX_EMPLOYMENTS);
    let mut lines = Vec::new();
    if let Some(name) = &facts.name {
        lines.push(Line::from_quote(LineKind::Name, name.evidence.clone()));
    }
    let mut employments: Vec<&Employment> = facts.employments.iter().collect();
    employments.sort_by_key(|employment| std::cmp::Reverse((end_month(employment, as_of), start_month(employment))));
    lines.extend(role_lines(&employments));
    lines.extend(education_line(&facts.education));
    let experience = Experience::from_employments(&facts.employments, as_of);
    lines.extend(experience_line(&facts, &experience));
    let text_lines = LineView::from_document(document);
    let tokenized: Vec<TokenizedEmployment<'_>> =
        employments.iter().copied().map(TokenizedEmployment::from_employment).collect();
    lines.extend(
        must_haves
            .iter()
            .map(|must_have| must_haves::must_have_line(&text_lines, &tokenized, &facts.languages, must_have)),
    );
    lines.extend(facts.skills.iter().take(MAX_SKILLS).map(|skill| must_haves::skill_line(skill, &tokenized)));
    let languages = facts.languages.iter().map(|language| language.description.evidence.clone());
    lines.extend(languages.map(|quote| Line::from_quote(LineKind::Language, quote)));
    let highlights = highlights::choose(&tokenized, &facts.skills, must_haves);
    lines.extend(highlights.into_iter().map(|quote| Line::from_quote(LineKind::Highlight, quote.clone())));
    lines.extend(discrepancies::lines(document, &facts, &text_lines, &experience, as_of));
    lines.retain(|line| line.evidence().iter().all(|quote| quote.quote().len() <= MAX_QUOTE_BYTES));
    lines.truncate(MAX_LINES);
    lines
}

/// Cites `line`, or as much of its beginning as a passage may have: a whole page can be one line.
fn cite_beginning(line: &LineView<'_>) -> Option<Evidence> {
    line.cite(0..line.text.floor_char_boundary(MAX_QUOTE_BYTES))
}

/// Returns the line of the current role, if there is one, and that of the role before it.
///
/// The order of `employments` is from the latest on.
fn role_lines(employments: &[&Employment]) -> Vec<Line> {
    let (current, past): (Vec<&Employment>, Vec<&Employment>) =
        employments.iter().copied().partition(|employment| employment.end.value == End::Present);
    let previous = past.first().or(current.get(1)).map(|last| role_line(last, LineKind::PreviousRole));
    let current = current.first().map(|first| role_line(first, LineKind::CurrentRole));
    current.into_iter().chain(previous).collect()
}

/// Returns the line of a role: title, employer and dates.
fn role_line(employment: &Employment, kind: LineKind) -> Line {
    let named = employment.title.iter().chain(&employment.employer);
    let sentence = named.fold(None, |sentence, fact| Some(add_quote(sentence, &fact.evidence)));
    Line::cited(kind, add_period(sentence, employment))
}

/// Appends a quote after a comma, or starts a sentence with it.
fn add_quote(sentence: Option<Sentence>, quote: &Evidence) -> Sentence {
    match sentence {
        Some(sentence) => sentence.quote(Separator::Comma, quote.clone()),
        None => Sentence::from_quote(quote.clone()),
    }
}

/// Appends the dates of an employment as the CV writes them: "Mar 2020 – Present". The start is not quoted where the
/// end contains it.
fn add_period(sentence: Option<Sentence>, employment: &Employment) -> Sentence {
    let (start, end) = (&employment.start.evidence, &employment.end.evidence);
    if !end.quote().contains(start.quote()) {
        return add_quote(sentence, start).quote(Separator::Dash, end.clone());
    }
    let sentence = match sentence {
        Some(sentence) => sentence.cite(start.clone()),
        None => Sentence::from_evidence(start.clone()),
    };
    sentence.quote(Separator::Comma, end.clone())
}

/// Returns the line of the education with the highest level, the first one if several have it.
fn education_line(education: &[Education]) -> Option<Line> {
    let highest = education.iter().map(|entry| entry.level).max()?;
    let entry = education.iter().find(|entry| entry.level == highest)?;
    let named = entry.subject.iter().chain(entry.institution.iter().map(|school| &school.evidence));
    let degree = Sentence::from_quote(entry.degree.evidence.clone());
    let sentence = named.fold(degree, |sentence, quote| add_quote(Some(sentence), quote));
    let (start, end) = (entry.start.as_ref().map(|fact| &fact.evidence), entry.end.as_ref().map(|fact| &fact.evidence));
    let sentence = start.into_iter().fold(sentence, |sentence, start| add_quote(Some(sentence), start));
    let separator = if start.is_some() { Separator::Dash } else { Separator::Comma };
    let sentence = end.into_iter().fold(sentence, |sentence, end| sentence.quote(separator, end.clone()));
    Some(Line::cited(LineKind::Education, sentence))
}

/// Returns the line of the total experience, with the dates that it is the sum of.
fn experience_line(facts: &Facts, experience: &Experience) -> Option<Line> {
    let dates = |employment: &Employment| [employment.start.evidence.clone(), employment.end.evidence.clone()];
    let mut quotes: Vec<Evidence> = facts.employments.iter().flat_map(dates).collect();
    if quotes.is_empty() {
        return None;
    }
    quotes.truncate(MAX_EVIDENCE);
    let first = quotes.remove(0);
    let gaps = experience.long_gaps().map(Gap::to_message).collect();
    let message = Message::TotalExperience { months: experience.months, gaps, overlap: experience.overlap };
    Some(Line::from_message(LineKind::Experience, message, first, quotes))
}
