//! Finds skills: the items of lists such as "Databases: PostgreSQL, Redis (streams)".

use std::ops::Range;

use domain::Evidence;

use super::{
    line_view::LineView,
    model::{Fact, Method, fact_from_evidence},
};
use crate::lexicon::{fold, words};

/// A longer item is a sentence and no skill.
const MAX_ITEM_CHARS: usize = 60;

/// Returns the items of the list in `line`, without the label in front of them.
pub(super) fn find_items(line: &LineView<'_>) -> Vec<Fact<String>> {
    let from = match label_end(line.text) {
        0 => line.bold_prefix_end().filter(|end| is_bold_label(line.text, *end)).unwrap_or(0),
        behind => behind,
    };
    let ranges = split_items(line.text, from);
    let cited = ranges.into_iter().filter_map(|range| cite_without_grade(line, range));
    cited
        .map(|evidence| fact_from_evidence(evidence, Method::Section, 85))
        .filter(|item| is_item(&item.value))
        .collect()
}

/// Whether `text` is a skill: short, with letters, and not only a grade.
fn is_item(text: &str) -> bool {
    let short = text.chars().count() <= MAX_ITEM_CHARS && text.split_whitespace().count() <= 6;
    short && text.chars().any(char::is_alphabetic) && !is_grade(&fold(text))
}

/// Returns the byte after the short label with which the line begins; 0 if it begins with none.
fn label_end(text: &str) -> usize {
    let colon = text.find([':', '：']).filter(|end| text[..*end].chars().count() <= 45);
    let dash = || {
        let end = text.find(" – ").or_else(|| text.find(" - "));
        end.filter(|end| {
            text[..*end].chars().count() <= 32 && !text[..*end].contains(',') && text[*end..].contains(',')
        })
    };
    let tab = || {
        text.find('\t').filter(|end| {
            text[..*end].chars().count() <= 40 && !text[..*end].contains(',') && text[*end..].contains(',')
        })
    };
    let end = colon.or_else(tab).or_else(dash);
    let after = end.map(|end| end + text[end..].chars().next().map_or(1, char::len_utf8));
    after.filter(|after| text[*after..].chars().any(char::is_alphanumeric)).unwrap_or(0)
}

/// Whether the bold words before the byte `end` label the items after it: "**Techniques** PCR, ELISA".
fn is_bold_label(text: &str, end: usize) -> bool {
    let (label, rest) = text.split_at(end);
    let short = label.split_whitespace().count() <= 4 && label.chars().count() <= 40;
    short
        && !label.contains([',', ';', '|', '•', '·'])
        && rest.starts_with([' ', '\t'])
        && rest.contains([',', ';', '|', '•', '·'])
}

