//! Finds well-known skills in running text.
//!
//! Only for CVs without a list of skills: the built-in list has a small part of all skills.

use std::{collections::HashMap, sync::LazyLock};

use super::{
    line_view::LineView,
    model::{Fact, Method, fact_from_evidence},
};

/// The names of skills by their first character in lowercase, the longest first.
static NAMES_BY_FIRST_CHAR: LazyLock<HashMap<char, Vec<&'static str>>> = LazyLock::new(|| {
    let list = include_str!("../../lexicon/skills.txt");
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let mut names: HashMap<char, Vec<&'static str>> = HashMap::new();
    for name in lines.flat_map(|line| line.split(" | ")) {
        names.entry(name.chars().next().unwrap_or_default().to_ascii_lowercase()).or_default().push(name);
    }
    names.values_mut().for_each(|names| names.sort_by_key(|name| std::cmp::Reverse(name.len())));
    names
});

/// Returns the skills that `line` names, in their order.
pub(super) fn find_skills(line: &LineView<'_>) -> Vec<Fact<String>> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, letter) in line.text.char_indices() {
        let begins = at >= from && !char_before(line.text, at).is_some_and(|c| c.is_alphanumeric() || c == '.');
        let names = NAMES_BY_FIRST_CHAR.get(&letter.to_ascii_lowercase()).filter(|_| begins);
        let Some(name) = names.and_then(|names| names.iter().find(|name| is_name_at(line.text, at, name))) else {
            continue;
        };
        from = at + name.len();
        found.extend(line.cite(at..from).map(|evidence| fact_from_evidence(evidence, Method::Lexicon, 60)));
    }
    found
}

/// Returns the character before the byte `at`.
fn char_before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// Whether `name` stands at the byte `at` as a whole word. Case counts, since some names are also words ("Access",
/// "Lean").
fn is_name_at(text: &str, at: usize, name: &str) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let ends = rest
        .get(name.len()..)
        .is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || "+#".contains(c)));
    ends && rest.starts_with(name)
}
