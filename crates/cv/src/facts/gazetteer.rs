//! Skills that a CV names outside of a list of skills.
//!
//! A list knows a part of all skills only, so it is asked only where a CV has no list of its own.

use std::{collections::HashMap, sync::LazyLock};

use super::{Fact, Method, fact, line_view::LineView};

/// The names by their first letter; the longest first.
static NAMES: LazyLock<HashMap<char, Vec<&'static str>>> = LazyLock::new(|| {
    let list = include_str!("../../lexicon/skills.txt");
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let mut names: HashMap<char, Vec<&'static str>> = HashMap::new();
    for name in lines.flat_map(|line| line.split(" | ")) {
        names.entry(name.chars().next().unwrap_or_default().to_ascii_lowercase()).or_default().push(name);
    }
    names.values_mut().for_each(|names| names.sort_by_key(|name| std::cmp::Reverse(name.len())));
    names
});

/// The skills that `row` names.
pub(super) fn skills(line: &LineView<'_>) -> Vec<Fact<String>> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, letter) in line.text.char_indices() {
        let begins = at >= from && !before(line.text, at).is_some_and(|c| c.is_alphanumeric() || c == '.');
        let names = NAMES.get(&letter.to_ascii_lowercase()).filter(|_| begins);
        let Some(name) = names.and_then(|names| names.iter().find(|name| stands(line.text, at, name))) else {
            continue;
        };
        from = at + name.len();
        found.extend(line.cite(at..from).map(|evidence| fact(evidence, Method::Lexicon, 60)));
    }
    found
}

fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// Whether `name` stands at the byte `at`: as it is written, for it is also a word ("Access", "Lean").
fn stands(text: &str, at: usize, name: &str) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let ends = rest
        .get(name.len()..)
        .is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || "+#".contains(c)));
    ends && rest.starts_with(name)
}