/// Splits `text` from the byte `from` on at the separators outside of brackets.
fn split_items(text: &str, from: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_u32, from);
    // "GMP / GDP" is one item, "Java / Python / SQL" are three.
    let slashed = text
        .get(from..)
        .is_some_and(|list| list.matches(" / ").count() >= 2 && !list.contains([',', ';', '|', '•', '·', '\t']));
    for (at, letter) in text.char_indices().filter(|(at, _)| *at >= from) {
        let spaced = || {
            text.get(..at).is_some_and(|before| before.ends_with(' '))
                && text.get(at + letter.len_utf8()..).is_some_and(|after| after.starts_with(' '))
        };
        match letter {
            '(' | '[' | '（' => depth += 1,
            ')' | ']' | '）' => depth = depth.saturating_sub(1),
            ',' | ';' | '|' | '•' | '·' | '\t' | '、' | '，' | '،' | '；' | '∙' | '●' | '◦' | '▪' | '■' | '‣'
                if depth == 0 =>
            {
                found.push(start..at);
                start = at + letter.len_utf8();
            }
            '/' if !slashed => {}
            '/' | '–' | '—' | '*' if depth == 0 && spaced() => {
                found.push(start..at);
                start = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    found.push(start..text.len());
    found
}

/// Folded words that only say how well something is known.
const GRADE_WORDS: [&str; 76] = [
    "expert",
    "advanced",
    "intermediate",
    "beginner",
    "basic",
    "basics",
    "proficient",
    "novice",
    "fluent",
    "good",
    "very",
    "excellent",
    "familiar",
    "experienced",
    "master",
    "skilled",
    "strong",
    "working",
    "knowledge",
    "years",
    "year",
    "yrs",
    "level",
    "competent",
    "experte",
    "fortgeschritten",
    "grundkenntnisse",
    "sehr",
    "gut",
    "gute",
    "kenntnisse",
    "avance",
    "intermediaire",
    "debutant",
    "confirme",
    "expert",
    "avanzado",
    "intermedio",
    "basico",
    "avanzato",
    "base",
    "avancado",
    "gevorderd",
    "basis",
    "zaawansowany",
    "sredni",
    "podstawowy",
    "продвинутыи",
    "среднии",
    "базовыи",
    "опыт",
    "лет",
    "года",
    "熟练",
    "精通",
    "了解",
    "掌握",
    "熟悉",
    "متقدم",
    "متوسط",
    "מתקדם",
    "jahre",
    "ans",
    "anos",
    "anni",
    "jaar",
    "and",
    "of",
    "in",
    "upper",
    "elementary",
    "professional",
    "etc",
    "others",
    "more",
    "including",
];

/// Whether the folded `text` is only a grade: how well something is known.
fn is_grade(text: &str) -> bool {
    words(text)
        .all(|word| GRADE_WORDS.contains(&word) || word.chars().all(|c| c.is_ascii_digit() || "+%/.".contains(c)))
}

/// Returns the length of `text` without a duration such as "9 yrs" at its end.
fn len_without_years(text: &str) -> usize {
    let mut words = text.rsplitn(3, ' ');
    let (unit, number) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let years = !unit.is_empty() && unit.chars().all(char::is_alphabetic) && is_grade(&fold(unit));
    let counted = number.starts_with(|c: char| c.is_ascii_digit()) && is_grade(number);
    match words.next() {
        Some(skill) if years && counted => skill.trim_end().len(),
        _ => text.len(),
    }
}

/// Returns the byte at which the skill begins after a grade: "Advanced in SQL", "Experience with Rust".
fn grade_prefix_end(text: &str) -> Option<usize> {
    let joint = [" in ", " with ", " of ", " en ", " di ", " em ", " mit ", " von ", " w "].into_iter();
    let ends = joint.filter_map(|joint| Some(text.find(joint)? + joint.len()));
    let graded = |end: &usize| {
        let lead = fold(text.get(..*end).unwrap_or_default());
        words(&lead).count() <= 4
            && words(&lead).all(|word| {
                GRADE_WORDS.contains(&word)
                    || ["experience", "with", "di", "em", "mit", "von", "en", "w"].contains(&word)
            })
    };
    ends.filter(graded).min()
}

/// Cites an item without its grade: "Python (advanced)", "Rust ★★★☆☆", "SQL – 5 years".
fn cite_without_grade(line: &LineView<'_>, at: Range<usize>) -> Option<Evidence> {
    let mut at = line.trim_range(at)?;
    let text = line.text.get(at.clone())?;
    let stars = text.trim_end_matches(|c: char| {
        "★☆●○◉◯■□▪▫⬤◐✦✧⭐️ .%".contains(c) || c.is_numeric() && text.contains(['%', '★', '●'])
    });
    let mut kept = if stars.len() > 1 { stars.len() } else { text.len() };
    let open = text
        .get(..kept)?
        .rfind(['(', '（', '['])
        .filter(|_| text.get(..kept).is_some_and(|kept| kept.ends_with([')', '）', ']'])));
    if let Some(open) =
        open.filter(|open| *open > 0 && text.get(*open..kept).is_some_and(|aside| is_grade(&fold(aside))))
    {
        kept = open;
    }
    for cut in [" – ", " - ", ": ", " — "] {
        let end =
            text.get(..kept)?.rfind(cut).filter(|end| text.get(*end..kept).is_some_and(|rest| is_grade(&fold(rest))));
        kept = end.unwrap_or(kept);
    }
    kept = len_without_years(text.get(..kept)?);
    if let Some(end) = text.get(..kept).and_then(grade_prefix_end) {
        at.start += end;
        kept -= end;
    }
    for lead in ["and ", "und ", "et ", "y ", "e ", "en ", "i ", "и ", "& "] {
        if text.get(..kept)?.starts_with(lead) && kept > lead.len() + 1 {
            at.start += lead.len();
            kept -= lead.len();
            break;
        }
    }
    line.cite(at.start..at.start + kept).filter(|evidence| !evidence.quote().ends_with(':'))
}
