//! Finds the person's name: two to five words that look like a name, near the top or in large type.

use domain::Evidence;

use super::{
    entry_header,
    line_view::LineView,
    model::{Fact, Method},
};
use crate::{
    headings::section_of_heading,
    lexicon::{fold, is_unspaced_script, words},
};

/// Folded labels of a name.
const NAME_LABELS: [&str; 22] = [
    "name",
    "full name",
    "surname(s) first name(s)",
    "first name(s) surname(s)",
    "nom",
    "nom et prenom",
    "nome",
    "nombre",
    "nombre y apellidos",
    "nome e cognome",
    "naam",
    "imie i nazwisko",
    "фио",
    "имя",
    "姓名",
    "الاسم",
    "שם",
    "ad soyad",
    "vor- und nachname",
    "名前",
    "氏名",
    "이름",
];
/// Folded words for a CV, which may precede the name.
const DOCUMENT_TITLES: [&str; 22] = [
    "curriculum vitae",
    "curriculum",
    "vitae",
    "resume",
    "cv",
    "lebenslauf",
    "c.v",
    "currículo",
    "hoja de vida",
    "zyciorys",
    "резюме",
    "简历",
    "履历表",
    "履历",
    "个人简历",
    "履历书",
    "이력서",
    "السيرة الذاتية",
    "سيرة ذاتية",
    "קורות חיים",
    "ozgecmis",
    "of",
];
/// Folded titles and academic degrees that may precede or follow a name.
const HONORIFICS: [&str; 52] = [
    "dr",
    "prof",
    "mr",
    "mrs",
    "ms",
    "miss",
    "sir",
    "herr",
    "frau",
    "dipl",
    "ing",
    "dipl.-ing",
    "med",
    "phd",
    "ph.d",
    "msc",
    "m.sc",
    "bsc",
    "b.sc",
    "mba",
    "md",
    "cpa",
    "pmp",
    "cfa",
    "rn",
    "esq",
    "jr",
    "sr",
    "ii",
    "iii",
    "ma",
    "ba",
    "m.a",
    "b.a",
    "mag",
    "acca",
    "llm",
    "cissp",
    "shrm-cp",
    "m.eng",
    "meng",
    "beng",
    "dott",
    "dott.ssa",
    "rer",
    "nat",
    "phil",
    "habil",
    "pharm",
    "jur",
    "h.c",
    "rer.nat",
];

/// Returns the candidate with the highest score on the first page.
pub(super) fn find_name(lines: &[LineView<'_>], emails: &[Fact<String>]) -> Option<Fact<String>> {
    let hosts: Vec<String> = emails.iter().filter_map(|mail| mail.value.split('@').nth(1)).map(fold).collect();
    let users: Vec<String> = emails.iter().filter_map(|mail| mail.value.split('@').next()).map(fold).collect();
    let first = lines.first().map_or(1, |line| line.layout.page);
    let page: Vec<&LineView<'_>> = lines.iter().filter(|line| line.layout.page == first).collect();
    let largest = page.iter().map(|line| line.layout.size).fold(0.0, f32::max);
    let mut best: Option<(i32, Evidence)> = None;
    for (n, line) in page.iter().enumerate() {
        let next = page.get(n + 1).copied();
        for (evidence, labeled) in candidates(line, next) {
            let score = score(&evidence, line, n, largest, (&users, &hosts)) + if labeled { 8 } else { 0 };
            if score >= 3 && best.as_ref().is_none_or(|(most, _)| score > *most) {
                best = Some((score, evidence));
            }
        }
    }
    best.map(|(score, evidence)| Fact {
        value: evidence.quote().split_whitespace().collect::<Vec<_>>().join(" "),
        evidence,
        method: Method::Layout,
        confidence: u8::try_from((50 + score * 5).clamp(0, 99)).unwrap_or(50),
    })
}

/// Returns the parts of `line` that look like a name, and `line` together with `next` if each is a word or two; each
/// with whether a label says that it is a name.
fn candidates(line: &LineView<'_>, next: Option<&LineView<'_>>) -> Vec<(Evidence, bool)> {
    let mut found = Vec::new();
    let mut from = 0;
    for part in line.text.split_inclusive(['\t', '|', '·', '•', ',', '(', ':', '：', '–', '—']) {
        let own = part.trim_end_matches(['\t', '|', '·', '•', ',', '(', ':', '：', '–', '—']);
        let label =
            line.text.get(..from).map(|before| fold(before.trim_matches([' ', ':', '：', '\t']))).unwrap_or_default();
        let labeled = NAME_LABELS.contains(&label.as_str());
        let (lead, name) = strip_honorifics(own);
        if is_name(name) || labeled && name.split_whitespace().count() <= 5 && !name.trim().is_empty() {
            found.extend(line.cite(from + lead..from + lead + name.len()).map(|evidence| (evidence, labeled)));
        }
        from += part.len();
    }
    let alone = |line: &LineView<'_>| {
        line.text.split_whitespace().count() <= 2
            && has_only_name_characters(line.text)
            && section_of_heading(line.text).is_none()
    };
    let like = |next: &&LineView<'_>| {
        (next.layout.size - line.layout.size).abs() < 0.2 && next.layout.bold == line.layout.bold
    };
    if let Some(next) = next.filter(like).filter(|next| line.layout.size > 0.0 && alone(line) && alone(next)) {
        found.extend(line.cite_through(next).map(|evidence| (evidence, false)));
    }
    found
}

