//! Looks up the words of a heading in the lists of headings.
//!
//! The readers and the facts share it: a heading above a column helps to find the reading order, and it opens a section
//! of the CV. It knows only words and nothing about layout.

use std::{collections::HashMap, sync::LazyLock};

use crate::lexicon::{fold, keyed_lines, words};

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Section {
    /// What precedes the first heading.
    Preamble,
    Work,
    Education,
    Skills,
    Languages,
    Certificates,
    Projects,
    Publications,
    Volunteering,
    Awards,
    Interests,
    References,
    Summary,
    Contact,
    Personal,
    /// A section whose heading names none of the others.
    Other,
}

/// The keys of the lists of headings.
const SECTION_NAMES: [(&str, Section); 15] = [
    ("work", Section::Work),
    ("education", Section::Education),
    ("skills", Section::Skills),
    ("languages", Section::Languages),
    ("certificates", Section::Certificates),
    ("projects", Section::Projects),
    ("publications", Section::Publications),
    ("volunteering", Section::Volunteering),
    ("awards", Section::Awards),
    ("interests", Section::Interests),
    ("references", Section::References),
    ("summary", Section::Summary),
    ("contact", Section::Contact),
    ("personal", Section::Personal),
    ("other", Section::Other),
];

static HEADINGS: LazyLock<HashMap<String, Section>> =
    LazyLock::new(|| parse_headings(include_str!("../lexicon/headings.txt")));
/// Words that name the section of a heading, but are no headings by themselves.
static HEADING_WORDS: LazyLock<HashMap<String, Section>> =
    LazyLock::new(|| parse_headings(include_str!("../lexicon/heading-words.txt")));

/// Parses a list of `section: heading | heading | …`.
fn parse_headings(list: &'static str) -> HashMap<String, Section> {
    let mut headings = HashMap::new();
    for (name, phrases) in keyed_lines(list) {
        let Some((_, section)) = SECTION_NAMES.iter().find(|(known, _)| *known == name) else { continue };
        for phrase in phrases.split(" | ") {
            headings.entry(normalize(phrase)).or_insert(*section);
        }
    }
    headings
}

/// Folds `text` and removes punctuation, a leading number and spaces between single letters ("S K I L L S").
fn normalize(text: &str) -> String {
    let folded = fold(text);
    let spelled = folded.split(' ').filter(|part| !part.is_empty());
    let single = spelled.clone().count() > 3 && spelled.clone().all(|part| part.chars().count() == 1);
    let joined = if single { spelled.collect() } else { folded };
    let joined = joined.replace(['&', '+', '/'], " and ");
    let mut normalized = String::with_capacity(joined.len());
    for letter in joined.chars() {
        let kept = letter.is_alphanumeric() || letter == '\'' || letter == '"';
        match kept {
            true => normalized.push(letter),
            false if !normalized.ends_with(' ') => normalized.push(' '),
            false => {}
        }
    }
    let normalized = normalized.trim_matches([' ', '\'']);
    // "II. Education", "3 Skills".
    let numbered =
        |word: &str| word.chars().all(|c| c.is_ascii_digit()) || ["i", "ii", "iii", "iv", "v", "vi"].contains(&word);
    match normalized.split_once(' ') {
        Some((first, rest)) if numbered(first) => rest.to_owned(),
        _ => normalized.to_owned(),
    }
}

/// Folded words that join two headings into one: "Education and training", "Skills & Tools".
const CONJUNCTIONS: [&str; 13] = ["and", "und", "et", "y", "e", "en", "i", "и", "و", "ו", "och", "og", "ve"];
/// Folded words that a heading may have besides its own: "selected", "continued".
const FILLER_WORDS: [&str; 32] = [
    "my",
    "meine",
    "mes",
    "mis",
    "i miei",
    "selected",
    "relevant",
    "key",
    "main",
    "recent",
    "continued",
    "cont",
    "fortsetzung",
    "suite",
    "continuacion",
    "continuacao",
    "continua",
    "vervolg",
    "продолжение",
    "the",
    "general",
    "additional",
    "professional",
    "core",
    "personal",
    "scientific",
    "other",
    "further",
    "weitere",
    "autres",
    "otras",
    "altre",
];

