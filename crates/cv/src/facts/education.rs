//! Education: degrees with where and when.

use std::sync::LazyLock;

use super::{
    End, Fact, Method, PartialDate, date,
    entry_header::{self, Segment},
    fact,
    line_view::LineView,
};
use crate::lexicon::{PhraseSet, fold, keyed_lines};

/// One course of education.
#[derive(Clone, Debug, PartialEq)]
pub struct Education {
    /// What was learned, with its level.
    pub degree: Fact<String>,
    /// Where.
    pub institution: Option<Fact<String>>,
    /// From when; none where only the end is said.
    pub start: Option<Fact<PartialDate>>,
    /// Until when.
    pub end: Option<Fact<End>>,
    /// How high it is.
    pub level: Option<Level>,
}

/// Levels of education, from the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A school that ends with the right to study, or before it.
    Secondary,
    /// A trade, learned in it.
    Vocational,
    /// Two years of a college.
    Associate,
    /// Bachelor and what is like it.
    Bachelor,
    /// Master and what is like it.
    Master,
    /// A doctorate.
    Doctorate,
}

impl Level {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Secondary, "secondary"),
        (Self::Vocational, "vocational"),
        (Self::Associate, "associate"),
        (Self::Bachelor, "bachelor"),
        (Self::Master, "master"),
        (Self::Doctorate, "doctorate"),
    ];

    /// Its name in small letters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(level, _)| *level == self).map_or("", |(_, name)| name)
    }
}

static LEVELS: LazyLock<Vec<(Level, PhraseSet)>> = LazyLock::new(|| {
    let lines = keyed_lines(include_str!("../../lexicon/degrees.txt"));
    let known = |name: &str| Level::ALL.iter().find(|(_, own)| *own == name).map(|(level, _)| *level);
    lines.filter_map(|(name, list)| Some((known(name)?, PhraseSet::from_entries(list.split(" | "))))).collect()
});

/// The level that `text` names: by the longest of the phrases that it has.
pub(super) fn level(text: &str) -> Option<Level> {
    let folded = fold(text);
    let undotted = folded.replace('.', "");
    let either = |phrases: &PhraseSet| {
        let found = [phrases.find(&folded), phrases.find(&undotted)].into_iter().flatten();
        found.max_by_key(|phrase| phrase.len()).map(str::to_owned)
    };
    let found = LEVELS.iter().filter_map(|(level, phrases)| Some((*level, either(phrases)?)));
    let sure =
        found.filter(|(_, phrase)| phrase.chars().count() > 3 || !phrase.is_ascii() || is_abbreviation(text, phrase));
    let sure: Vec<(Level, String)> = sure.collect();
    // "Máster en Ingeniería": what is studied may name a lower one.
    let first = sure.iter().filter(|(_, phrase)| folded.starts_with(phrase.as_str())).max_by_key(|(_, it)| it.len());
    if let Some((level, _)) = first.filter(|(level, _)| *level >= Level::Master) {
        return Some(*level);
    }
    // "BTS, Lycée Lakanal" is not of the level of the school's name.
    const SCHOOLS: [&str; 5] = ["lycee", "liceo", "gymnasium", "lyzeum", "liceum"];
    let rank = |(level, phrase): &&(Level, String)| (!SCHOOLS.contains(&phrase.as_str()), phrase.len(), *level);
    sure.iter().max_by_key(rank).map(|(level, _)| *level)
}

/// "MA" and "BSc", not "ma" and "its".
fn is_abbreviation(text: &str, phrase: &str) -> bool {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '.'));
    let large = |word: &str| word.chars().filter(|c| c.is_uppercase()).count() >= 2;
    let state = |word: &str| word.len() == 2 && text.contains(&format!(", {word}"));
    let same = |word: &&str| fold(word).replace('.', "") == phrase.replace('.', "");
    words.filter(same).any(|word| large(word) && !state(word))
}

