//! Separates an employer's name from its location and whatever else follows it.

use std::ops::Range;

use super::{LOCATIONS, is_employer, is_location, is_state, title_score};
use crate::lexicon::fold;

/// Legal forms of companies, folded and without dots. They belong to the name even after a comma.
pub(super) const LEGAL_FORMS: [&str; 30] = [
    "inc", "ltd", "llc", "llp", "plc", "corp", "co", "sa", "sas", "sarl", "sl", "slu", "srl", "spa", "lda", "ltda",
    "gmbh", "ag", "bv", "nv", "pc", "pllc", "eurl", "sasu", "snc", "scop", "ug", "kg", "ohg", "spzoo",
];

/// Splits `quote` at commas and semicolons; returns the bytes of each field. A legal form stays with the name before
/// it.
pub(in crate::facts) fn comma_fields(quote: &str) -> Vec<Range<usize>> {
    let mut from = 0;
    let mut found: Vec<Range<usize>> = Vec::new();
    for field in quote.split_inclusive([',', '،', '，', ';']) {
        let own = field.trim_end_matches([',', '،', '，', ';']);
        let form = fold(own).replace(['.', ' '], "");
        match found.last_mut() {
            // "Acme, Inc." is one name; the "CO" of "Fort Carson, CO" is Colorado.
            Some(last) if LEGAL_FORMS.contains(&form.as_str()) && own.trim() != "CO" => last.end = from + own.len(),
            _ => found.push(from..from + own.len()),
        }
        from += field.len();
    }
    found
}

/// Folded words that stand for the employer of self-employed people.
pub(in crate::facts) const SELF_EMPLOYED: [&str; 12] = [
    "self-employed",
    "self employed",
    "freelance",
    "selbststandig",
    "freiberuflich",
    "independant",
    "autonomo",
    "libero professionista",
    "zelfstandige",
    "zzp",
    "самозанятый",
    "independent",
];

/// Folded words for where people work that are no location.
pub(super) const REMOTE_WORK: [&str; 12] = [
    "remote",
    "hybrid",
    "fully remote",
    "on-site",
    "onsite",
    "home office",
    "homeoffice",
    "teletravail",
    "remoto",
    "teletrabajo",
    "zdalnie",
    "удаленно",
];

/// Folded particles in the names of towns: "Wath upon Dearne", "Frankfurt am Main".
const TOWN_PARTICLES: [&str; 16] =
    ["upon", "on", "under", "by", "le", "la", "les", "sur", "de", "del", "an", "am", "der", "im", "aan", "den"];

/// Returns the byte of the dot that ends the first sentence of an employer's `quote`, or its length: "Acme Hub,
/// Dundee. Maternity cover." A dot after a word of up to three letters counts as an abbreviation.
fn first_sentence_end(quote: &str) -> usize {
    const ABBREVIATIONS: [&str; 10] = ["univ", "dept", "inst", "corp", "bros", "intl", "asst", "hosp", "prof", "gebr"];
    let ends = |at: &usize| {
        let (before, after) = (quote.get(..*at).unwrap_or_default(), quote.get(at + 2..).unwrap_or_default());
        let last = before.rsplit([' ', ',']).next().unwrap_or_default();
        let is_word = last.chars().count() >= 4 && last.chars().all(char::is_alphabetic);
        is_word && !ABBREVIATIONS.contains(&fold(last).as_str()) && after.starts_with(char::is_uppercase)
    };
    quote.match_indices(". ").map(|(at, _)| at).find(ends).unwrap_or(quote.len())
}

/// Returns the number of bytes of an employer's `quote` before its location: "Acme Ltd, Berlin, Germany".
pub(in crate::facts) fn len_without_location(quote: &str) -> usize {
    let quote = quote.get(..first_sentence_end(quote)).unwrap_or(quote);
    let fields = comma_fields(quote);
    let field = |n: usize| fields.get(n).and_then(|range| quote.get(range.clone())).map(fold);
    // Everything from a known location on is left out: "Klinikum am Aasee, Münster, Station 3B".
    let known_location =
        (1..fields.len()).find(|n| field(*n).is_some_and(|field| LOCATIONS.contains(&field) && !is_employer(&field)));
    let mut kept = known_location.unwrap_or(fields.len());
    let last = kept;
    let mut has_state = false;
    while kept > 1 {
        let Some(field) = fields.get(kept - 1).and_then(|range| quote.get(range.clone())) else { break };
        let folded = fold(field);
        // An unknown town is the last field, or the one before its state.
        let long = folded.split(' ').filter(|word| !TOWN_PARTICLES.contains(word)).count() > 2;
        let few = !long && !is_employer(&folded) && title_score(&folded) == 0 && (kept == last || has_state);
        let capital = field.trim_start().starts_with(|c: char| !c.is_lowercase());
        if !(is_location(&folded) || is_state(field.trim()) || few && capital) {
            break;
        }
        has_state = is_state(field.trim());
        kept -= 1;
    }
    fields.get(kept.max(1) - 1).map_or(quote.len(), |range| range.end)
}