/// Returns the section that a heading of exactly these words opens; `None` if they are no known heading.
pub(crate) fn section_of_heading(text: &str) -> Option<Section> {
    if text.chars().count() > 60 {
        return None;
    }
    // The character that a font does not map is most often a ligature.
    let ligatures: &[&str] = if text.contains('\u{FFFD}') { &["fi", "fl", "ti", "ff"] } else { &[""] };
    ligatures.iter().find_map(|ligature| {
        let normalized = normalize(&text.replace('\u{FFFD}', ligature));
        let exact = HEADINGS.get(&normalized).copied();
        exact
            .or_else(|| section_without_fillers(&normalized))
            .or_else(|| section_of_joined_headings(&normalized))
            .or_else(|| section_of_spoken_heading(&normalized))
    })
}

/// Returns the section of a heading in the first person: "Where I have cooked", "What I did before", "Tools I know".
fn section_of_spoken_heading(normalized: &str) -> Option<Section> {
    const STUDIED: [&str; 6] = ["studied", "learned", "learnt", "trained", "graduated", "qualified"];
    const ELSEWHERE: [&str; 6] = ["live", "lived", "from", "born", "am", "grew"];
    const WHEN: [&str; 6] = ["now", "before", "since", "previously", "earlier", "today"];
    const MADE: [&str; 6] = ["built", "made", "shipped", "created", "designed", "published"];
    if !normalized.split(' ').any(|word| ["i", "i've"].contains(&word)) {
        return None;
    }
    let words: Vec<&str> = normalized.split(' ').filter(|word| !["have", "ve"].contains(word)).collect();
    let any = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let [first, second, _, ..] = words.as_slice() else { return None };
    let speaks = words.len() <= 6 && ["i", "i've"].contains(second);
    match *first {
        _ if !speaks => None,
        "where" if any(&STUDIED) => Some(Section::Education),
        "where" if !any(&ELSEWHERE) => Some(Section::Work),
        "what" if any(&WHEN) => Some(Section::Work),
        "tools" | "software" | "technologies" => Some(Section::Skills),
        "things" | "stuff" if any(&MADE) => Some(Section::Projects),
        _ => None,
    }
}

/// Returns the section of a heading without its filler words.
fn section_without_fillers(normalized: &str) -> Option<Section> {
    if !normalized.split(' ').any(|word| FILLER_WORDS.contains(&word)) {
        return None;
    }
    let kept: Vec<&str> = normalized.split(' ').filter(|word| !FILLER_WORDS.contains(word)).collect();
    HEADINGS.get(&kept.join(" ")).copied()
}

/// Returns the section of two joined headings: that of the first if the second is short. Courses and degrees are
/// education.
fn section_of_joined_headings(normalized: &str) -> Option<Section> {
    let at = normalized.split(' ').position(|word| CONJUNCTIONS.contains(&word)).filter(|at| *at > 0)?;
    let parts: Vec<&str> = normalized.split(' ').collect();
    let second = parts.get(at + 1..).and_then(|rest| HEADINGS.get(&rest.join(" "))).copied();
    let first = HEADINGS.get(&parts.get(..at)?.join(" ")).copied().filter(|_| parts.len() - at <= 4);
    // "IT- und Fachkenntnisse", "Tools and skills": a single word before the conjunction qualifies the heading.
    let first = first.or_else(|| second.filter(|_| at == 1))?;
    let degrees = first == Section::Certificates && second == Some(Section::Education);
    Some(if degrees { Section::Education } else { first })
}

/// Returns the section that a word of `text` names, for text that is known to be a heading.
pub(crate) fn section_by_words(text: &str) -> Option<Section> {
    let normalized = normalize(text);
    let section = |word: &str| HEADINGS.get(word).or_else(|| HEADING_WORDS.get(word)).copied();
    let found: Vec<Section> = words(&normalized).filter_map(section).collect();
    let first = |wanted: Section| found.iter().copied().find(|section| *section == wanted);
    first(Section::Work).or_else(|| found.last().copied())
}

/// Whether the last word of `text` is a heading by itself: "Board service", but not "Head of service".
pub(crate) fn ends_with_heading_word(text: &str) -> bool {
    let normalized = normalize(text);
    let words: Vec<&str> = normalized.split(' ').collect();
    words.len() > 1 && !words.contains(&"of") && words.last().is_some_and(|last| HEADINGS.contains_key(*last))
}

/// Returns whether `text` ends with a word that joins two headings: "Education and".
pub(crate) fn ends_with_conjunction(text: &str) -> bool {
    normalize(text).split(' ').next_back().is_some_and(|last| CONJUNCTIONS.contains(&last))
}