/// What begins a line about a course, but names no degree.
const ASIDES: [&str; 27] = [
    "thesis",
    "dissertation",
    "master thesis",
    "master's thesis",
    "bachelor thesis",
    "masterarbeit",
    "bachelorarbeit",
    "diplomarbeit",
    "abschlussarbeit",
    "note",
    "abschlussnote",
    "grade",
    "gpa",
    "coursework",
    "relevant",
    "courses",
    "modules",
    "schwerpunkt",
    "memoire",
    "tesis",
    "tesi",
    "trabajo",
    "supervisor",
    "advisor",
    "тема",
    "minor",
    "thesis title",
];

fn is_aside(line: &LineView<'_>) -> bool {
    let folded = fold(line.text.trim_start_matches(|c: char| !c.is_alphanumeric()));
    ASIDES.iter().any(|begin| folded.strip_prefix(begin).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
}

/// A course has at most so many rows that name its school and its time.
const MOST_AROUND: usize = 3;

/// What the rows of the education sections tell: an entry at each row that names a degree, or where
/// none does at the rows with dates or the first one.
pub(crate) fn entries(lines: &[LineView<'_>]) -> Vec<Education> {
    let names = |line: &LineView<'_>| level(line.text).is_some() && !is_aside(line) && line.text.chars().count() < 160;
    // "Lycée Lakanal" below a degree is where it was taken.
    let is_place = |n: usize| {
        let school = |line: &LineView<'_>| level(line.text) == Some(Level::Secondary) && names_school(&fold(line.text));
        let above = n
            .checked_sub(1)
            .and_then(|n| lines.get(n))
            .filter(|above| names(above) && !names_school(&fold(above.text)));
        lines.get(n).is_some_and(school) && above.is_some()
    };
    let mut degrees: Vec<usize> =
        (0..lines.len()).filter(|n| lines.get(*n).is_some_and(names) && !is_place(*n)).collect();
    if degrees.is_empty() {
        let dated = |n: usize| {
            let line = lines.get(n).filter(|line| date::find_range(line.text).is_some())?;
            // Alone in its row, a time stands above what was learned in it.
            let at = if cut(line).is_empty() { n + 1 } else { n };
            (at < lines.len()).then_some(at)
        };
        degrees = (0..lines.len()).filter_map(dated).collect();
    }
    if degrees.is_empty() && !lines.is_empty() {
        degrees.push(0);
    }
    // Where the first degree has rows above it, schools or dates stand above degrees.
    let above = degrees.first().copied().unwrap_or(0).min(2);
    let entry = |(k, at): (usize, &usize)| {
        let from =
            k.checked_sub(1).and_then(|k| degrees.get(k)).map_or(0, |before| before + 1).max(at.saturating_sub(above));
        let next = degrees.get(k + 1).map_or(lines.len(), |next| next.saturating_sub(above).max(at + 1));
        let until = next.min(at + 1 + MOST_AROUND);
        let near = lines.get(at + 1..until)?.iter().take_while(|line| is_short(line));
        course(lines.get(*at)?, lines.get(from..*at)?.iter().chain(near))
    };
    degrees.iter().enumerate().filter_map(entry).collect()
}

fn course<'r, 'd: 'r>(line: &'r LineView<'d>, around: impl Iterator<Item = &'r LineView<'d>>) -> Option<Education> {
    let own = segments(line);
    let own = with_unspaced_subject(own);
    let named = own.iter().position(|segment| level(segment.text()).is_some());
    let at = named.or_else(|| own.iter().position(|segment| !is_school(&segment.folded))).unwrap_or(0);
    let degree = own
        .get(at)
        .and_then(degree_of)
        .map(|evidence| fact(evidence, Method::Lexicon, 85))
        .or_else(|| line.cite_all().map(|evidence| fact(evidence, Method::Layout, 50)))?;
    let degree = own.get(at + 1).and_then(|next| with_subject(&degree, next)).unwrap_or(degree);
    let around: Vec<&LineView<'_>> = std::iter::once(line).chain(around).collect();
    let others = around.iter().flat_map(|line| segments(line));
    let place = |segment: &Segment<'_>| segment.text().split(',').any(|field| is_school(&fold(field)));
    let mut schools: Vec<Segment<'_>> = others.filter(place).collect();
    // "Ingenieurschule" may be both; the part that names no degree is meant.
    schools.sort_by_key(|segment| level(segment.text()).is_some());
    let school = schools.into_iter().filter(|segment| segment.text() != degree.value).find_map(|segment| {
        let fields = entry_header::comma_fields(segment.text());
        let own = fields
            .into_iter()
            .find(|range| segment.text().get(range.clone()).is_some_and(|field| is_school(&fold(field))))?;
        segment.subsegment(own, 0)?.evidence()
    });
    let dates = around.iter().find_map(|line| Some((*line, date::find_range(line.text)?)));
    let only = || around.iter().find_map(|line| Some((*line, date::find_single(line.text)?)));
    let (start, end) = match dates {
        Some((line, range)) => (dated(line, range.start), dated(line, range.end)),
        None => (None, only().and_then(|(line, (date, at))| dated(line, (End::Date(date), at)))),
    };
    let level = level(line.text);
    Some(Education {
        degree,
        institution: school.map(|evidence| fact(evidence, Method::Lexicon, 85)),
        start,
        end,
        level,
    })
}

/// "会计学 学士": in scripts without spaces one parts the subject from the degree.
fn with_unspaced_subject(segments: Vec<Segment<'_>>) -> Vec<Segment<'_>> {
    let mut found: Vec<Segment<'_>> = Vec::new();
    let unspaced = |segment: &Segment<'_>| segment.text().chars().all(crate::lexicon::is_unspaced_script);
    for segment in segments {
        let subject = found.last().filter(|last| unspaced(last) && unspaced(&segment) && !is_school(&last.folded));
        let degree = level(segment.text()).is_some() && subject.is_some_and(|subject| level(subject.text()).is_none());
        match subject.filter(|_| degree).and_then(|subject| subject.with_bracketed(&segment)) {
            Some(whole) => {
                found.pop();
                found.push(whole);
            }
            None => found.push(segment),
        }
    }
    found
}

/// "PhD" with what stands beside it, without the school: "PhD\tPrinceton University, Computer Science".
fn with_subject(degree: &Fact<String>, next: &Segment<'_>) -> Option<Fact<String>> {
    let text = next.text();
    let fields = entry_header::comma_fields(text);
    let subject = |range: &std::ops::Range<usize>| {
        let field = fold(text.get(range.clone()).unwrap_or_default());
        let aside = ASIDES.iter().any(|begin| field.starts_with(begin));
        !is_school(&field) && !entry_header::is_location(&field) && field.len() > 2 && !aside
    };
    let subject = next.subsegment(fields.into_iter().find(subject)?, 0)?.evidence()?;
    let short = degree.value.split_whitespace().count() <= 1 && degree.value.is_ascii();
    let value = format!("{}, {}", degree.value, subject.quote());
    short.then(|| Fact { value, ..degree.clone() })
}

fn dated<T>(line: &LineView<'_>, (value, at): (T, std::ops::Range<usize>)) -> Option<Fact<T>> {
    Some(Fact { value, evidence: line.cite(at)?, method: Method::Pattern, confidence: 95 })
}

/// The parts of `row` beside its dates; "(Hons)" belongs to the degree that it stands in.
fn segments<'d>(line: &LineView<'d>) -> Vec<Segment<'d>> {
    let mut found: Vec<Segment<'d>> = Vec::new();
    for segment in cut(line) {
        let graded = segment.in_brackets && (level(segment.text()).is_some() || is_grade(&segment.folded));
        let subject = !names_school(segment.folded.split(',').next().unwrap_or_default());
        let behind = subject && found.last().is_some_and(|last| last.text().ends_with(')'));
        let degree = |last: &&Segment<'_>| level(last.text()).is_some() || is_title_of_degree(last.text());
        let last = found.last().filter(|last| (graded || behind) && degree(last));
        match last.and_then(|last| last.with_bracketed(&segment)) {
            Some(whole) => {
                found.pop();
                found.push(whole);
            }
            None => found.push(segment),
        }
    }
    found
}

