//! Must-haves of a posting, quoted or not found.

use domain::{Line, LineKind};

use crate::facts::{is_addressed_to_machine, row::Row, section::is_personal};

const SAME: [&[&str]; 5] = [
    &["kubernetes", "k8s"],
    &["postgresql", "postgres"],
    &["javascript", "js"],
    &["golang", "go"],
    &["typescript", "ts"],
];
const EMPTY: &str = " a an and of in the with or years year experience strong good knowledge ";

/// The first line that has every significant word of `need`.
pub(crate) fn line(rows: &[Row<'_>], need: &str) -> Line {
    let wanted: Vec<&str> = words(need)
        .filter(|word| {
            !EMPTY.contains(&format!(" {} ", word.to_lowercase())) && !word.chars().all(|c| c.is_ascii_digit())
        })
        .collect();
    let fits = |row: &&Row<'_>| {
        !wanted.is_empty()
            && !is_personal(row.text)
            && !is_addressed_to_machine(row.text)
            && wanted.iter().all(|want| words(row.text).any(|word| same(want, word)))
    };
    let quote = rows.iter().find(fits).and_then(Row::whole);
    quote.map_or_else(
        || Line::not_found(need),
        |quote| Line::cited(LineKind::MustHave, format!("{need}: “{}”", quote.quote()), quote, vec![]),
    )
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || "+#.".contains(c)))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| !word.is_empty())
}

fn same(want: &str, word: &str) -> bool {
    let short = word.chars().count() <= 2;
    if short && word.chars().all(|c| !c.is_uppercase()) {
        return false;
    }
    let (want, word) = (want.to_lowercase(), word.to_lowercase());
    let stem = |text: &str| text.strip_suffix('s').filter(|stem| stem.len() > 3).unwrap_or(text).to_owned();
    stem(&want) == stem(&word) || SAME.iter().any(|set| set.contains(&want.as_str()) && set.contains(&word.as_str()))
}
