//! Recognizes the headings of a CV, and with them its sections.
//!
//! A heading is a line, or the first cell of one, that is in the list of headings; or a line in the same style as such
//! headings.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::{date, education, entry_header, line_view::LineView};
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
    LazyLock::new(|| parse_headings(include_str!("../../lexicon/headings.txt")));
/// Words that name the section of a heading, but are no headings by themselves.
static HEADING_WORDS: LazyLock<HashMap<String, Section>> =
    LazyLock::new(|| parse_headings(include_str!("../../lexicon/heading-words.txt")));

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
fn section_by_words(text: &str) -> Option<Section> {
    let normalized = normalize(text);
    let section = |word: &str| HEADINGS.get(word).or_else(|| HEADING_WORDS.get(word)).copied();
    let found: Vec<Section> = words(&normalized).filter_map(section).collect();
    let first = |wanted: Section| found.iter().copied().find(|section| *section == wanted);
    first(Section::Work).or_else(|| found.last().copied())
}

/// Returns the section of a heading with a duration: "Work experience: 7+ years".
fn section_of_timed_heading(text: &str) -> Option<Section> {
    let (heading, rest) = text.split_once([':', '(', '–', '—'])?;
    let few = rest.split_whitespace().count() <= 3 || entry_header::is_duration(&fold(rest));
    let number = rest.chars().any(|c| c.is_ascii_digit()) && few;
    section_of_heading(heading).filter(|section| *section == Section::Work && number && !is_date(rest))
}

/// The style of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Style {
    heading: u8,
    half_points: u32,
    bold: bool,
    capitals: bool,
}

impl Style {
    fn from_line(line: &LineView<'_>) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are small and positive")]
        let half_points = (line.layout.size * 2.0).round() as u32;
        let mut letters = line.text.chars().filter(|letter| letter.is_lowercase() || letter.is_uppercase());
        let capitals = letters.clone().next().is_some() && letters.all(char::is_uppercase);
        Self { heading: line.layout.heading, half_points, bold: line.layout.bold, capitals }
    }
}

/// A heading and the section that it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    /// The section.
    pub section: Section,
    /// The byte at which the section's own text begins, if the line has some.
    pub rest: Option<usize>,
}

/// The style of the headings of one document.
pub(crate) struct Headings {
    /// The styles that most lines of are known headings.
    styles: HashSet<Style>,
    /// Whether headings stand in the first cell of lines, beside their sections.
    beside_sections: bool,
    /// Whether most headings begin with a lowercase letter.
    in_lowercase: bool,
}

impl Headings {
    /// Detects the styles of the known headings among `lines`.
    pub(crate) fn detect(lines: &[LineView<'_>]) -> Self {
        let known: Vec<&LineView<'_>> =
            lines.iter().filter(|line| !line.is_bullet() && section_of_heading(line.text).is_some()).collect();
        let mut counts: HashMap<Style, (usize, usize)> = HashMap::new();
        for line in lines {
            counts.entry(Style::from_line(line)).or_default().1 += 1;
        }
        for line in &known {
            counts.entry(Style::from_line(line)).or_default().0 += 1;
        }
        let own = |(known, all): &(usize, usize)| *known >= 2 && known * 2 >= *all;
        let styles = counts.into_iter().filter(|(_, counts)| own(counts)).map(|(style, _)| style).collect();
        let beside = |line: &&LineView<'_>| {
            line.text
                .split_once('\t')
                .is_some_and(|(label, rest)| section_of_heading(label).is_some() && !is_date(rest))
        };
        let in_lowercase = known.iter().filter(|line| begins_lowercase(line.text)).count() * 2 > known.len();
        Self { styles, beside_sections: lines.iter().filter(beside).count() >= 2, in_lowercase }
    }