/// "Ing.", "Dipl.": short, and nothing without the degree in brackets behind it.
fn is_title_of_degree(text: &str) -> bool {
    !text.contains(' ') && text.ends_with('.') && text.chars().count() <= 6
}

/// Whether the folded `text` has a word for a school, and not only one of employers.
fn names_school(folded: &str) -> bool {
    const SCHOOLS: [&str; 26] = [
        "univ",
        "colleg",
        "school",
        "schul",
        "institut",
        "academ",
        "akadem",
        "accadem",
        "ecole",
        "escuela",
        "escola",
        "scuola",
        "polyt",
        "polit",
        "lyce",
        "lice",
        "gymnas",
        "uczeln",
        "szkol",
        "универ",
        "инстит",
        "академ",
        "大学",
        "学院",
        "جامع",
        "אוניברסיט",
    ];
    crate::lexicon::words(folded).any(|word| SCHOOLS.iter().any(|stem| word.contains(stem)))
}

/// What stands in brackets behind a degree and is of it.
fn is_grade(folded: &str) -> bool {
    ["hons", "honours", "honors", "ord", "fh", "univ", "uni", "sc", "tech", "eng", "ed", "cum laude"]
        .contains(&folded.trim_end_matches('.'))
}

fn cut<'d>(line: &LineView<'d>) -> Vec<Segment<'d>> {
    let range = date::find_range(line.text).map(|range| range.start.1.start.min(range.end.1.start)..range.end.1.end);
    let Some(bytes) = range.or_else(|| date::find_single(line.text).map(|(_, at)| at)) else {
        return entry_header::split_segments(line, 0, 0..line.text.len());
    };
    let mut segments = entry_header::split_segments(line, 0, 0..bytes.start);
    segments.extend(entry_header::split_segments(line, 0, bytes.end..line.text.len()));
    segments
}

