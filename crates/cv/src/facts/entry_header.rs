//! Splits the header of an entry into segments and judges what each may be: title, employer, location or duration.

mod employer_name;
mod label;

use std::{ops::Range, sync::LazyLock};

use domain::Evidence;

use super::line_view::LineView;
use crate::lexicon::{PhraseSet, WordSet, fold, is_unspaced_script, words};
use employer_name::{LEGAL_FORMS, REMOTE_WORK};
pub(super) use employer_name::{SELF_EMPLOYED, comma_fields, len_without_location};
pub(super) use label::{Role, introduces_duties, is_label, label};

static TITLES: LazyLock<WordSet> = LazyLock::new(|| WordSet::parse(include_str!("../../lexicon/titles.txt")));
static EMPLOYERS: LazyLock<WordSet> = LazyLock::new(|| WordSet::parse(include_str!("../../lexicon/employers.txt")));
static LOCATIONS: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::parse(include_str!("../../lexicon/places.txt")));

/// Folded words after which a title no longer names the occupation: "head of sales".
const TITLE_PREPOSITIONS: [&str; 30] = [
    "of", "for", "in", "at", "with", "and", "de", "des", "du", "d", "fur", "im", "der", "en", "di", "del", "della",
    "da", "do", "dos", "das", "van", "voor", "ds", "w", "по", "в", "&", "to", "-",
];

/// Scores how much the folded `text` looks like a job title: 0 (not at all) to 3.
pub(super) fn title_score(text: &str) -> i32 {
    let all: Vec<&str> = words(text).collect();
    let of = all.iter().position(|word| TITLE_PREPOSITIONS.contains(word)).filter(|at| *at > 0).unwrap_or(all.len());
    let head = all.get(..of).unwrap_or_default();
    let any = all.iter().any(|word| TITLES.contains(word));
    if !any || all.len() > 12 {
        return 0;
    }
    let ends = head.last().is_some_and(|word| TITLES.contains(word));
    let begins = head.first().is_some_and(|word| TITLES.contains(word));
    1 + i32::from(ends || begins) + i32::from(ends && !is_employer(text))
}

/// Whether the folded `text` is more likely a job title than anything else.
pub(super) fn is_title(text: &str) -> bool {
    title_score(text) >= 2
}

/// Whether the folded `text` contains a word that is common in the names of employers, such as "ltd".
pub(super) fn is_employer(text: &str) -> bool {
    let joined = text.replace(['.', '/'], "");
    words(text).chain(words(&joined)).any(|word| EMPLOYERS.contains(word))
}

/// Whether the folded `text` is a known location, perhaps followed by its region or country.
pub(super) fn is_location(text: &str) -> bool {
    let mut fields = text.split([',', '/', '(', ')', '،']).map(str::trim).filter(|field| !field.is_empty());
    let known = |part: &str| LOCATIONS.contains(part) || is_postcoded(part);
    // After a known location, up to two words are its region or country.
    let region = |field: &str| field.split(' ').count() <= 2 && !is_employer(field) && title_score(field) == 0;
    let rest: Vec<&str> = fields.clone().skip(1).collect();
    // "Springfield, IL 62701"
    let coded = rest.first().is_some_and(|field| is_state(&field.to_uppercase()) && field.contains(' '));
    coded || fields.next().is_some_and(known) && rest.iter().all(|field| known(field) || region(field))
}

/// Whether `field` is a known location with a postal code: "75002 Paris", "SW1A 2AA London".
fn is_postcoded(field: &str) -> bool {
    let rest: Vec<&str> = field.split(' ').filter(|word| !word.chars().any(|c| c.is_ascii_digit())).collect();
    !rest.is_empty() && rest.len() < field.split(' ').count() && LOCATIONS.contains(&rest.join(" "))
}

/// Whether `field` is a state of the USA as addresses have it after a comma: "CA", "NY 10001".
fn is_state(field: &str) -> bool {
    let mut fields = field.split_whitespace();
    let state = fields.next().is_some_and(|state| state.len() == 2 && state.chars().all(|c| c.is_ascii_uppercase()));
    state && fields.all(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '-'))
}

/// Folded words of durations and working weeks.
const DURATION_WORDS: [&str; 46] = [
    "year",
    "years",
    "yr",
    "yrs",
    "y",
    "month",
    "months",
    "mo",
    "mos",
    "m",
    "jahr",
    "jahre",
    "monat",
    "monate",
    "an",
    "ans",
    "mois",
    "ano",
    "anos",
    "mes",
    "meses",
    "anno",
    "anni",
    "mese",
    "mesi",
    "jaar",
    "maand",
    "maanden",
    "rok",
    "lata",
    "lat",
    "miesiac",
    "miesiace",
    "miesiecy",
    "год",
    "года",
    "лет",
    "месяц",
    "месяца",
    "месяцев",
    "less",
    "than",
    "a",
    "and",
    "full-time",
    "part-time",
];