    /// Returns the heading that `line` is, or begins with.
    pub(crate) fn heading_of(&self, line: &LineView<'_>) -> Option<Heading> {
        let whole_line = |section: Section| Some(Heading { section, rest: None });
        // The end of a sentence or of a list is no heading: "… used across / the service."
        let text = line.text.trim();
        let tail = text.ends_with(['.', ',', ';']) || !self.in_lowercase && begins_lowercase(text);
        if line.is_bullet() || tail {
            return None;
        }
        // "Selected projects:" within an employment, in a CV whose headings have another style.
        let within = text.ends_with(':') && !self.styles.is_empty() && !self.styles.contains(&Style::from_line(line));
        if let Some(section) =
            section_of_heading(line.text).or_else(|| section_of_timed_heading(line.text)).filter(|_| !within)
        {
            return whole_line(section);
        }
        if let Some((label, rest)) = line.text.split_once('\t') {
            let has_text = rest.chars().any(char::is_alphabetic) && !is_date(rest);
            let words = label.split_whitespace().count();
            let label_like = (1..=4).contains(&words) && !label.chars().any(|c| c.is_ascii_digit());
            let hint = || {
                section_by_words(label).filter(|_| self.beside_sections && label_like && !entry_header::is_label(label))
            };
            // "Main activities" is a label of an employment.
            let duties = entry_header::is_label(label) && entry_header::introduces_duties(label);
            let section = section_of_heading(label).or_else(hint).filter(|_| has_text && !duties);
            return section.map(|section| Heading { section, rest: Some(label.len() + 1) });
        }
        let short = line.text.split_whitespace().count() <= 5 && line.text.chars().count() < 50;
        let plain = !line.text.contains(['@', ',', ':']) && !line.text.chars().any(|c| c.is_ascii_digit());
        if short
            && plain
            && self.styles.contains(&Style::from_line(line))
            && (ends_with_heading_word(line.text) || !is_title_or_degree(line.text))
        {
            return whole_line(section_by_words(line.text).unwrap_or(Section::Other));
        }
        (line.layout.heading == 2 && short && plain && section_by_words(line.text).is_some())
            .then(|| section_by_words(line.text))
            .flatten()
            .and_then(whole_line)
    }
}

/// Whether the last word of `text` is a heading by itself: "Board service", but not "Head of service".
fn ends_with_heading_word(text: &str) -> bool {
    let normalized = normalize(text);
    let words: Vec<&str> = normalized.split(' ').collect();
    words.len() > 1 && !words.contains(&"of") && words.last().is_some_and(|last| HEADINGS.contains_key(*last))
}

/// Whether the first word of `text` is in lowercase. One with uppercase letters within is set in small capitals.
fn begins_lowercase(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    first.starts_with(char::is_lowercase) && !first.chars().skip(1).any(char::is_uppercase)
}

/// Whether a line in the style of a heading is a job title or a degree.
fn is_title_or_degree(text: &str) -> bool {
    entry_header::is_title(&fold(text)) || education::level_from_text(text).is_some()
}

/// Returns the heading that the first cells of two lines form, "Academic" and "appointments", and the byte of the
/// second line at which its own text begins.
pub(super) fn two_line_heading(line: &LineView<'_>, next: &LineView<'_>) -> Option<(Heading, usize)> {
    let (first, rest) = line.text.split_once('\t').unwrap_or((line.text, ""));
    let (second, behind) = next.text.split_once('\t').unwrap_or((next.text, ""));
    let lettered = first.chars().any(char::is_alphabetic);
    let short = lettered && first.split_whitespace().count() <= 2 && second.split_whitespace().count() <= 2;
    // Most lines are longer, and the lookup is slow.
    let section = if short { section_of_heading(&format!("{first} {second}"))? } else { return None };
    // "Education and" continues on the next line, though "Training" there is a heading by itself.
    let open = normalize(first).split(' ').next_back().is_some_and(|last| CONJUNCTIONS.contains(&last));
    let alone = section_of_heading(first).is_some() && !open || rest.is_empty() != behind.is_empty() && rest.is_empty();
    if alone || !open && section_of_heading(second).is_some() && rest.is_empty() {
        return None;
    }
    let from = next.text.len() - behind.len();
    Some((Heading { section, rest: (!rest.is_empty()).then(|| first.len() + 1) }, from))
}

/// Whether `text` is a date or a date range and hardly anything else.
fn is_date(text: &str) -> bool {
    let bytes = date::find_range(text).map(|range| range.start.1.start.min(range.end.1.start)..range.end.1.end);
    let bytes = bytes.or_else(|| date::find_single(text).map(|(_, at)| at));
    bytes.is_some_and(|at| text.len() - at.len() < 6)
}
