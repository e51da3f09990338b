//! What a part of a line may be: a title, an employer, a place, a length of time.

mod label;
mod name;

use std::{ops::Range, sync::LazyLock};

use domain::Evidence;

use super::line_view::LineView;
use crate::lexicon::{PhraseSet, WordSet, fold, is_unspaced_script, words};
pub(super) use label::{Role, is_label, label, tells_duties};
use name::{FORMS, REMOTE};
pub(super) use name::{OWN, pieces, without_place};

static TITLES: LazyLock<WordSet> = LazyLock::new(|| WordSet::parse(include_str!("../../lexicon/titles.txt")));
static EMPLOYERS: LazyLock<WordSet> = LazyLock::new(|| WordSet::parse(include_str!("../../lexicon/employers.txt")));
static PLACES: LazyLock<PhraseSet> = LazyLock::new(|| PhraseSet::parse(include_str!("../../lexicon/places.txt")));

/// After these a title says of what, and no longer what.
const OF: [&str; 30] = [
    "of", "for", "in", "at", "with", "and", "de", "des", "du", "d", "fur", "im", "der", "en", "di", "del", "della",
    "da", "do", "dos", "das", "van", "voor", "ds", "w", "по", "в", "&", "to", "-",
];

/// How much the folded `text` looks like a job title: 0 to 3.
pub(super) fn title_points(text: &str) -> i32 {
    let all: Vec<&str> = words(text).collect();
    let of = all.iter().position(|word| OF.contains(word)).filter(|at| *at > 0).unwrap_or(all.len());
    let head = all.get(..of).unwrap_or_default();
    let any = all.iter().any(|word| TITLES.contains(word));
    if !any || all.len() > 12 {
        return 0;
    }
    let ends = head.last().is_some_and(|word| TITLES.contains(word));
    let begins = head.first().is_some_and(|word| TITLES.contains(word));
    1 + i32::from(ends || begins) + i32::from(ends && !is_employer(text))
}

pub(super) fn is_title(text: &str) -> bool {
    title_points(text) >= 2
}

/// Whether the folded `text` has a word of employers' names.
pub(super) fn is_employer(text: &str) -> bool {
    let joined = text.replace(['.', '/'], "");
    words(text).chain(words(&joined)).any(|word| EMPLOYERS.contains(word))
}

/// Whether every part of the folded `text` is a place.
pub(super) fn is_place(text: &str) -> bool {
    let mut parts = text.split([',', '/', '(', ')', '،']).map(str::trim).filter(|part| !part.is_empty());
    let known = |part: &str| PLACES.contains(part) || is_postcoded(part);
    // What stands behind a place is a region or a country.
    let region = |part: &str| part.split(' ').count() <= 2 && !is_employer(part) && title_points(part) == 0;
    let rest: Vec<&str> = parts.clone().skip(1).collect();
    let coded = rest.first().is_some_and(|piece| is_state(&piece.to_uppercase()) && piece.contains(' '));
    coded || parts.next().is_some_and(known) && rest.iter().all(|part| known(part) || region(part))
}

/// "75002 Paris", "SW1A 2AA London".
fn is_postcoded(part: &str) -> bool {
    let rest: Vec<&str> = part.split(' ').filter(|word| !word.chars().any(|c| c.is_ascii_digit())).collect();
    !rest.is_empty() && rest.len() < part.split(' ').count() && PLACES.contains(&rest.join(" "))
}

/// "CA", "NY 10001": states of the USA as they stand behind a comma.
fn is_state(piece: &str) -> bool {
    let mut parts = piece.split_whitespace();
    let state = parts.next().is_some_and(|state| state.len() == 2 && state.chars().all(|c| c.is_ascii_uppercase()));
    state && parts.all(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '-'))
}

const UNITS: [&str; 46] = [
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

/// Whether the folded `text` is only a length of time or of a working week.
pub(super) fn is_duration(text: &str) -> bool {
    let numbered = |word: &str| word.chars().all(|c| c.is_ascii_digit() || c == '+');
    let unit = |word: &str| numbered(word) || UNITS.contains(&word.trim_start_matches(|c: char| c.is_ascii_digit()));
    words(text).next().is_some() && words(text).all(unit)
}

/// A part of a row: title, employer, place, or something else.
#[derive(Clone, Debug)]
pub(super) struct Part<'d> {
    line: LineView<'d>,
    /// Its bytes in the row.
    at: Range<usize>,
    /// Its words, folded.
    pub folded: String,
    /// What a label in front of it says that it is.
    pub role: Option<Role>,
    /// The number of its row among the heads of its entry, and its place in the row.
    pub slot: (usize, usize),
    /// How many rows below the dates of its entry it stands; less than 0 above them.
    pub level: isize,
    /// Whether it stands in brackets.
    pub bracketed: bool,
    /// How much it looks like a title: 0 to 3.
    pub title: i32,
    /// Whether it has a word of employers' names.
    pub employer: bool,
    /// Whether it is a place.
    pub place: bool,
}