/// Strips titles, degrees and words for a CV from both ends; returns the byte at which the name begins, and the name.
fn strip_honorifics(text: &str) -> (usize, &str) {
    let mut kept = text;
    let is_aside = |word: &str| {
        let folded = fold(word.trim_matches(['.', ',']));
        HONORIFICS.contains(&folded.as_str()) || DOCUMENT_TITLES.contains(&folded.as_str())
    };
    loop {
        kept = kept.trim();
        let first = kept.split_whitespace().next().filter(|word| is_aside(word));
        let last = kept.split_whitespace().next_back().filter(|word| is_aside(word));
        match (first, last) {
            (Some(word), _) => kept = kept.get(word.len()..).unwrap_or_default(),
            (None, Some(word)) => kept = kept.get(..kept.len() - word.len()).unwrap_or_default(),
            (None, None) => break,
        }
        kept = kept.trim_end_matches(['.', ',', ' ']);
    }
    (text.find(kept).unwrap_or(0), kept)
}

/// Whether `text` has letters and otherwise only the punctuation of names.
fn has_only_name_characters(text: &str) -> bool {
    let letter =
        |c: char| c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c) || ".'’‘“”„-‑\"״ ".contains(c);
    text.chars().any(char::is_alphabetic) && text.trim().chars().all(letter)
}

/// Whether `text` looks like a name by its words.
fn is_name(text: &str) -> bool {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let length = text.chars().filter(|c| c.is_alphabetic()).count();
    if text.trim().chars().all(|c| is_unspaced_script(c) || c == ' ' || c == '·') {
        return (2..=5).contains(&length) && section_of_heading(text).is_none();
    }
    // Some people write their whole name in lowercase.
    let small = parts.iter().all(|word| !word.contains(char::is_uppercase)) && parts.len() <= 3;
    let cased = |word: &&str| small || !word.starts_with(char::is_lowercase) || is_particle(word);
    (2..=5).contains(&parts.len())
        && has_only_name_characters(text)
        && length >= 4
        && parts.iter().all(cased)
        && parts.iter().filter(|word| word.chars().count() > 1).count() >= 1
        && section_of_heading(text).is_none()
}

/// Whether `word` may be in lowercase within a name: "van", "al-Sayed".
fn is_particle(word: &str) -> bool {
    word.split('-').next().is_some_and(|begin| begin.chars().count() <= 3)
}

/// Scores a candidate on line `n` of the page by position, size, weight and the e-mail addresses, whose folded parts
/// before and after the `@` are `users` and `hosts`.
fn score(
    evidence: &Evidence,
    line: &LineView<'_>,
    n: usize,
    largest: f32,
    (users, hosts): (&[String], &[String]),
) -> i32 {
    let folded = fold(evidence.quote());
    let near_top = match n {
        0 => 4,
        1..=3 => 3,
        4..=8 => 1,
        _ => 0,
    };
    let large = if line.layout.size > 0.0 && line.layout.size >= largest - 0.3 { 5 } else { 0 };
    let marked = i32::from(line.layout.heading == 1) * 4 + i32::from(line.layout.bold);
    let in_mail = |word: &&str| word.chars().count() >= 3 && users.iter().any(|user| user.contains(*word));
    let mailed = i32::try_from(words(&folded).filter(in_mail).count().min(2)).unwrap_or(0) * 3;
    // Lowercase words are a name only at the top, in large type and if an e-mail address contains them.
    let small = !evidence.quote().contains(char::is_uppercase) && evidence.quote().contains(char::is_lowercase);
    let hosted = || hosts.iter().any(|host| words(&folded).all(|word| host.contains(word)));
    if small && (n > 1 || large == 0 || mailed < 6 && !hosted()) {
        return -10;
    }
    let all = near_top + large + marked + mailed;
    let is_other =
        || entry_header::is_title(&folded) || entry_header::is_location(&folded) || entry_header::is_employer(&folded);
    // "Le Boulanger" and "Koch" are names only if an e-mail address contains them.
    if all < 3 || mailed < 6 && is_other() { all - 8 } else { all }
}
