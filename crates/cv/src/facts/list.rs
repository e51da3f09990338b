//! Items of a list that stands in one line: "Databases: PostgreSQL, Redis (streams)".

use std::ops::Range;

use super::{Fact, fact, row::Row};

/// A longer item is a sentence, and no skill.
const LONGEST: usize = 60;

/// The items of `row`, without a label in front of them.
pub(super) fn items(row: &Row<'_>) -> Vec<Fact<String>> {
    let from = label(row.text);
    let pieces = pieces(row.text, from);
    let cited = pieces.into_iter().filter_map(|piece| row.cite(piece)).map(fact);
    cited.filter(|item| is_item(&item.value)).collect()
}

fn is_item(text: &str) -> bool {
    text.chars().count() <= LONGEST && text.chars().any(char::is_alphanumeric) && text.split_whitespace().count() <= 7
}

/// Where a short label ends, if the line begins with one.
fn label(text: &str) -> usize {
    let end = text.find([':', '：']).filter(|end| text[..*end].chars().count() <= 32);
    let after = end.map(|end| end + text[end..].chars().next().map_or(1, char::len_utf8));
    after.filter(|after| text[*after..].chars().any(char::is_alphanumeric)).unwrap_or(0)
}

/// The bytes between separators that stand outside brackets.
fn pieces(text: &str, from: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_u32, from);
    for (at, letter) in text.char_indices().filter(|(at, _)| *at >= from) {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' | ';' | '|' | '•' | '·' | '\t' | '、' | '，' | '،' if depth == 0 => {
                found.push(start..at);
                start = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    found.push(start..text.len());
    found
}
