//! An employer's name, and what stands around it: the form of the company, the town, a sentence.

use std::ops::Range;

use super::{PLACES, is_employer, is_place, is_state, title_points};
use crate::lexicon::fold;

/// Forms of companies, which commas part from the name.
pub(super) const FORMS: [&str; 30] = [
    "inc", "ltd", "llc", "llp", "plc", "corp", "co", "sa", "sas", "sarl", "sl", "slu", "srl", "spa", "lda", "ltda",
    "gmbh", "ag", "bv", "nv", "pc", "pllc", "eurl", "sasu", "snc", "scop", "ug", "kg", "ohg", "spzoo",
];

/// The pieces of `part` between commas, each with its bytes in the quote.
pub(in crate::facts) fn pieces(quote: &str) -> Vec<Range<usize>> {
    let mut from = 0;
    let mut found: Vec<Range<usize>> = Vec::new();
    for piece in quote.split_inclusive([',', '،', '，', ';']) {
        let own = piece.trim_end_matches([',', '،', '，', ';']);
        let form = fold(own).replace(['.', ' '], "");
        match found.last_mut() {
            // "Acme, Inc." is one name; "Fort Carson, CO" is in Colorado.
            Some(last) if FORMS.contains(&form.as_str()) && own.trim() != "CO" => last.end = from + own.len(),
            _ => found.push(from..from + own.len()),
        }
        from += piece.len();
    }
    found
}

/// What stands in the employer's place for those who have none.
pub(in crate::facts) const OWN: [&str; 12] = [
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

/// Where people work who go nowhere.
pub(super) const REMOTE: [&str; 12] = [
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

/// Words within the names of towns: "Wath upon Dearne", "Frankfurt am Main".
const OF_TOWNS: [&str; 16] =
    ["upon", "on", "under", "by", "le", "la", "les", "sur", "de", "del", "an", "am", "der", "im", "aan", "den"];

/// How many bytes of an employer's `quote` precede the next sentence: "Acme Hub, Dundee. Maternity cover.";
/// short words are taken for abbreviations.
fn first_sentence(quote: &str) -> usize {
    const SHORTENED: [&str; 10] = ["univ", "dept", "inst", "corp", "bros", "intl", "asst", "hosp", "prof", "gebr"];
    let ends = |at: &usize| {
        let (before, after) = (quote.get(..*at).unwrap_or_default(), quote.get(at + 2..).unwrap_or_default());
        let last = before.rsplit([' ', ',']).next().unwrap_or_default();
        let whole = last.chars().count() >= 4 && last.chars().all(char::is_alphabetic);
        whole && !SHORTENED.contains(&fold(last).as_str()) && after.starts_with(char::is_uppercase)
    };
    quote.match_indices(". ").map(|(at, _)| at).find(ends).unwrap_or(quote.len())
}

/// How many bytes of an employer's `quote` precede its place: "Acme Ltd, Berlin, Germany".
pub(in crate::facts) fn without_place(quote: &str) -> usize {
    let quote = quote.get(..first_sentence(quote)).unwrap_or(quote);
    let pieces = pieces(quote);
    let piece = |n: usize| pieces.get(n).and_then(|range| quote.get(range.clone())).map(fold);
    // What follows a known place is of it: "Klinikum am Aasee, Münster, Station 3B".
    let placed =
        (1..pieces.len()).find(|n| piece(*n).is_some_and(|piece| PLACES.contains(&piece) && !is_employer(&piece)));
    let mut kept = placed.unwrap_or(pieces.len());
    let whole = kept;
    let mut stated = false;
    while kept > 1 {
        let Some(piece) = pieces.get(kept - 1).and_then(|range| quote.get(range.clone())) else { break };
        let folded = fold(piece);
        // A town that the list does not know stands last, or before its state.
        let long = folded.split(' ').filter(|word| !OF_TOWNS.contains(word)).count() > 2;
        let few = !long && !is_employer(&folded) && title_points(&folded) == 0 && (kept == whole || stated);
        let capital = piece.trim_start().starts_with(|c: char| !c.is_lowercase());
        if !(is_place(&folded) || is_state(piece.trim()) || few && capital) {
            break;
        }
        stated = is_state(piece.trim());
        kept -= 1;
    }
    pieces.get(kept.max(1) - 1).map_or(quote.len(), |range| range.end)
}