/// Whether the folded `text` is only a duration or the length of a working week: "3 yrs 2 mos", "full-time".
pub(super) fn is_duration(text: &str) -> bool {
    let numbered = |word: &str| word.chars().all(|c| c.is_ascii_digit() || c == '+');
    let unit =
        |word: &str| numbered(word) || DURATION_WORDS.contains(&word.trim_start_matches(|c: char| c.is_ascii_digit()));
    words(text).next().is_some() && words(text).all(unit)
}

/// Where a segment stands in the header of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Position {
    /// The index of its line.
    pub line: usize,
    /// Its index among the segments of the line.
    pub column: usize,
}

/// A part of a header line, between separators: a title, an employer, a location or something else.
#[derive(Clone, Debug)]
pub(super) struct Segment<'d> {
    line: LineView<'d>,
    /// Its bytes in the line.
    at: Range<usize>,
    /// Its folded text.
    pub folded: String,
    /// The role that a label in front of it gives it.
    pub role: Option<Role>,
    /// Where it stands in the header.
    pub position: Position,
    /// The number of lines from the dates of the entry down to it; negative above the dates.
    pub lines_below_dates: isize,
    /// Whether it stands in parentheses.
    pub in_brackets: bool,
    /// How much it looks like a job title: 0 (not at all) to 3.
    pub title_score: i32,
    /// Whether it contains a word that is common in the names of employers.
    pub has_employer_word: bool,
    /// Whether it is a known location.
    pub is_location: bool,
}

impl Segment<'_> {
    /// Returns its text as the CV writes it.
    pub(super) fn text(&self) -> &str {
        self.line.text.get(self.at.clone()).unwrap_or_default()
    }

    /// Cites it.
    pub(super) fn evidence(&self) -> Option<Evidence> {
        self.line.cite(self.at.clone())
    }

    /// Returns the bytes `range` of its text as a segment of its own; `column`, 0 to 3, tells the subsegments of one
    /// segment apart.
    pub(super) fn subsegment(&self, range: Range<usize>, column: usize) -> Option<Self> {
        let at = self.line.trim_range(self.at.start + range.start..self.at.start + range.end)?;
        let folded = fold(self.line.text.get(at.clone())?);
        let position = Position { line: self.position.line, column: self.position.column * 4 + column };
        (!at.is_empty()).then(|| Self { at, folded, position, ..self.clone() }.classified())
    }

    /// Returns this segment extended over `next`, if only parentheses and spaces separate them.
    pub(super) fn with_bracketed(&self, next: &Self) -> Option<Self> {
        let between = self.line.text.get(self.at.end..next.at.start)?;
        let open = next.in_brackets && self.line.text.get(next.at.end..)?.starts_with(')');
        let at = self.at.start..next.at.end + usize::from(open);
        let folded = fold(self.line.text.get(at.clone())?);
        between.chars().all(|c| "() ".contains(c)).then(|| Self { at, folded, ..self.clone() }.classified())
    }

    /// Returns this title extended over the qualifier `next` in parentheses or after a dash: "Squad Leader (E-6)",
    /// "Manager – Accounts". A location is no qualifier.
    pub(super) fn with_qualifier(&self, next: &Self) -> Option<Self> {
        let same_row = self.position.line == next.position.line && self.at.end <= next.at.start;
        let kind =
            same_row && !next.is_location && next.role == self.role && !REMOTE_WORK.contains(&next.folded.as_str());
        let between = self.line.text.get(self.at.end..next.at.start).filter(|_| kind)?;
        let dashed = || {
            let short = next.folded.split(' ').count() <= 4 && !next.has_employer_word;
            let at = self.at.start..next.at.end;
            let folded = fold(self.line.text.get(at.clone())?);
            (short && [" – ", " - ", " — "].contains(&between))
                .then(|| Self { at, folded, ..self.clone() }.classified())
        };
        // "(This is a federal job)" is a sentence.
        let few = next.folded.split(' ').count() <= 4;
        if next.in_brackets { self.with_bracketed(next).filter(|_| few) } else { dashed() }
    }

    /// Returns its position relative to the dates of its entry: lines below them, and the column.
    pub(super) fn position_from_dates(&self) -> (isize, usize) {
        (self.lines_below_dates, self.position.column)
    }

    /// Whether it is more likely a job title than anything else.
    pub(super) fn is_title(&self) -> bool {
        self.title_score >= 2
    }

    /// Whether its comma-separated fields are a title and an employer: "Porter, Acme Hotel, Leeds", "Acme AG,
    /// Leiterin". Not if its line ends with a comma, since then more follows.
    pub(super) fn has_title_and_employer(&self) -> bool {
        let text = self.text();
        if self.line.text.trim_end().ends_with([',', '،', '，']) {
            return false;
        }
        let folded: Vec<String> = comma_fields(text).into_iter().filter_map(|at| text.get(at).map(fold)).collect();
        let title = |field: &String| is_title(field) && !is_employer(field);
        let employer =
            |field: &String| is_employer(field) && title_score(field) == 0 || SELF_EMPLOYED.contains(&field.as_str());
        let mut rest = folded.iter().skip(1);
        folded.first().is_some_and(|first| title(first) && rest.any(employer) || employer(first) && rest.any(title))
    }

    /// Whether it stands on the line of the dates and may be a location that the list does not know: one to three
    /// words with nothing of a title or an employer.
    pub(super) fn may_be_unknown_location(&self) -> bool {
        let few = (1..=3).contains(&self.text().split_whitespace().count());
        self.lines_below_dates == 0 && few && self.title_score == 0 && !self.has_employer_word && self.role.is_none()
    }

    /// Whether it may hold title and employer, as those of the other entries do: it has a comma.
    pub(super) fn may_have_title_and_employer(&self) -> bool {
        self.role.is_none()
            && comma_fields(self.text()).len() >= 2
            && !self.line.text.trim_end().ends_with([',', '،', '，'])
    }

    /// Scores its folded text.
    fn classified(self) -> Self {
        Self {
            title_score: title_score(&self.folded),
            has_employer_word: is_employer(&self.folded),
            is_location: is_location(&self.folded),
            ..self
        }
    }
}

