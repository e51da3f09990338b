//! The sections of a CV, told by their headings.
//!
//! A heading is what the list of headings knows, alone in its line or before a wide gap; and what
//! is set like the headings that the list knows.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::{date, education, entry_header, line_view::LineView};
use crate::lexicon::{fold, keyed_lines, words};

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Section {
    Head,
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
    Other,
}

const NAMES: [(&str, Section); 15] = [
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
    LazyLock::new(|| listed(include_str!("../../lexicon/headings.txt")));
/// Words that tell what a heading is about, and that alone are none.
static HINTS: LazyLock<HashMap<String, Section>> =
    LazyLock::new(|| listed(include_str!("../../lexicon/heading-words.txt")));

fn listed(list: &'static str) -> HashMap<String, Section> {
    let mut headings = HashMap::new();
    for (name, phrases) in keyed_lines(list) {
        let Some((_, section)) = NAMES.iter().find(|(known, _)| *known == name) else { continue };
        for phrase in phrases.split(" | ") {
            headings.entry(tidy(phrase)).or_insert(*section);
        }
    }
    headings
}

/// Folded, without marks at its ends and within, numbering, and gaps between letters.
fn tidy(text: &str) -> String {
    let folded = fold(text);
    let spelled = folded.split(' ').filter(|part| !part.is_empty());
    let single = spelled.clone().count() > 3 && spelled.clone().all(|part| part.chars().count() == 1);
    let joined = if single { spelled.collect() } else { folded };
    let joined = joined.replace(['&', '+', '/'], " and ");
    let mut tidy = String::with_capacity(joined.len());
    for letter in joined.chars() {
        let kept = letter.is_alphanumeric() || letter == '\'' || letter == '"';
        match kept {
            true => tidy.push(letter),
            false if !tidy.ends_with(' ') => tidy.push(' '),
            false => {}
        }
    }
    let tidy = tidy.trim_matches([' ', '\'']);
    // "II. Education", "3 Skills".
    let numbered =
        |word: &str| word.chars().all(|c| c.is_ascii_digit()) || ["i", "ii", "iii", "iv", "v", "vi"].contains(&word);
    match tidy.split_once(' ') {
        Some((first, rest)) if numbered(first) => rest.to_owned(),
        _ => tidy.to_owned(),
    }
}

/// What stands between two headings in one: "Education and training", "Skills & Tools".
const JOINTS: [&str; 13] = ["and", "und", "et", "y", "e", "en", "i", "и", "و", "ו", "och", "og", "ve"];
/// What may precede a heading's own word, and what "continued" is.
const FILLERS: [&str; 32] = [
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

/// The section that a heading of exactly these words opens.
pub(crate) fn named(text: &str) -> Option<Section> {
    if text.chars().count() > 60 {
        return None;
    }
    // What a font does not tell is most often a ligature.
    let ligatures: &[&str] = if text.contains('\u{FFFD}') { &["fi", "fl", "ti", "ff"] } else { &[""] };
    ligatures.iter().find_map(|ligature| {
        let tidy = tidy(&text.replace('\u{FFFD}', ligature));
        let whole = HEADINGS.get(&tidy).copied();
        whole.or_else(|| filled(&tidy)).or_else(|| joined(&tidy)).or_else(|| spoken(&tidy))
    })
}

/// A heading that speaks: "Where I have cooked", "What I did before", "Tools I know".
fn spoken(tidy: &str) -> Option<Section> {
    const STUDIED: [&str; 6] = ["studied", "learned", "learnt", "trained", "graduated", "qualified"];
    const ELSEWHERE: [&str; 6] = ["live", "lived", "from", "born", "am", "grew"];
    const WHEN: [&str; 6] = ["now", "before", "since", "previously", "earlier", "today"];
    const MADE: [&str; 6] = ["built", "made", "shipped", "created", "designed", "published"];
    if !tidy.split(' ').any(|word| ["i", "i've"].contains(&word)) {
        return None;
    }
    let words: Vec<&str> = tidy.split(' ').filter(|word| !["have", "ve"].contains(word)).collect();
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

fn filled(tidy: &str) -> Option<Section> {
    if !tidy.split(' ').any(|word| FILLERS.contains(&word)) {
        return None;
    }
    let kept: Vec<&str> = tidy.split(' ').filter(|word| !FILLERS.contains(word)).collect();
    HEADINGS.get(&kept.join(" ")).copied()
}

/// Of two headings in one the first is taken, if it is short; courses and degrees are education.
fn joined(tidy: &str) -> Option<Section> {
    let at = tidy.split(' ').position(|word| JOINTS.contains(&word)).filter(|at| *at > 0)?;
    let parts: Vec<&str> = tidy.split(' ').collect();
    let second = parts.get(at + 1..).and_then(|rest| HEADINGS.get(&rest.join(" "))).copied();
    let first = HEADINGS.get(&parts.get(..at)?.join(" ")).copied().filter(|_| parts.len() - at <= 4);
    // "IT- und Fachkenntnisse", "Tools and skills": one word before a heading says more of it.
    let first = first.or_else(|| second.filter(|_| at == 1))?;
    let degrees = first == Section::Certificates && second == Some(Section::Education);
    Some(if degrees { Section::Education } else { first })
}

/// The section of the heading that has such a word: for what is known to be a heading.
fn hinted(text: &str) -> Option<Section> {
    let tidy = tidy(text);
    let section = |word: &str| HEADINGS.get(word).or_else(|| HINTS.get(word)).copied();
    let found: Vec<Section> = words(&tidy).filter_map(section).collect();
    let first = |wanted: Section| found.iter().copied().find(|section| *section == wanted);
    first(Section::Work).or_else(|| found.last().copied())
}

/// The section of a heading that states a length: "Work experience: 7+ years".
fn stated(text: &str) -> Option<Section> {
    let (heading, rest) = text.split_once([':', '(', '–', '—'])?;
    let few = rest.split_whitespace().count() <= 3 || entry_header::is_duration(&fold(rest));
    let number = rest.chars().any(|c| c.is_ascii_digit()) && few;
    named(heading).filter(|section| *section == Section::Work && number && !is_date(rest))
}

/// How a line is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Style {
    heading: u8,
    half_points: u32,
    bold: bool,
    capitals: bool,
}

impl Style {
    fn of(line: &LineView<'_>) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are small and positive")]
        let half_points = (line.layout.size * 2.0).round() as u32;
        let mut letters = line.text.chars().filter(|letter| letter.is_lowercase() || letter.is_uppercase());
        let capitals = letters.clone().next().is_some() && letters.all(char::is_uppercase);
        Self { heading: line.layout.heading, half_points, bold: line.layout.bold, capitals }
    }
}

/// What a line opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub section: Section,
    /// The byte from which the line says something of the section itself.
    pub rest: Option<usize>,
}

/// The headings of one document.
pub(crate) struct Headings {
    /// The styles in which this document sets its headings.
    styles: HashSet<Style>,
    /// Whether its headings stand in the margin beside their sections.
    in_margin: bool,
    /// Whether most of its headings begin with a small letter.
    small: bool,
}

impl Headings {
    pub(crate) fn of(lines: &[LineView<'_>]) -> Self {
        let known: Vec<&LineView<'_>> =
            lines.iter().filter(|line| !line.is_bullet() && named(line.text).is_some()).collect();
        let mut counts: HashMap<Style, (usize, usize)> = HashMap::new();
        for line in lines {
            counts.entry(Style::of(line)).or_default().1 += 1;
        }
        for line in &known {
            counts.entry(Style::of(line)).or_default().0 += 1;
        }
        let own = |(known, all): &(usize, usize)| *known >= 2 && known * 2 >= *all;
        let styles = counts.into_iter().filter(|(_, counts)| own(counts)).map(|(style, _)| style).collect();
        let beside = |line: &&LineView<'_>| {
            line.text.split_once('\t').is_some_and(|(label, rest)| named(label).is_some() && !is_date(rest))
        };
        let small = known.iter().filter(|line| begins_small(line.text)).count() * 2 > known.len();
        Self { styles, in_margin: lines.iter().filter(beside).count() >= 2, small }
    }

    /// What `row` opens, if it is a heading.
    pub(crate) fn opened(&self, line: &LineView<'_>) -> Option<Opened> {
        let whole = |section: Section| Some(Opened { section, rest: None });
        // The end of a sentence, or of a list, is none: "… used across / the service."
        let text = line.text.trim();
        let tail = text.ends_with(['.', ',', ';']) || !self.small && begins_small(text);
        if line.is_bullet() || tail {
            return None;
        }
        // "Selected projects:" among an employment's sentences, in a CV whose headings look different.
        let within = text.ends_with(':') && !self.styles.is_empty() && !self.styles.contains(&Style::of(line));
        if let Some(section) = named(line.text).or_else(|| stated(line.text)).filter(|_| !within) {
            return whole(section);
        }
        if let Some((label, rest)) = line.text.split_once('\t') {
            let said = rest.chars().any(char::is_alphabetic) && !is_date(rest);
            let words = label.split_whitespace().count();
            let label_like = (1..=4).contains(&words) && !label.chars().any(|c| c.is_ascii_digit());
            let hint = || hinted(label).filter(|_| self.in_margin && label_like && !entry_header::is_label(label));
            // "Main activities" of an employment are none of a life.
            let duties = entry_header::is_label(label) && entry_header::introduces_duties(label);
            let section = named(label).or_else(hint).filter(|_| said && !duties);
            return section.map(|section| Opened { section, rest: Some(label.len() + 1) });
        }
        let short = line.text.split_whitespace().count() <= 5 && line.text.chars().count() < 50;
        let plain = !line.text.contains(['@', ',', ':']) && !line.text.chars().any(|c| c.is_ascii_digit());
        if short
            && plain
            && self.styles.contains(&Style::of(line))
            && (ends_as_heading(line.text) || !says_more(line.text))
        {
            return whole(hinted(line.text).unwrap_or(Section::Other));
        }
        (line.layout.heading == 2 && short && plain && hinted(line.text).is_some())
            .then(|| hinted(line.text))
            .flatten()
            .and_then(whole)
    }
}

/// Whether the last word of `text` is a heading of its own: "Board service", but not "Head of service".
fn ends_as_heading(text: &str) -> bool {
    let tidy = tidy(text);
    let words: Vec<&str> = tidy.split(' ').collect();
    words.len() > 1 && !words.contains(&"of") && words.last().is_some_and(|last| HEADINGS.contains_key(*last))
}

/// Whether `text` begins with a word in small letters; a word of small capitals has large ones within.
fn begins_small(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    first.starts_with(char::is_lowercase) && !first.chars().skip(1).any(char::is_uppercase)
}

/// Whether a line that is set like a heading is a title or a degree.
fn says_more(text: &str) -> bool {
    entry_header::is_title(&fold(text)) || education::level(text).is_some()
}

/// A heading in the margin that takes two rows, "Academic" and "appointments", and the byte behind its
/// second row's part.
pub(super) fn over_two_rows(line: &LineView<'_>, next: &LineView<'_>) -> Option<(Opened, usize)> {
    let (first, rest) = line.text.split_once('\t').unwrap_or((line.text, ""));
    let (second, behind) = next.text.split_once('\t').unwrap_or((next.text, ""));
    let lettered = first.chars().any(char::is_alphabetic);
    let short = lettered && first.split_whitespace().count() <= 2 && second.split_whitespace().count() <= 2;
    // Most rows are told from it by that alone.
    let section = if short { named(&format!("{first} {second}"))? } else { return None };
    // "Education and" goes on, though "Training" may stand alone.
    let open = tidy(first).split(' ').next_back().is_some_and(|last| JOINTS.contains(&last));
    let alone = named(first).is_some() && !open || rest.is_empty() != behind.is_empty() && rest.is_empty();
    if alone || !open && named(second).is_some() && rest.is_empty() {
        return None;
    }
    let from = next.text.len() - behind.len();
    Some((Opened { section, rest: (!rest.is_empty()).then(|| first.len() + 1) }, from))
}

fn is_date(text: &str) -> bool {
    let bytes = date::find_range(text).map(|range| range.start.1.start.min(range.end.1.start)..range.end.1.end);
    let bytes = bytes.or_else(|| date::find_single(text).map(|(_, at)| at));
    bytes.is_some_and(|at| text.len() - at.len() < 6)
}
