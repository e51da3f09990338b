//! What a CV says, as data with provenance.
//!
//! Refuses to guess: a value without a passage does not exist, and what birth, family or looks are
//! said to be is not read at all.

mod contact;
mod date;
mod education;
mod employments;
mod entry_header;
mod gazetteer;
mod json_resume;
pub(crate) mod languages;
pub(crate) mod line_view;
mod name;
pub(crate) mod personal;
mod phone;
mod roles;
pub(crate) mod section;
mod skills;
mod written;

use std::collections::HashSet;

use domain::Evidence;

pub(crate) use self::phone::warm_up;
pub use self::{
    date::{End, PartialDate, YearMonth},
    education::{Education, Level},
    json_resume::{passage, resume},
    languages::{Language, Proficiency},
    phone::Phone,
    written::mark_languages,
};
use self::{
    line_view::LineView,
    section::{Headings, Section},
};
use crate::document::Document;

/// How a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By its form: an address, a date.
    Pattern,
    /// By the heading above it.
    Section,
    /// By a list of words.
    Lexicon,
    /// By where it stands among others.
    Layout,
}

impl Method {
    /// Its name in small letters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pattern => "pattern",
            Self::Section => "section",
            Self::Lexicon => "lexicon",
            Self::Layout => "layout",
        }
    }
}

/// A value and the passage that it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact<T> {
    /// The value.
    pub value: T,
    /// The passage.
    pub evidence: Evidence,
    /// How it was found.
    pub method: Method,
    /// How sure the method is, of 100. It orders values of one kind and is no probability.
    pub confidence: u8,
}

/// One employment.
#[derive(Clone, Debug, PartialEq)]
pub struct Employment {
    /// What the person was.
    pub title: Option<Fact<String>>,
    /// For whom.
    pub employer: Option<Fact<String>>,
    /// Where.
    pub location: Option<Fact<String>>,
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
    /// Telephone numbers.
    pub phones: Vec<Phone>,
    /// Addresses of web pages.
    pub links: Vec<Fact<String>>,
    /// Where the person lives.
    pub location: Option<Fact<String>>,
    /// In the CV's order.
    pub employments: Vec<Employment>,
    /// In the CV's order.
    pub education: Vec<Education>,
    /// Items of the skills sections.
    pub skills: Vec<Fact<String>>,
    /// Items of the language sections, with the level where it is said.
    pub languages: Vec<Language>,
    /// The entries of the sections about certificates and courses.
    pub certificates: Vec<Fact<String>>,
    /// The entries of the sections about projects.
    pub projects: Vec<Fact<String>>,
    /// The entries of the sections about publications and talks.
    pub publications: Vec<Fact<String>>,
}

pub(crate) fn fact(evidence: Evidence, method: Method, confidence: u8) -> Fact<String> {
    let value = evidence.quote().split_whitespace().collect::<Vec<_>>().join(" ");
    Fact { value, evidence, method, confidence }
}

/// What `document` says.
#[must_use]
pub fn extract(document: &Document) -> Facts {
    let lines: Vec<LineView<'_>> =
        LineView::from_document(document).into_iter().filter(|line| !is_addressed_to_machine(line.text)).collect();
    let mut facts = Facts::default();
    let parted = sections(&lines);
    let of = |wanted: &[Section]| -> Vec<LineView<'_>> {
        parted.iter().filter(|(section, _)| wanted.contains(section)).map(|(_, line)| *line).collect()
    };
    let telling = [Section::Head, Section::Contact, Section::Personal];
    let mut numbers = Vec::new();
    let (mut referees, mut of_referees) = (Facts::default(), Vec::new());
    for (n, (section, line)) in parted.iter().enumerate() {
        let (whose, dialled) = match section {
            Section::References => (&mut referees, &mut of_referees),
            _ => (&mut facts, &mut numbers),
        };
        contact::collect(line, telling.contains(section), whose, dialled);
        if let Some((_, next)) = parted.get(n + 1).filter(|(other, _)| other == section) {
            contact::collect_broken(line, next, telling.contains(section), whose, dialled);
        }
        let before = n.checked_sub(1).and_then(|n| parted.get(n)).filter(|(other, _)| other == section);
        collect_lists(*section, line, before.map(|(_, line)| line), &mut facts);
        let said = before.filter(|_| *section == Section::Languages).map(|(_, before)| before);
        if let Some(language) = said.zip(facts.languages.last_mut()) {
            languages::level_below(language.1, language.0, line);
        }
    }
    // What stands among the references is how referees are reached, unless nothing else is said.
    if facts.emails.is_empty() {
        facts.emails = referees.emails;
    }
    if numbers.is_empty() {
        numbers = of_referees;
    }
    facts.location = location(&of(&telling));
    facts.phones = phone::dialled(numbers, &facts);
    facts.name = name::find(&lines, &facts.emails);
    if let Some(name) = &facts.name {
        facts.skills.retain(|skill| !is_of_page(&skill.value, &name.value));
    }
    facts.employments = employments::extract(&of(&[Section::Work]));
    if facts.employments.is_empty() {
        facts.employments =
            employments::extract(&of(&[Section::Head, Section::Other, Section::Summary, Section::Contact]));
    }
    facts.education = education::entries(&of(&[Section::Education]));
    if facts.skills.is_empty() {
        let lines = of(&[Section::Work, Section::Projects, Section::Summary]);
        add_new(&mut facts, lines.iter().flat_map(gazetteer::skills));
    }
    facts.certificates = titles(&of(&[Section::Certificates]));
    facts.projects = titles(&of(&[Section::Projects]));
    facts.publications = titles(&of(&[Section::Publications]));
    facts
}