impl Part<'_> {
    /// As it is written.
    pub(super) fn text(&self) -> &str {
        self.line.text.get(self.at.clone()).unwrap_or_default()
    }

    /// The passage.
    pub(super) fn evidence(&self) -> Option<Evidence> {
        self.line.cite(self.at.clone())
    }

    /// The bytes `range` of its text as part number `column`.
    pub(super) fn sub(&self, range: Range<usize>, column: usize) -> Option<Self> {
        let at = self.line.trim_range(self.at.start + range.start..self.at.start + range.end)?;
        let folded = fold(self.line.text.get(at.clone())?);
        let slot = (self.slot.0, self.slot.1 * 4 + column);
        (!at.is_empty()).then(|| Self { at, folded, slot, ..self.clone() }.judged())
    }

    /// It and what of `next` follows in or behind brackets.
    pub(super) fn with_bracketed(&self, next: &Self) -> Option<Self> {
        let between = self.line.text.get(self.at.end..next.at.start)?;
        let open = next.bracketed && self.line.text.get(next.at.end..)?.starts_with(')');
        let at = self.at.start..next.at.end + usize::from(open);
        let folded = fold(self.line.text.get(at.clone())?);
        between.chars().all(|c| "() ".contains(c)).then(|| Self { at, folded, ..self.clone() }.judged())
    }

    /// It and what `next` says, in brackets or behind a dash, of what kind that was: "Squad Leader (E-6)",
    /// "Manager – Accounts"; but not where.
    pub(super) fn with_kind(&self, next: &Self) -> Option<Self> {
        let same_row = self.slot.0 == next.slot.0 && self.at.end <= next.at.start;
        let kind = same_row && !next.place && next.role == self.role && !REMOTE.contains(&next.folded.as_str());
        let between = self.line.text.get(self.at.end..next.at.start).filter(|_| kind)?;
        let dashed = || {
            let short = next.folded.split(' ').count() <= 4 && !next.employer;
            let at = self.at.start..next.at.end;
            let folded = fold(self.line.text.get(at.clone())?);
            (short && [" – ", " - ", " — "].contains(&between)).then(|| Self { at, folded, ..self.clone() }.judged())
        };
        // "(This is a federal job)" is a sentence.
        let few = next.folded.split(' ').count() <= 4;
        if next.bracketed { self.with_bracketed(next).filter(|_| few) } else { dashed() }
    }

    /// Where it stands as seen from the dates of its entry: rows below, and its place in the row.
    pub(super) fn seen_from_dates(&self) -> (isize, usize) {
        (self.level, self.slot.1)
    }

    /// Whether it is a title rather than anything else.
    pub(super) fn is_title(&self) -> bool {
        self.title >= 2
    }

    /// Whether its pieces between commas are a title and an employer: "Porter, Acme Hotel, Leeds", "Acme
    /// AG, Leiterin"; a comma at the end of the row leads to more.
    pub(super) fn tells_both(&self) -> bool {
        let text = self.text();
        if self.line.text.trim_end().ends_with([',', '،', '，']) {
            return false;
        }
        let folded: Vec<String> = pieces(text).into_iter().filter_map(|at| text.get(at).map(fold)).collect();
        let title = |piece: &String| is_title(piece) && !is_employer(piece);
        let employer = |piece: &String| is_employer(piece) && title_points(piece) == 0 || OWN.contains(&piece.as_str());
        let mut rest = folded.iter().skip(1);
        folded.first().is_some_and(|first| title(first) && rest.any(employer) || employer(first) && rest.any(title))
    }

    /// Whether it stands beside the dates and may be a place that is not known: a word or two, or three with
    /// a state.
    pub(super) fn is_beside_dates(&self) -> bool {
        let few = (1..=3).contains(&self.text().split_whitespace().count());
        self.level == 0 && few && self.title == 0 && !self.employer && self.role.is_none()
    }

    /// Whether it may tell both, as the parts of the other entries do: a comma stands in it.
    pub(super) fn may_tell_both(&self) -> bool {
        self.role.is_none() && pieces(self.text()).len() >= 2 && !self.line.text.trim_end().ends_with([',', '،', '，'])
    }

    fn judged(self) -> Self {
        let (title, employer, place) = (title_points(&self.folded), is_employer(&self.folded), is_place(&self.folded));
        Self { title, employer, place, ..self }
    }
}

/// Between them a part ends.
const CUTS: [&str; 12] = ["\t", " | ", "|", " · ", " • ", " ∙ ", " – ", " — ", " - ", "(", ")", " ● "];
/// What follows the first of them is the employer.
const AT: [&str; 10] =
    [" at ", " @ ", " @", " bei ", " chez ", " presso ", " bij ", " en la empresa ", " na empresa ", " w firmie "];

/// The same, if the words around them say so: "Jefa de rango en Hotel Brétema".
const WHERE: [&str; 3] = [" en ", " em ", " nel "];

/// Whether a title ends before the byte `at` of `text`, and an employer's name begins at the byte `from`.
fn works_at(text: &str, at: usize, from: usize) -> bool {
    let name = text.get(from..).unwrap_or_default();
    let name = name.split([',', '(', '\t', '|']).next().unwrap_or_default();
    let title = fold(text.get(..at).unwrap_or_default());
    name.starts_with(char::is_uppercase)
        && is_employer(&fold(name))
        && title_points(&title) >= 2
        && !is_employer(&title)
}

