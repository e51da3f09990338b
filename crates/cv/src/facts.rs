//! What a CV says, as data with provenance.

mod contact;
mod date;
mod education;
mod heads;
mod jobs;
mod list;
pub(crate) mod row;
pub(crate) mod section;

use std::collections::HashSet;

use domain::Evidence;

pub use self::{
    date::{End, PartialDate, YearMonth},
    education::{Education, Level},
};
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
    /// In the CV's order.
    pub education: Vec<Education>,
    /// Items of the skills sections.
    pub skills: Vec<Fact<String>>,
    /// Items of the language sections, with the level where it is said.
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
    let (mut work, mut education) = (Vec::new(), Vec::new());
    let rows = Row::all(document);
    let largest = largest_name(&rows);
    for row in rows.iter().copied() {
        if let Some(opened) = section::opened(&row) {
            section = opened;
            continue;
        }
        if is_addressed_to_machine(row.text) {
            continue;
        }
        contact::collect(&row, &mut facts);
        // The main column begins anew with the name, after a side bar.
        if largest.as_ref().is_some_and(|name| row.whole().as_ref() == Some(&name.evidence)) {
            section = Section::Head;
        }
        match section {
            Section::Head if facts.name.is_none() && is_name(row.text) => facts.name = row.whole().map(fact),
            Section::Work => work.push(row),
            Section::Education => education.push(row),
            Section::Skills => add(&mut facts.skills, list::items(&row)),
            Section::Languages => add(&mut facts.languages, languages(&row)),
            Section::Head | Section::Personal | Section::Other => {}
        }
    }
    facts.name = facts.name.or(largest);
    facts.employments = jobs::employments(&work);
    facts.education = education::entries(&education);
    facts
}

/// Nobody lists more skills or languages than this; what a hostile CV lists beyond is left out.
const MOST_ITEMS: usize = 400;

/// Adds what is not there yet.
fn add(list: &mut Vec<Fact<String>>, items: Vec<Fact<String>>) {
    if list.len() >= MOST_ITEMS {
        return;
    }
    let mut known: HashSet<String> = list.iter().map(|known| known.value.to_lowercase()).collect();
    let new = items.into_iter().filter(|item| known.insert(item.value.to_lowercase()));
    list.extend(new.take(MOST_ITEMS - list.len()));
}

/// "German: C1", "German\tC1" and "German – fluent" are one item each.
fn languages(row: &Row<'_>) -> Vec<Fact<String>> {
    let one = row.text.contains([':', '\t']) && !row.text.contains([',', ';', '|']);
    if one { row.whole().map(fact).into_iter().collect() } else { list::items(row) }
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
