//! What a CV says, as data with provenance.

mod date;
mod jobs;
pub(crate) mod row;
pub(crate) mod section;

use domain::Evidence;

pub use self::date::{End, PartialDate, YearMonth};
use self::{row::Row, section::Section};
use crate::document::Document;

/// A value and the passage that it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact<T> {
    /// The value.
    pub value: T,
    /// The passage.
    pub evidence: Evidence,
}

/// One employment.
#[derive(Clone, Debug, PartialEq)]
pub struct Employment {
    /// What the person was.
    pub title: Option<Fact<String>>,
    /// For whom.
    pub employer: Option<Fact<String>>,
    /// From when.
    pub start: Fact<PartialDate>,
    /// Until when.
    pub end: Fact<End>,
    /// The sentences about it.
    pub highlights: Vec<Evidence>,
}

/// What a CV says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The person's name.
    pub name: Option<Fact<String>>,
    /// E-mail addresses.
    pub emails: Vec<Fact<String>>,
    /// In the CV's order.
    pub employments: Vec<Employment>,
    /// Lines of the education sections.
    pub education: Vec<Fact<String>>,
    /// Lines of the skills sections.
    pub skills: Vec<Fact<String>>,
    /// Lines of the language sections.
    pub languages: Vec<Fact<String>>,
}

pub(crate) fn fact(evidence: Evidence) -> Fact<String> {
    Fact { value: evidence.quote().to_owned(), evidence }
}

/// What `document` says.
#[must_use]
pub fn extract(document: &Document) -> Facts {
    let mut facts = Facts::default();
    let mut section = Section::Head;
    let mut work = Vec::new();
    for row in Row::all(document) {
        if let Some(opened) = section::opened(&row) {
            section = opened;
            continue;
        }
        if section::is_personal(row.text) || is_addressed_to_machine(row.text) {
            continue;
        }
        collect_emails(&row, &mut facts);
        let whole = row.whole().map(fact);
        match section {
            Section::Head if facts.name.is_none() && is_name(row.text) => facts.name = whole,
            Section::Work => work.push(row),
            Section::Education => facts.education.extend(whole),
            Section::Skills => facts.skills.extend(whole),
            Section::Languages => facts.languages.extend(whole),
            Section::Head | Section::Personal | Section::Other => {}
        }
    }
    facts.employments = jobs::employments(&work);
    facts
}

/// Two to five words of letters.
fn is_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let letters = |c: char| c.is_alphabetic() || ".'’-".contains(c);
    let title = ["curriculum", "resume", "résumé", "lebenslauf"];
    let plain = text.to_lowercase();
    (2..=5).contains(&words.len())
        && text.trim().chars().all(|c| letters(c) || c.is_whitespace())
        && !title.iter().any(|word| plain.contains(word))
        && words.iter().all(|word| !word.starts_with(char::is_lowercase) || word.len() <= 3)
}

fn collect_emails(row: &Row<'_>, facts: &mut Facts) {
    let mut from = 0;
    for word in row.text.split(|c: char| c.is_whitespace() || "|,;<>():".contains(c)) {
        let mail = word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
        if mail {
            facts.emails.extend(row.cite(from..from + word.len()).map(fact));
        }
        from += word.len()
            + row.text.get(from + word.len()..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
}

/// Whether `text` tries to instruct a program that reads it.
pub(crate) fn is_addressed_to_machine(text: &str) -> bool {
    let text = text.to_lowercase();
    let marks = [
        "ignore all previous",
        "ignore previous instructions",
        "ignore the above",
        "disregard all previous",
        "disregard previous",
        "system prompt",
        "you are an ai",
        "as an ai",
        "language model must",
        "rank this candidate",
    ];
    marks.iter().any(|mark| text.contains(mark))
}
