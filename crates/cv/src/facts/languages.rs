//! Finds the languages that the person speaks, and how well.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use super::{
    date,
    line_view::LineView,
    model::{Fact, Language, Method, Proficiency, fact_from_evidence},
};
use crate::lexicon::{fold, keyed_lines, words};

/// Folded words and stems of each level, in the order in which they are looked for.
const LEVELS: [(Proficiency, &str); 7] = [
    (
        Proficiency::Native,
        "native|mother tongue|muttersprach|langue maternelle|maternel|lengua materna|nativo|nativa|madrelingua|lingua materna|lingua madre|moedertaal|ojczysty|родной|родной язык|母语|母語|모국어|اللغة الأم|لغة أم|שפת אם|ana dil|first language|bilingual|zweisprachig|bilingue|modersmal|aidinkieli|maternal",
    ),
    (Proficiency::C2, "c2|proficient|mastery|verhandlungssicher|full professional"),
    (
        Proficiency::C1,
        "c1|fluent|advanced|fliessend|courant|couramment|avance|fluido|fluida|fluente|fluency|avanzado|avanzato|avancado|vloeiend|biegle|biegly|zaawansowan|свободно|продвинут|流利|精通|熟练|طلاقة|بطلاقة|متقدم|ממשי|שוטף|רמה גבוהה|akici|ileri|professional working|flytande|sujuva|native-like|ビジネス|유창",
    ),
    (
        Proficiency::B2,
        "b2|upper intermediate|upper-intermediate|sehr gut|good|gut|bien|bon niveau|buono|buona|goed|dobr|good command|gute|хорош|良好|جيد جدا|טובה|iyi|working proficiency|professional",
    ),
    (
        Proficiency::B1,
        "b1|intermediate|conversational|mittel|intermediaire|intermedio|intermedia|gemiddeld|sredni|srednio|средн|中级|中等|متوسط|בינוני|orta|limited working",
    ),
    (
        Proficiency::A2,
        "a2|basic|elementary|grundkenntnis|notions|basico|basica|elementare|base|basis|podstaw|базов|初级|日常|مبتدئ|أساسي|בסיסי|temel|scolaire",
    ),
    (Proficiency::A1, "a1|beginner|anfanger|debutant|principiante|principiant|beginner|poczatkuj|начальн|入门"),
];

impl Proficiency {
    /// Returns the level that `text` states; a level of the framework takes precedence over other words.
    fn from_text(text: &str) -> Option<Self> {
        let folded = fold(text);
        let exact =
            |level: Self| words(&folded).any(|word| word.trim_end_matches('+') == level.as_str().to_lowercase());
        let framework =
            [Self::C2, Self::C1, Self::B2, Self::B1, Self::A2, Self::A1].into_iter().find(|level| exact(*level));
        let states = |list: &str| {
            list.split('|').skip(usize::from(!list.starts_with("native"))).any(|word| folded.contains(&fold(word)))
        };
        framework.or_else(|| LEVELS.iter().find(|(_, list)| states(list)).map(|(level, _)| *level))
    }
}

static NAMES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let lines = keyed_lines(include_str!("../../lexicon/languages.txt"));
    lines.flat_map(|(code, names)| names.split_whitespace().map(move |name| (fold(name), code))).collect()
});

/// Returns the languages that `line` names, each once, with what follows up to the next one.
pub(super) fn find_languages(line: &LineView<'_>) -> Vec<Language> {
    let named = find_names(line.text);
    let mut found: Vec<Language> = Vec::new();
    for (n, (code, at)) in named.iter().enumerate() {
        // "Mother tongue: Italian" states the level first.
        let from = if n == 0 { 0 } else { at.start };
        let to = named.get(n + 1).map_or(line.text.len(), |(_, next)| next.start);
        let Some((name, description)) = line.cite(at.clone()).zip(line.cite(at.start..to)) else { continue };
        let around = line.text.get(from..to).unwrap_or_default();
        if found.iter().all(|known| known.code != Some(*code)) {
            let (name, description) =
                (fact_from_evidence(name, Method::Lexicon, 95), fact_from_evidence(description, Method::Lexicon, 95));
            found.push(Language { code: Some(*code), name, description, level: Proficiency::from_text(around) });
        }
    }
    found
}

/// Sets the level of `language`, which is alone on the line `named`, from the next line, `below`.
pub(super) fn apply_level_below(language: &mut Language, named: &LineView<'_>, below: &LineView<'_>) {
    let alone = named.cite_all().is_some_and(|whole| whole.span() == language.name.evidence.span());
    let short = below.text.split_whitespace().count() <= 4 && find_names(below.text).is_empty();
    let level = Proficiency::from_text(below.text).filter(|_| short && alone && language.level.is_none());
    if let Some((level, description)) = level.zip(named.cite_through(below)) {
        language.level = Some(level);
        language.description = fact_from_evidence(description, Method::Lexicon, 90);
    }
}

/// Finds the names of languages in `text`; returns their codes and bytes.
fn find_names(text: &str) -> Vec<(&'static str, Range<usize>)> {
    let words = date::words(text);
    let mut found = Vec::new();
    let mut n = 0;
    while n < words.len() {
        let joined = |count: usize| -> Option<(String, Range<usize>)> {
            let run = words.get(n..n + count)?;
            let touching = run.windows(2).all(|pair| matches!(pair, [a, b] if a.1.end == b.1.start));
            let text = run.iter().map(|(word, _)| word.as_str()).collect();
            (touching || count == 1).then_some((text, run.first()?.1.start..run.last()?.1.end))
        };
        let known = (1..=4).rev().find_map(|count| {
            let (word, at) = joined(count)?;
            Some((*NAMES.get(&word)?, at, count))
        });
        match known {
            Some((code, at, count)) => {
                found.push((code, at));
                n += count;
            }
            None => n += 1,
        }
    }
    found
}

/// Returns the language of a list item whose name is not in the list: one or two words that state no level.
pub(super) fn from_unknown_name(item: &Fact<String>) -> Option<Language> {
    let text = item.value.split(['(', ':', '–', '-', '\t']).next().unwrap_or_default().trim();
    let words: Vec<&str> = text.split_whitespace().collect();
    let named = (1..=2).contains(&words.len()) && words.iter().all(|word| word.starts_with(char::is_uppercase));
    // "Luo" is a language, "CET" is an exam.
    let shouted = text.chars().count() <= 4 && text.chars().all(char::is_uppercase);
    let plain = !shouted && text.chars().all(|c| c.is_alphabetic() || c == ' ') && text.chars().count() >= 3;
    let fits = named && plain && find_names(&item.value).is_empty() && Proficiency::from_text(text).is_none();
    let name = Fact { value: text.to_owned(), ..item.clone() };
    fits.then(|| Language { code: None, name, description: item.clone(), level: Proficiency::from_text(&item.value) })
}

/// Returns the ISO 639-1 code of the language whose name is `text`.
pub(crate) fn code_from_name(text: &str) -> Option<&'static str> {
    let folded = fold(text);
    NAMES.get(folded.trim()).copied()
}

/// Whether `item` is the name of a language, perhaps with its level.
pub(super) fn is_language(item: &str) -> bool {
    let named = find_names(item);
    let [(_, at)] = named.as_slice() else { return false };
    let rest = format!("{} {}", item.get(..at.start).unwrap_or_default(), item.get(at.end..).unwrap_or_default());
    let few = words(&fold(&rest)).count() <= 3;
    rest.trim().is_empty() || few && Proficiency::from_text(&rest).is_some()
}
