//! Must-haves of a posting, quoted or not found.

use domain::{Evidence, Line, LineKind};

use crate::facts::{Employment, is_addressed_to_machine, row::Row};

const SAME: [&[&str]; 5] = [
    &["kubernetes", "k8s"],
    &["postgresql", "postgres"],
    &["javascript", "js"],
    &["golang", "go"],
    &["typescript", "ts"],
];
const EMPTY: &str = " a an and of in the with or years year experience strong good knowledge ";

/// The first line that has every significant word of `need`.
pub(crate) fn line(rows: &[Row<'_>], jobs: &[Employment], need: &str) -> Line {
    let open = |row: &&Row<'_>| !is_addressed_to_machine(row.text);
    let quote = rows.iter().filter(open).find(|row| named(row.text, need)).and_then(Row::whole);
    quote.map_or_else(
        || Line::not_found(need),
        |quote| Line::cited(LineKind::MustHave, format!("{need}: {}", place(&quote, jobs)), quote, vec![]),
    )
}

/// Whether `text` has every significant word of `need`.
pub(crate) fn named(text: &str, need: &str) -> bool {
    let empty = |word: &str| EMPTY.contains(&format!(" {} ", word.to_lowercase()));
    let mut wanted = words(need).filter(|word| !empty(word) && !word.chars().all(|c| c.is_ascii_digit())).peekable();
    wanted.peek().is_some() && wanted.all(|want| words(text).any(|word| same(want, word)))
}

/// The employment that `quote` belongs to, or the quote itself.
fn place(quote: &Evidence, jobs: &[Employment]) -> String {
    let holds = |it: &Evidence| it.page() == quote.page() && it.span().overlaps(quote.span());
    let job = jobs.iter().find(|job| job.highlights.iter().any(holds));
    let employer = job.and_then(|job| Some((job, job.employer.as_ref()?)));
    employer.map_or_else(
        || format!("“{}”", quote.quote()),
        |(job, employer)| {
            let (start, end) = (job.start.evidence.quote(), job.end.evidence.quote());
            format!("named under {}, {start} – {end}: “{}”", employer.value, quote.quote())
        },
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