/// What separates segments.
const SEPARATORS: [&str; 12] = ["\t", " | ", "|", " · ", " • ", " ∙ ", " – ", " — ", " - ", "(", ")", " ● "];
/// Separators that an employer follows.
const EMPLOYER_SEPARATORS: [&str; 10] =
    [" at ", " @ ", " @", " bei ", " chez ", " presso ", " bij ", " en la empresa ", " na empresa ", " w firmie "];

/// Prepositions that separate a title from an employer if the words around them are such: "Jefa de rango en Hotel
/// Brétema".
const EMPLOYER_PREPOSITIONS: [&str; 3] = [" en ", " em ", " nel "];

/// Whether a title ends at the byte `at` of `text` and an employer begins at the byte `from`.
fn is_title_at_employer(text: &str, at: usize, from: usize) -> bool {
    let name = text.get(from..).unwrap_or_default();
    let name = name.split([',', '(', '\t', '|']).next().unwrap_or_default();
    let title = fold(text.get(..at).unwrap_or_default());
    name.starts_with(char::is_uppercase) && is_employer(&fold(name)) && title_score(&title) >= 2 && !is_employer(&title)
}

/// Splits the bytes `range` of `line`, which is line `n` of a header, into segments.
///
/// Leaves out durations, addresses of the web and what has no letters. A label at the beginning of the line sets the
/// role of the segments and belongs to none.
pub(super) fn split_segments<'d>(line: &LineView<'d>, n: usize, range: Range<usize>) -> Vec<Segment<'d>> {
    let labeled = label(line.text).filter(|(_, from)| *from <= range.end);
    let role = labeled.map(|(role, _)| role);
    let begin = labeled.map_or(range.start, |(_, from)| from.max(range.start));
    let mut found = Vec::new();
    let mut known = role;
    let bold_end = line.bold_prefix_end().filter(|end| is_separate_bold_prefix(line.text, *end));
    for (bytes, after) in split_ranges(line.text, begin..range.end, bold_end) {
        let at = line.trim_range(bytes).filter(|at| !at.is_empty());
        let Some((at, text)) = at.and_then(|at| Some((at.clone(), line.text.get(at)?))) else { continue };
        if !text.chars().any(char::is_alphabetic) {
            continue;
        }
        let folded = fold(text);
        if is_duration(&folded) || folded.contains("://") || folded.contains("www.") {
            continue;
        }
        // "Hours per week: 40" in a cell of its own.
        let celled = label(text).map(|(role, _)| role).filter(|_| known.is_none());
        let position = Position { line: n, column: found.len() };
        let in_brackets = line.text.get(..at.start).is_some_and(|before| before.trim_end().ends_with('('));
        let segment = Segment {
            line: *line,
            at,
            folded,
            role: known.or(celled),
            position,
            lines_below_dates: 0,
            in_brackets,
            title_score: 0,
            has_employer_word: false,
            is_location: false,
        };
        // "Acme (Ltd)" is one name.
        let form = segment.in_brackets && LEGAL_FORMS.contains(&segment.folded.replace(['.', ' '], "").as_str());
        match found.last().filter(|_| form).and_then(|name: &Segment<'d>| name.with_bracketed(&segment)) {
            Some(joined) => {
                found.pop();
                found.push(joined);
            }
            None => found.push(segment.classified()),
        }
        if after && role.is_none() && found.len() == 1 {
            known = Some(Role::Employer);
        } else if role.is_none() {
            known = None;
        }
    }
    found
}