/// The rows but headings, each with the section that it belongs to.
fn sections<'d>(lines: &[LineView<'d>]) -> Vec<(Section, LineView<'d>)> {
    let headings = Headings::of(lines);
    let mut section = Section::Head;
    let mut places: Vec<(f32, Section)> = Vec::new();
    let mut parted: Vec<(Section, LineView<'d>)> = Vec::new();
    let mut rest_of_label = None;
    for (n, line) in lines.iter().enumerate() {
        let line = &rest_of_label.take().map_or(*line, |from| line.suffix_from(from));
        let turned = parted.last().is_some_and(|(_, last)| last.layout.page != line.layout.page);
        let two = lines.get(n + 1).and_then(|next| section::over_two_rows(line, next));
        if let Some((opened, rest)) = two {
            section = opened.section;
            places.extend(line.layout.rect.map(|rect| (rect.x, section)));
            parted.extend(opened.rest.map(|from| (section, line.suffix_from(from))));
            rest_of_label = Some(rest);
            continue;
        }
        // A name that is set like the headings below it is none.
        let opened = headings.opened(line).filter(|it| section != Section::Head || it.section != Section::Other);
        if turned && opened.is_none() {
            section = carried(&places, line).unwrap_or(section);
        }
        match opened {
            Some(opened) => {
                section = opened.section;
                places.extend(line.layout.rect.map(|rect| (rect.x, section)));
                parted.extend(opened.rest.map(|from| (section, line.suffix_from(from))));
            }
            None => parted.push((section, *line)),
        }
    }
    parted
}

/// The section of the last heading above the same column: a column goes on over the page's end.
fn carried(places: &[(f32, Section)], line: &LineView<'_>) -> Option<Section> {
    const NEAR: f32 = 40.0;
    let x = line.layout.rect?.x;
    places.iter().rev().find(|(heading, _)| (heading - x).abs() < NEAR).map(|(_, section)| *section)
}

/// Nobody lists more skills or languages than this; what a hostile CV lists beyond is left out.
const MOST_ITEMS: usize = 400;

fn collect_lists(section: Section, line: &LineView<'_>, before: Option<&LineView<'_>>, facts: &mut Facts) {
    // "Languages: English, German" is a list under any heading.
    let labelled = line.text.find([':', '：', '\t']).and_then(|end| {
        let after = end + line.text.get(end..)?.chars().next()?.len_utf8();
        Some((section::named(line.text.get(..end)?)?, line.suffix_from(after)))
    });
    match (section, labelled) {
        (_, Some((Section::Languages, rest))) if !languages::of(&rest).is_empty() => {
            add_languages(Section::Languages, &rest, facts)
        }
        (Section::Languages, _) => add_languages(section, line, facts),
        // "References: on request" below the skills.
        (Section::Skills, Some((Section::References, _))) => {}
        (Section::Skills, _) => {
            let mended = mend(facts, before, line);
            add_skills(line, mended, facts);
        }
        (Section::Head | Section::Other | Section::Summary | Section::Personal, Some((Section::Skills, rest))) => {
            add_skills(&rest, 0, facts);
        }
        _ => {}
    }
}

/// Whether `text` is what runs along at the edges of pages: the person's name, the number of the page. One
/// word of a name is not enough: Ruby Chen may know Ruby.
fn is_of_page(text: &str, name: &str) -> bool {
    const EDGE: [&str; 12] =
        ["page", "pagina", "seite", "strona", "sida", "curriculum", "vitae", "resume", "cv", "of", "dr", "prof"];
    let (folded, name) = (crate::lexicon::fold(text), crate::lexicon::fold(name));
    let named = |word: &str| crate::lexicon::words(&name).any(|own| own == word);
    let number = |word: &str| word.chars().all(|letter| letter.is_ascii_digit());
    let all: Vec<&str> = crate::lexicon::words(&folded).collect();
    let (edges, names) = (all.iter().filter(|word| EDGE.contains(word)), all.iter().filter(|word| named(word)));
    (edges.count() > 0 || names.count() >= 2)
        && all.iter().all(|word| EDGE.contains(word) || number(word) || named(word))
}

fn add_languages(section: Section, line: &LineView<'_>, facts: &mut Facts) {
    let known = languages::of(line);
    let items = skills::items(line).into_iter().filter(|_| section == Section::Languages);
    let unknown: Vec<Language> = items.filter_map(|item| languages::unknown(&item)).collect();
    let unknown = unknown.into_iter().filter(|language| !known.is_empty() || language.level.is_some());
    for language in known.clone().into_iter().chain(unknown.collect::<Vec<_>>()) {
        if facts.languages.len() < MOST_ITEMS
            && facts.languages.iter().all(|known| {
                known.code != language.code || known.code.is_none() && known.name.value != language.name.value
            })
        {
            facts.languages.push(language);
        }
    }
}

/// The item that the end of a line broke in two: "Patient / education".
fn mend(facts: &mut Facts, before: Option<&LineView<'_>>, line: &LineView<'_>) -> usize {
    let listed = |line: &LineView<'_>| line.text.contains([',', ';', '•', '·', '|', '、']);
    let open = |line: &LineView<'_>| !line.text.trim_end().ends_with([',', ';', '•', '·', '|', '、', '.', ':']);
    let wrapped = before.filter(|before| listed(before) && open(before) && before.layout.page == line.layout.page);
    let small = line.text.trim_start().starts_with(char::is_lowercase);
    let Some(first) = skills::items(line).into_iter().next().filter(|_| wrapped.is_some() && small) else { return 0 };
    let Some(last) = facts.skills.last_mut() else { return 0 };
    let whole = line
        .cite_between(&last.evidence, &first.evidence)
        .filter(|whole| whole.quote().split_whitespace().count() <= 5);
    let Some(whole) = whole else { return 0 };
    *last = fact(whole, Method::Section, 80);
    1
}

/// Adds what is not there yet; languages among them are languages.
fn add_skills(line: &LineView<'_>, mended: usize, facts: &mut Facts) {
    let items = skills::items(line);
    if items.iter().any(|item| languages::is_language(&item.value)) {
        add_languages(Section::Skills, line, facts);
    }
    add_new(facts, items.into_iter().skip(mended).filter(|item| !languages::is_language(&item.value)));
}

fn add_new(facts: &mut Facts, items: impl Iterator<Item = Fact<String>>) {
    let mut known: HashSet<String> = facts.skills.iter().map(|known| known.value.to_lowercase()).collect();
    for item in items {
        if known.insert(item.value.to_lowercase()) && facts.skills.len() < MOST_ITEMS {
            facts.skills.push(item);
        }
    }
}

/// The first place that is named where people write how they are reached.
fn location(lines: &[LineView<'_>]) -> Option<Fact<String>> {
    let segments = lines.iter().flat_map(|line| entry_header::split_segments(line, 0, 0..line.text.len()));
    let near = |segment: &entry_header::Segment<'_>| {
        let fields = entry_header::comma_fields(segment.text());
        let location = |range: std::ops::Range<usize>| {
            segment.text().get(range).is_some_and(|field| entry_header::is_location(&crate::lexicon::fold(field)))
        };
        fields.len() <= 5 && fields.into_iter().any(location)
    };
    segments
        .into_iter()
        .find(|segment| near(segment))
        .and_then(|segment| segment.evidence())
        .map(|it| fact(it, Method::Lexicon, 75))
}

/// The lines that begin an entry: those that are no sentence below another one.
fn titles(lines: &[LineView<'_>]) -> Vec<Fact<String>> {
    let begins = |line: &&LineView<'_>| {
        line.text.split_whitespace().count() <= 20 && !line.text.trim_start().starts_with(char::is_lowercase)
    };
    let whole = lines.iter().filter(begins).filter_map(LineView::cite_all);
    whole.map(|evidence| fact(evidence, Method::Section, 70)).take(MOST_ITEMS).collect()
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
