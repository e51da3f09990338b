//! Finds education: degrees with their schools and dates.

use std::sync::LazyLock;

use domain::Evidence;

use super::{
    date::{self, End},
    entry_header::{self, Segment},
    line_view::LineView,
    model::{Education, Fact, Level, Method, fact_from_evidence},
};
use crate::lexicon::{PhraseSet, fold, keyed_lines};

static LEVELS: LazyLock<Vec<(Level, PhraseSet)>> = LazyLock::new(|| {
    let lines = keyed_lines(include_str!("../../lexicon/degrees.txt"));
    let known = |name: &str| Level::ALL.iter().find(|(_, own)| *own == name).map(|(level, _)| *level);
    lines.filter_map(|(name, list)| Some((known(name)?, PhraseSet::from_entries(list.split(" | "))))).collect()
});

/// Returns the level that `text` names, by the longest phrase of the list of degrees that it contains.
pub(super) fn level_from_text(text: &str) -> Option<Level> {
    let folded = fold(text);
    let undotted = folded.replace('.', "");
    let either = |phrases: &PhraseSet| {
        let found = [phrases.find(&folded), phrases.find(&undotted)].into_iter().flatten();
        found.max_by_key(|phrase| phrase.len()).map(str::to_owned)
    };
    let found = LEVELS.iter().filter_map(|(level, phrases)| Some((*level, either(phrases)?)));
    let reliable =
        found.filter(|(_, phrase)| phrase.chars().count() > 3 || !phrase.is_ascii() || is_abbreviation(text, phrase));
    let reliable: Vec<(Level, String)> = reliable.collect();
    // "Máster en Ingeniería": the subject may contain the name of a lower degree.
    let first =
        reliable.iter().filter(|(_, phrase)| folded.starts_with(phrase.as_str())).max_by_key(|(_, it)| it.len());
    if let Some((level, _)) = first.filter(|(level, _)| *level >= Level::Master) {
        return Some(*level);
    }
    // "BTS, Lycée Lakanal": the degree decides, not the kind of school.
    const SCHOOLS: [&str; 5] = ["lycee", "liceo", "gymnasium", "lyzeum", "liceum"];
    let rank = |(level, phrase): &&(Level, String)| (!SCHOOLS.contains(&phrase.as_str()), phrase.len(), *level);
    reliable.iter().max_by_key(rank).map(|(level, _)| *level)
}

/// Whether `phrase` is an abbreviation in `text`, with two uppercase letters: "MA" and "BSc", not "ma" and "its".
fn is_abbreviation(text: &str, phrase: &str) -> bool {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '.'));
    let large = |word: &str| word.chars().filter(|c| c.is_uppercase()).count() >= 2;
    let state = |word: &str| word.len() == 2 && text.contains(&format!(", {word}"));
    let same = |word: &&str| fold(word).replace('.', "") == phrase.replace('.', "");
    words.filter(same).any(|word| large(word) && !state(word))
}