/// The parts of the bytes `range` of row `n` of an entry.
pub(super) fn parts<'d>(line: &LineView<'d>, n: usize, range: Range<usize>) -> Vec<Part<'d>> {
    let labelled = label(line.text).filter(|(_, from)| *from <= range.end);
    let role = labelled.map(|(role, _)| role);
    let begin = labelled.map_or(range.start, |(_, from)| from.max(range.start));
    let mut found = Vec::new();
    let mut known = role;
    let lead = line.bold_prefix_end().filter(|end| begins_anew(line.text, *end));
    for (bytes, after) in cut(line.text, begin..range.end, lead) {
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
        let slot = (n, found.len());
        let bracketed = line.text.get(..at.start).is_some_and(|before| before.trim_end().ends_with('('));
        let part = Part {
            line: *line,
            at,
            folded,
            role: known.or(celled),
            slot,
            level: 0,
            bracketed,
            title: 0,
            employer: false,
            place: false,
        };
        // "Acme (Ltd)" is one name.
        let form = part.bracketed && FORMS.contains(&part.folded.replace(['.', ' '], "").as_str());
        match found.last().filter(|_| form).and_then(|name: &Part<'d>| name.with_bracketed(&part)) {
            Some(whole) => {
                found.pop();
                found.push(whole);
            }
            None => found.push(part.judged()),
        }
        if after && role.is_none() && found.len() == 1 {
            known = Some(Role::Employer);
        } else if role.is_none() {
            known = None;
        }
    }
    found
}

/// The bytes between cuts, and whether the cut behind them says "at".
fn cut(text: &str, range: Range<usize>, lead: Option<usize>) -> Vec<(Range<usize>, bool)> {
    let mut found = Vec::new();
    let mut from = range.start;
    while from < range.end {
        let rest = text.get(from..range.end).unwrap_or_default();
        let plain = CUTS.iter().filter_map(|cut| Some((rest.find(cut)?, cut.len(), false)));
        let spoken = AT.iter().filter_map(|cut| Some((rest.find(cut)?, cut.len(), true)));
        let spoken = spoken.filter(|(at, _, _)| !is_campus(rest.get(..*at).unwrap_or_default()));
        let unspaced = gap_of_unspaced(rest).map(|at| (at, 1, false));
        let capitals = change_to_capitals(rest).map(|at| (at, 1, false));
        let where_at = WHERE.iter().filter_map(|cut| Some((rest.find(cut)?, cut.len(), true)));
        let where_at = where_at.filter(|(at, skip, _)| works_at(rest, *at, at + skip));
        let lead = lead.and_then(|lead| lead.checked_sub(from)).filter(|at| (1..rest.len()).contains(at));
        let (end, skip, at) = plain
            .chain(spoken)
            .chain(where_at)
            .chain(lead.map(|at| (at, 1, false)))
            .chain(unspaced)
            .chain(capitals)
            .min_by_key(|(at, _, _)| *at)
            .unwrap_or((rest.len(), 0, false));
        found.push((from..from + end, at));
        from += end + skip.max(1);
    }
    found
}

/// Whether what follows bold words is something else: "**Head nurse** Riverside Hospital", but not
/// "**Head** of nursing".
fn begins_anew(text: &str, end: usize) -> bool {
    let (lead, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let open = lead.ends_with(|c: char| c.is_alphanumeric() || c == ')');
    open && rest.starts_with(' ') && rest.trim_start().starts_with(char::is_uppercase)
}

/// Whether `text` is the name of an employer, which "at" goes on with: "University of Texas" at Dallas.
fn is_campus(text: &str) -> bool {
    let folded = fold(text);
    is_employer(&folded) && title_points(&folded) == 0
}

/// The space before the words in capitals with which `text` ends after words that are not: "Head
/// nurse RIVERSIDE HOSPITAL".
fn change_to_capitals(text: &str) -> Option<usize> {
    let small = text.char_indices().rev().find(|(_, letter)| letter.is_lowercase()).map(|(at, _)| at)?;
    let at = small + text.get(small..)?.find(' ')?;
    let capitals = text.get(at..)?;
    let long = |word: &str| word.chars().filter(|letter| letter.is_uppercase()).count() >= 4;
    let plain = capitals.chars().all(|letter| letter.is_uppercase() || letter == ' ' || "-'’.&".contains(letter));
    (plain && capitals.split_whitespace().count() >= 2 && capitals.split_whitespace().any(long)).then_some(at)
}

/// A space between two letters of scripts that set none between words.
fn gap_of_unspaced(text: &str) -> Option<usize> {
    let unspaced = |letter: Option<char>| letter.is_some_and(is_unspaced_script);
    let parts = |at: usize| unspaced(text[..at].chars().next_back()) && unspaced(text[at + 1..].chars().next());
    text.match_indices(' ').map(|(at, _)| at).find(|at| parts(*at))
}