/// Splits the bytes `range` at the separators and at `bold_end`, the end of a bold prefix. Each range comes with
/// whether an employer follows it.
fn split_ranges(text: &str, range: Range<usize>, bold_end: Option<usize>) -> Vec<(Range<usize>, bool)> {
    let mut found = Vec::new();
    let mut from = range.start;
    while from < range.end {
        let rest = text.get(from..range.end).unwrap_or_default();
        let plain = SEPARATORS.iter().filter_map(|separator| Some((rest.find(separator)?, separator.len(), false)));
        let worded =
            EMPLOYER_SEPARATORS.iter().filter_map(|separator| Some((rest.find(separator)?, separator.len(), true)));
        let worded = worded.filter(|(at, _, _)| !is_employer_name(rest.get(..*at).unwrap_or_default()));
        let unspaced = unspaced_script_space(rest).map(|at| (at, 1, false));
        let capitals = uppercase_suffix_start(rest).map(|at| (at, 1, false));
        let preposition =
            EMPLOYER_PREPOSITIONS.iter().filter_map(|separator| Some((rest.find(separator)?, separator.len(), true)));
        let preposition = preposition.filter(|(at, skip, _)| is_title_at_employer(rest, *at, at + skip));
        let bold_end =
            bold_end.and_then(|bold_end| bold_end.checked_sub(from)).filter(|at| (1..rest.len()).contains(at));
        let (end, skip, is_employer_next) = plain
            .chain(worded)
            .chain(preposition)
            .chain(bold_end.map(|at| (at, 1, false)))
            .chain(unspaced)
            .chain(capitals)
            .min_by_key(|(at, _, _)| *at)
            .unwrap_or((rest.len(), 0, false));
        found.push((from..from + end, is_employer_next));
        from += end + skip.max(1);
    }
    found
}

/// Whether the text after the bold prefix that ends at the byte `end` is a segment of its own: "**Head nurse**
/// Riverside Hospital", but not "**Head** of nursing".
fn is_separate_bold_prefix(text: &str, end: usize) -> bool {
    let (bold, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let open = bold.ends_with(|c: char| c.is_alphanumeric() || c == ')');
    open && rest.starts_with(' ') && rest.trim_start().starts_with(char::is_uppercase)
}

/// Whether `text` names an employer, so that a following "at" belongs to the name: "University of Texas at Dallas".
fn is_employer_name(text: &str) -> bool {
    let folded = fold(text);
    is_employer(&folded) && title_score(&folded) == 0
}

/// Returns the byte of the space before the uppercase words with which `text` ends: "Head nurse RIVERSIDE HOSPITAL".
fn uppercase_suffix_start(text: &str) -> Option<usize> {
    let small = text.char_indices().rev().find(|(_, letter)| letter.is_lowercase()).map(|(at, _)| at)?;
    let at = small + text.get(small..)?.find(' ')?;
    let capitals = text.get(at..)?;
    let long = |word: &str| word.chars().filter(|letter| letter.is_uppercase()).count() >= 4;
    let plain = capitals.chars().all(|letter| letter.is_uppercase() || letter == ' ' || "-'’.&".contains(letter));
    (plain && capitals.split_whitespace().count() >= 2 && capitals.split_whitespace().any(long)).then_some(at)
}

/// Returns the byte of the first space between two letters of scripts without spaces, where it separates segments.
fn unspaced_script_space(text: &str) -> Option<usize> {
    let unspaced = |letter: Option<char>| letter.is_some_and(is_unspaced_script);
    let separates = |at: usize| unspaced(text[..at].chars().next_back()) && unspaced(text[at + 1..].chars().next());
    text.match_indices(' ').map(|(at, _)| at).find(|at| separates(*at))
}