/// Folded words that begin a line about an entry without naming a degree.
const NOTE_WORDS: [&str; 27] = [
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

/// Whether `line` is a note about an entry, such as the thesis or the grade.
fn is_note(line: &LineView<'_>) -> bool {
    let folded = fold(line.text.trim_start_matches(|c: char| !c.is_alphanumeric()));
    NOTE_WORDS
        .iter()
        .any(|begin| folded.strip_prefix(begin).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
}

/// The most lines after a degree that may name its school and its dates.
const MAX_SURROUNDING_LINES: usize = 3;

/// Finds the entries in the lines of the education sections: one at each line that names a degree; if none does, one
/// at each line with a date range; else one at the first line.
pub(crate) fn extract(lines: &[LineView<'_>]) -> Vec<Education> {
    let names =
        |line: &LineView<'_>| level_from_text(line.text).is_some() && !is_note(line) && line.text.chars().count() < 160;
    // "Lycée Lakanal" below a degree is the school of that degree.
    let is_school_of_degree = |n: usize| {
        let school = |line: &LineView<'_>| {
            level_from_text(line.text) == Some(Level::Secondary) && names_school(&fold(line.text))
        };
        let above = n
            .checked_sub(1)
            .and_then(|n| lines.get(n))
            .filter(|above| names(above) && !names_school(&fold(above.text)));
        lines.get(n).is_some_and(school) && above.is_some()
    };
    let mut degrees: Vec<usize> =
        (0..lines.len()).filter(|n| lines.get(*n).is_some_and(names) && !is_school_of_degree(*n)).collect();
    if degrees.is_empty() {
        let degree_line = |n: usize| {
            let line = lines.get(n).filter(|line| date::find_range(line.text).is_some())?;
            // Dates alone on their line stand above the degree.
            let at = if segments_around_dates(line).is_empty() { n + 1 } else { n };
            (at < lines.len()).then_some(at)
        };
        degrees = (0..lines.len()).filter_map(degree_line).collect();
    }
    if degrees.is_empty() && !lines.is_empty() {
        degrees.push(0);
    }
    // If lines precede the first degree, schools or dates stand above degrees.
    let above = degrees.first().copied().unwrap_or(0).min(2);
    let entry = |(k, at): (usize, &usize)| {
        let from =
            k.checked_sub(1).and_then(|k| degrees.get(k)).map_or(0, |before| before + 1).max(at.saturating_sub(above));
        let next = degrees.get(k + 1).map_or(lines.len(), |next| next.saturating_sub(above).max(at + 1));
        let until = next.min(at + 1 + MAX_SURROUNDING_LINES);
        let details = lines.get(at + 1..until)?.iter().take_while(|line| may_be_detail(line));
        build(lines.get(*at)?, lines.get(from..*at)?.iter().chain(details))
    };
    degrees.iter().enumerate().filter_map(entry).collect()
}

/// Builds the entry whose degree is on `line`; `around` are the lines that may have its school and dates.
fn build<'r, 'd: 'r>(line: &'r LineView<'d>, around: impl Iterator<Item = &'r LineView<'d>>) -> Option<Education> {
    let own = segments(line);
    let own = join_unspaced_subject(own);
    let named = own.iter().position(|segment| level_from_text(segment.text()).is_some());
    let at = named.or_else(|| own.iter().position(|segment| !is_school(&segment.folded))).unwrap_or(0);
    let degree = own
        .get(at)
        .and_then(cite_degree)
        .map(|evidence| fact_from_evidence(evidence, Method::Lexicon, 85))
        .or_else(|| line.cite_all().map(|evidence| fact_from_evidence(evidence, Method::Layout, 50)))?;
    let subject = own.get(at + 1).and_then(|next| subject_of_short_degree(&degree, next));
    let degree = match &subject {
        Some(subject) => Fact { value: format!("{}, {}", degree.value, subject.quote()), ..degree },
        None => degree,
    };
    let around: Vec<&LineView<'_>> = std::iter::once(line).chain(around).collect();
    let others = around.iter().flat_map(|line| segments(line));
    let has_school = |segment: &Segment<'_>| segment.text().split(',').any(|field| is_school(&fold(field)));
    let mut schools: Vec<Segment<'_>> = others.filter(has_school).collect();
    // "Ingenieurschule" may be both: prefer segments that name no degree.
    schools.sort_by_key(|segment| level_from_text(segment.text()).is_some());
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
        Some((line, range)) => (fact_of_date(line, range.start), fact_of_date(line, range.end)),
        None => (None, only().and_then(|(line, (date, at))| fact_of_date(line, (End::Date(date), at)))),
    };
    let level = level_from_text(line.text);
    Some(Education {
        degree,
        subject,
        institution: school.map(|evidence| fact_from_evidence(evidence, Method::Lexicon, 85)),
        start,
        end,
        level,
    })
}