/// Without the school and what follows it: "MSc Physics, University of Leeds".
fn degree_of(segment: &Segment<'_>) -> Option<domain::Evidence> {
    let text = segment.text();
    let fields = entry_header::comma_fields(text);
    let other = |range: &std::ops::Range<usize>| {
        let field = fold(text.get(range.clone()).unwrap_or_default());
        (is_school(&field) || entry_header::is_location(&field)) && level(&field).is_none()
    };
    let from = fields.iter().position(|range| !other(range))?;
    let mut named = false;
    let ends = |range: &std::ops::Range<usize>| {
        let text = text.get(range.clone()).unwrap_or_default();
        let ends = other(range) || named && is_school(&fold(text));
        named |= level(text).is_some();
        ends
    };
    let until = fields.iter().skip(from).position(ends).map_or(fields.len(), |n| from + n);
    let (first, last) = (fields.get(from)?, fields.get(until.checked_sub(1)?)?);
    segment.subsegment(first.start..last.end, 0)?.evidence()
}

fn is_school(folded: &str) -> bool {
    names_school(folded) || entry_header::is_employer(folded) && !is_subject(folded)
}

/// Whether the folded `text` is what is studied, though it has a word of employers: "Computer Science and
/// Engineering", "option technologies du web".
fn is_subject(text: &str) -> bool {
    const BEGIN: [&str; 18] = [
        "parcours ",
        "specialite ",
        "specialisation ",
        "specialization ",
        "option ",
        "mention ",
        "major in ",
        "majoring in ",
        "minor in ",
        "concentration in ",
        "concentration: ",
        "fachrichtung ",
        "schwerpunkt ",
        "vertiefung ",
        "studienrichtung ",
        "especialidad ",
        "especialidad en ",
        "indirizzo ",
    ];
    const END: [&str; 7] = ["engineering", "technology", "studies", "management", "finance", "design", "systems"];
    let last = crate::lexicon::words(text).last().is_some_and(|last| END.contains(&last));
    last || BEGIN.iter().any(|begin| text.starts_with(begin))
}

fn is_short(line: &LineView<'_>) -> bool {
    !line.is_bullet() && (line.text.split_whitespace().count() <= 12 || date::find_range(line.text).is_some())
}
