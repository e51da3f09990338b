//! Must-haves of a posting, quoted or not found.

use domain::{Evidence, Line, LineKind, Phrase};
use rust_stemmers::{Algorithm, Stemmer};

use super::one_line;
use crate::{
    facts::{Employment, End, Fact, is_addressed_to_machine, row::Row},
    lexicon::fold,
};

/// Words for the same thing.
const SAME: [&[&str]; 30] = [
    &["kubernetes", "k8s"],
    &["postgresql", "postgres", "psql"],
    &["javascript", "js", "ecmascript"],
    &["golang", "go"],
    &["typescript", "ts"],
    &["python", "python3", "py"],
    &["c++", "cpp"],
    &["c#", "csharp"],
    &[".net", "dotnet", "net"],
    &["node.js", "nodejs", "node"],
    &["react", "react.js", "reactjs"],
    &["vue", "vue.js", "vuejs"],
    &["angular", "angularjs", "angular.js"],
    &["gcp", "googlecloud"],
    &["ci", "ci/cd", "cicd", "cd"],
    &["ml", "machinelearning"],
    &["mssql", "sqlserver"],
    &["mongodb", "mongo"],
    &["elasticsearch", "elastic"],
    &["tensorflow", "tf"],
    &["excel", "ms-excel"],
    &["powerbi", "power-bi"],
    &["sap", "s/4hana"],
    &["nurse", "rn", "pflegefachkraft", "krankenschwester", "infirmier", "enfermera", "enfermero"],
    &["developer", "entwickler", "developpeur", "desarrollador", "sviluppatore", "ontwikkelaar"],
    &["engineer", "ingenieur", "ingeniero", "ingegnere", "engenheiro"],
    &["teacher", "lehrer", "enseignant", "profesor", "maestro", "insegnante", "leraar"],
    &["accountant", "buchhalter", "comptable", "contable", "contabile", "boekhouder"],
    &["management", "leitung", "gestion", "gestione", "fuhrung"],
    &["project", "projekt", "projet", "proyecto", "progetto", "projeto"],
];
const EMPTY: &str = " a an and of in the with or years year experience strong good knowledge ";
/// Languages in which two forms of a word are told to be one.
const STEMMED: [Algorithm; 8] = [
    Algorithm::English,
    Algorithm::German,
    Algorithm::French,
    Algorithm::Spanish,
    Algorithm::Italian,
    Algorithm::Portuguese,
    Algorithm::Dutch,
    Algorithm::Russian,
];
/// Shorter words have no forms that are safe to take for one.
const SHORTEST_STEMMED: usize = 5;

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
    let Some((quote, job)) = used else {
        return Line::cited(LineKind::Skill, skill.value.clone(), skill.evidence.clone(), vec![]);
    };
    let until = match job.end.value {
        End::Present => None,
        End::Date(date) => Some(date.year),
    };
    let phrase = Phrase::Skill { skill: skill.value.clone(), until };
    Line::said(LineKind::Skill, phrase, skill.evidence.clone(), vec![quote, job.end.evidence.clone()])
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
    let (want, word) = (fold(want), fold(word));
    want == word || SAME.iter().any(|set| set.contains(&want.as_str()) && set.contains(&word.as_str())) || stemmed(&want, &word)
}

/// Whether the two are forms of one word: "machine" and "machines", "geführt" and "führte".
fn stemmed(want: &str, word: &str) -> bool {
    let long = |text: &str| text.chars().count() >= SHORTEST_STEMMED && text.chars().all(char::is_alphabetic);
    let begin = |text: &str| text.chars().take(3).collect::<String>();
    if !long(want) || !long(word) || begin(want) != begin(word) {
        return false;
    }
    STEMMED.iter().any(|language| {
        let stemmer = Stemmer::create(*language);
        stemmer.stem(want) == stemmer.stem(word)
    })
}
