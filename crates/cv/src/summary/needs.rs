//! Must-haves of a posting, quoted or not found.

use domain::{Evidence, Line, LineKind};

use super::one_line;
use crate::facts::{Employment, End, Fact, is_addressed_to_machine, row::Row};

const SAME: [&[&str]; 5] = [
    &["kubernetes", "k8s"],
    &["postgresql", "postgres"],
    &["javascript", "js"],
    &["golang", "go"],
    &["typescript", "ts"],
];
const EMPTY: &str = " a an and of in the with or years year experience strong good knowledge ";

/// Where `need` is named: by what somebody did in an employment, the latest first, else by any line.
pub(crate) fn line(rows: &[Row<'_>], jobs: &[&Employment], need: &str) -> Line {
    let done = jobs.iter().find_map(|job| Some((job, job.highlights.iter().find(|quote| named(quote.quote(), need))?)));
    if let Some((job, quote)) = done {
        let text = format!("{need}: “{}”, {}", one_line(quote), place(job));
        return Line::cited(LineKind::MustHave, text, quote.clone(), place_quotes(job));
    }
    let open = |row: &&Row<'_>| !is_addressed_to_machine(row.text);
    let quote = rows.iter().filter(open).find(|row| named(row.text, need)).and_then(Row::whole);
    quote.map_or_else(
        || Line::not_found(need),
        |quote| Line::cited(LineKind::MustHave, format!("{need}: “{}”", one_line(&quote)), quote, vec![]),
    )
}

/// A skill, with the end of the last employment under which it is named.
pub(crate) fn skill(skill: &Fact<String>, jobs: &[&Employment]) -> Line {
    let names = |quote: &Evidence| named(quote.quote(), &skill.value);
    let under = |job: &Employment| {
        let title = job.title.iter().map(|title| &title.evidence);
        job.highlights.iter().chain(title).find(|quote| names(quote)).cloned()
    };
    let used = jobs.iter().find_map(|job| Some((under(job)?, job)));
    let (text, more) = match used {
        None => (skill.value.clone(), vec![]),
        Some((quote, job)) => {
            let until = match job.end.value {
                End::Present => "to date".to_owned(),
                End::Date(date) => format!("until {}", date.year),
            };
            (format!("{}, {until}", skill.value), vec![quote, job.end.evidence.clone()])
        }
    };
    Line::cited(LineKind::Skill, text, skill.evidence.clone(), more)
}

/// Whether `text` has every significant word of `need`.
pub(crate) fn named(text: &str, need: &str) -> bool {
    let empty = |word: &str| EMPTY.contains(&format!(" {} ", word.to_lowercase()));
    let mut wanted = words(need).filter(|word| !empty(word) && !word.chars().all(|c| c.is_ascii_digit())).peekable();
    wanted.peek().is_some() && wanted.all(|want| words(text).any(|word| same(want, word)))
}

/// "Analytical Ltd, Mar 2020 – Present".
fn place(job: &Employment) -> String {
    let (start, end) = (job.start.evidence.quote(), job.end.evidence.quote());
    let dates = format!("{start} – {end}");
    job.employer.as_ref().map_or(dates.clone(), |employer| format!("{}, {dates}", employer.value))
}

fn place_quotes(job: &Employment) -> Vec<Evidence> {
    let employer = job.employer.iter().map(|employer| employer.evidence.clone());
    employer.chain([job.start.evidence.clone(), job.end.evidence.clone()]).collect()
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