/// Joins a subject and a degree in scripts without spaces: "会计学 学士".
fn join_unspaced_subject(segments: Vec<Segment<'_>>) -> Vec<Segment<'_>> {
    let mut found: Vec<Segment<'_>> = Vec::new();
    let unspaced = |segment: &Segment<'_>| segment.text().chars().all(crate::lexicon::is_unspaced_script);
    for segment in segments {
        let subject = found.last().filter(|last| unspaced(last) && unspaced(&segment) && !is_school(&last.folded));
        let degree = level_from_text(segment.text()).is_some()
            && subject.is_some_and(|subject| level_from_text(subject.text()).is_none());
        match subject.filter(|_| degree).and_then(|subject| subject.with_bracketed(&segment)) {
            Some(joined) => {
                found.pop();
                found.push(joined);
            }
            None => found.push(segment),
        }
    }
    found
}

/// Returns the subject in the segment after a degree of one word: "PhD\tPrinceton University, Computer Science".
fn subject_of_short_degree(degree: &Fact<String>, next: &Segment<'_>) -> Option<Evidence> {
    let text = next.text();
    let fields = entry_header::comma_fields(text);
    let subject = |range: &std::ops::Range<usize>| {
        let field = fold(text.get(range.clone()).unwrap_or_default());
        let aside = NOTE_WORDS.iter().any(|begin| field.starts_with(begin));
        !is_school(&field) && !entry_header::is_location(&field) && field.len() > 2 && !aside
    };
    let subject = next.subsegment(fields.into_iter().find(subject)?, 0)?.evidence()?;
    let short = degree.value.split_whitespace().count() <= 1 && degree.value.is_ascii();
    short.then_some(subject)
}

/// Returns the fact of a date of `line`.
fn fact_of_date<T>(line: &LineView<'_>, (value, at): (T, std::ops::Range<usize>)) -> Option<Fact<T>> {
    Some(Fact { value, evidence: line.cite(at)?, method: Method::Pattern, confidence: 95 })
}

/// Returns the segments of `line` without its dates; "(Hons)" belongs to the segment of the degree before it.
fn segments<'d>(line: &LineView<'d>) -> Vec<Segment<'d>> {
    let mut found: Vec<Segment<'d>> = Vec::new();
    for segment in segments_around_dates(line) {
        let graded =
            segment.in_brackets && (level_from_text(segment.text()).is_some() || is_degree_qualifier(&segment.folded));
        let subject = !names_school(segment.folded.split(',').next().unwrap_or_default());
        let behind = subject && found.last().is_some_and(|last| last.text().ends_with(')'));
        let degree = |last: &&Segment<'_>| level_from_text(last.text()).is_some() || is_degree_prefix(last.text());
        let last = found.last().filter(|last| (graded || behind) && degree(last));
        match last.and_then(|last| last.with_bracketed(&segment)) {
            Some(joined) => {
                found.pop();
                found.push(joined);
            }
            None => found.push(segment),
        }
    }
    found
}

/// Whether `text` is a degree only together with the parentheses after it: "Ing.", "Dipl.".
fn is_degree_prefix(text: &str) -> bool {
    !text.contains(' ') && text.ends_with('.') && text.chars().count() <= 6
}

/// Whether `folded` contains a word for a school.
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

/// Whether `folded` qualifies a degree when it follows in parentheses: "hons".
fn is_degree_qualifier(folded: &str) -> bool {
    ["hons", "honours", "honors", "ord", "fh", "univ", "uni", "sc", "tech", "eng", "ed", "cum laude"]
        .contains(&folded.trim_end_matches('.'))
}

/// Splits `line` into segments and leaves out its date.
fn segments_around_dates<'d>(line: &LineView<'d>) -> Vec<Segment<'d>> {
    let range = date::find_range(line.text).map(|range| range.start.1.start.min(range.end.1.start)..range.end.1.end);
    let Some(bytes) = range.or_else(|| date::find_single(line.text).map(|(_, at)| at)) else {
        return entry_header::split_segments(line, 0, 0..line.text.len());
    };
    let mut segments = entry_header::split_segments(line, 0, 0..bytes.start);
    segments.extend(entry_header::split_segments(line, 0, bytes.end..line.text.len()));
    segments
}

/// Cites the degree of a segment without the school and whatever follows it: "MSc Physics, University of Leeds".
fn cite_degree(segment: &Segment<'_>) -> Option<Evidence> {
    let text = segment.text();
    let fields = entry_header::comma_fields(text);
    let other = |range: &std::ops::Range<usize>| {
        let field = fold(text.get(range.clone()).unwrap_or_default());
        (is_school(&field) || entry_header::is_location(&field)) && level_from_text(&field).is_none()
    };
    let from = fields.iter().position(|range| !other(range))?;
    let mut named = false;
    let ends = |range: &std::ops::Range<usize>| {
        let text = text.get(range.clone()).unwrap_or_default();
        let ends = other(range) || named && is_school(&fold(text));
        named |= level_from_text(text).is_some();
        ends
    };
    let until = fields.iter().skip(from).position(ends).map_or(fields.len(), |n| from + n);
    let (first, last) = (fields.get(from)?, fields.get(until.checked_sub(1)?)?);
    segment.subsegment(first.start..last.end, 0)?.evidence()
}

/// Whether `folded` names a school, or an employer that is no subject.
fn is_school(folded: &str) -> bool {
    names_school(folded) || entry_header::is_employer(folded) && !is_subject(folded)
}

/// Whether the folded `text` is a subject, though it contains a word of employers: "Computer Science and Engineering",
/// "option technologies du web".
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

/// Whether `line` may name the school or the dates: it is no list item, and short unless it has dates.
fn may_be_detail(line: &LineView<'_>) -> bool {
    !line.is_bullet() && (line.text.split_whitespace().count() <= 12 || date::find_range(line.text).is_some())
}
