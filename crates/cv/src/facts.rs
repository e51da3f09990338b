//! What a CV says, as data with provenance.

mod contact;
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
    /// Telephone numbers, as they are written.
    pub phones: Vec<Fact<String>>,
    /// Addresses of web pages.
    pub links: Vec<Fact<String>>,
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
    let rows = Row::all(document);
    for row in rows.iter().copied() {
        if let Some(opened) = section::opened(&row) {
            section = opened;
            continue;
        }
        if is_addressed_to_machine(row.text) {
            continue;
        }
        contact::collect(&row, &mut facts);
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
    facts.name = facts.name.or_else(|| largest_name(&rows));
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
        && !text.trim().contains('\t')
        && text.trim().chars().all(|c| letters(c) || c.is_whitespace())
        && !title.iter().any(|word| plain.contains(word))
        && words.iter().all(|word| !word.starts_with(char::is_lowercase) || is_particle(word))
}

/// "van", "al-Sayed".
fn is_particle(word: &str) -> bool {
    word.split('-').next().is_some_and(|begin| begin.chars().count() <= 3)
}

/// The name in the largest letters of the first page, for a name that does not come first.
fn largest_name(rows: &[Row<'_>]) -> Option<Fact<String>> {
    let largest = rows.iter().filter(|row| row.line.page == 1).map(|row| row.line.size).fold(0.0, f32::max);
    let set_large = |row: &&Row<'_>| largest > 0.0 && row.line.size >= largest - 0.1;
    let fits = |row: &&Row<'_>| row.line.page == 1 && is_name(row.text) && section::opened(row).is_none();
    rows.iter().filter(set_large).find(fits).and_then(Row::whole).map(fact)
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
