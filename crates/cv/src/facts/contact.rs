//! Finds e-mail addresses, telephone numbers and links.

use std::ops::Range;

use super::{
    date,
    line_view::LineView,
    model::{Fact, Facts, Method, fact_from_evidence},
};
use crate::lexicon::fold;

/// Adds the addresses and links of `line` to `facts` and its telephone numbers to `numbers`.
///
/// `in_contact_section`: the line is in a section with contact data, so that less certain forms count too.
pub(super) fn collect_from_line(
    line: &LineView<'_>,
    in_contact_section: bool,
    facts: &mut Facts,
    numbers: &mut Vec<Fact<String>>,
) {
    for at in email_addresses(line.text) {
        add(&mut facts.emails, line, at);
    }
    for at in spaced_email_addresses(line.text).into_iter().filter(|_| line.is_ocr()) {
        add_without_spaces(&mut facts.emails, line, at);
    }
    for at in split_ranges(line.text, |c| c.is_whitespace() || "|,;<>()[]•·".contains(c)) {
        let word = line.text.get(at.clone()).unwrap_or_default();
        let from = word.find("http").filter(|_| word.contains("://")).unwrap_or(0);
        let (start, word) = (at.start + from, word.get(from..).unwrap_or_default().trim_end_matches(['.', ':', '/']));
        if !word.contains('@') && is_link(&word.to_lowercase(), in_contact_section) {
            add(&mut facts.links, line, start..start + word.len());
        }
    }
    for at in split_ranges(line.text, |c| !(c.is_ascii_digit() || " +()-./\u{A0}‑–".contains(c))) {
        if let Some(at) = phone_number(line.text, at, in_contact_section) {
            add(numbers, line, at);
        }
    }
}

/// Adds a telephone number or a link that begins at the end of `line` and ends with the whole of `next`.
pub(super) fn collect_from_broken_lines(
    line: &LineView<'_>,
    next: &LineView<'_>,
    in_contact_section: bool,
    facts: &mut Facts,
    numbers: &mut Vec<Fact<String>>,
) {
    let text = line.text.trim_end();
    let number = text.rfind(|c: char| !(c.is_ascii_digit() || " +()-".contains(c))).map_or(0, |at| at + 1);
    let start = text.len() - text.get(number..).unwrap_or_default().trim_start().len();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    let rest = next.text.trim();
    let grouped = (3..=9).contains(&digits(rest)) && rest.chars().all(|c| c.is_ascii_digit() || " -".contains(c));
    let begun = text.get(start..).is_some_and(|it| it.starts_with(['+', '(', '0']) && (3..=9).contains(&digits(it)));
    if in_contact_section && grouped && begun {
        add_joined(numbers, line, start, next, " ");
    }
    let word = text.rfind(|c: char| c.is_whitespace() || "|,;<>()".contains(c)).map_or(0, |at| at + 1);
    let open = text.get(word..).filter(|it| it.contains('/') && it.ends_with(['-', '/', '_', '=']));
    let link = open.is_some_and(|it| is_link(&it.to_lowercase(), in_contact_section));
    let path = !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || "-_/.%=".contains(c));
    if link && path {
        add_joined(&mut facts.links, line, word, next, "");
    }
}

/// Adds what begins at the byte `from` of `line` and ends with `next`, in place of the entry for its first part.
fn add_joined(list: &mut Vec<Fact<String>>, line: &LineView<'_>, from: usize, next: &LineView<'_>, joint: &str) {
    let Some(first) = line.cite(from..line.text.len()) else { return };
    let Some(evidence) = next.cite_all().and_then(|last| line.cite_between(&first, &last)) else { return };
    let value = format!("{}{joint}{}", line.text.get(from..).unwrap_or_default().trim(), next.text.trim());
    list.retain(|known| known.evidence.span() != first.span() || known.evidence.page() != first.page());
    if list.len() < MAX_ENTRIES {
        list.push(Fact { value, evidence, method: Method::Pattern, confidence: 90 });
    }
}

/// The most e-mail addresses, links and telephone numbers of one CV, each. A hostile CV may list more.
const MAX_ENTRIES: usize = 20;

/// Adds the bytes `at` of `line`, unless the list has the same letters and digits already.
fn add(list: &mut Vec<Fact<String>>, line: &LineView<'_>, at: Range<usize>) {
    let Some(evidence) = line.cite(at) else { return };
    let same = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let known = list.iter().any(|known| same(&known.value) == same(evidence.quote()));
    if !known && list.len() < MAX_ENTRIES {
        list.push(fact_from_evidence(evidence, Method::Pattern, 98));
    }
}

/// Returns the bytes of the e-mail addresses in `text`.
fn email_addresses(text: &str) -> Vec<Range<usize>> {
    let user = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let host = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    let around = |at: usize| {
        let before = text.get(..at)?;
        let start = before.trim_end_matches(user).len();
        let after = text.get(at + 1..)?;
        let length = after.find(|c| !host(c)).unwrap_or(after.len());
        let name = after.get(..length)?.trim_end_matches(['.', '-']);
        let start = start + (at - start - text.get(start..at)?.trim_start_matches(['.', '-']).len());
        let is_address = start < at && name.split('.').count() >= 2 && name.rsplit('.').next()?.len() >= 2;
        is_address.then_some(start..at + 1 + name.len())
    };
    text.match_indices('@').filter_map(|(at, _)| around(at)).collect()
}

/// Returns the bytes of the e-mail addresses into which OCR put spaces after dots: "w. oduya@example. co.uk".
fn spaced_email_addresses(text: &str) -> Vec<Range<usize>> {
    let of_user = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let of_host = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    let around = |at: usize| {
        let (before, after) = (text.get(..at)?, text.get(at + 1..)?);
        let start = before.trim_end_matches(of_user).len();
        let initial = before.get(..start)?.strip_suffix(". ").and_then(|it| it.rsplit([' ', '\t']).next());
        let initial = initial.filter(|it| it.len() == 1 && it.chars().all(|c| c.is_ascii_lowercase()));
        let host = after.get(..after.find(|c| !of_host(c)).unwrap_or(after.len()))?;
        let open = host.len() > 2 && host.ends_with('.');
        let rest = after.get(host.len()..)?.strip_prefix(' ').filter(|_| open);
        let rest = rest.and_then(|rest| rest.split([' ', '\t', '|', ',']).next());
        let rest = rest.filter(|it| it.split('.').all(|label| TOP_LEVEL_DOMAINS.contains(&label)));
        let range =
            start - initial.map_or(0, |it| it.len() + 2)..at + 1 + host.len() + rest.map_or(0, |it| it.len() + 1);
        (start < at && (rest.is_some() || initial.is_some() && host.contains('.'))).then_some(range)
    };
    text.match_indices('@').filter_map(|(at, _)| around(at)).collect()
}

/// Adds the bytes `at` of `line` without the spaces within.
fn add_without_spaces(list: &mut Vec<Fact<String>>, line: &LineView<'_>, at: Range<usize>) {
    let before = list.len();
    add(list, line, at);
    if let Some(fact) = list.get_mut(before) {
        fact.value.retain(|letter| letter != ' ');
    }
}

/// Beginnings of links.
const LINK_PREFIXES: [&str; 16] = [
    "http://",
    "https://",
    "www.",
    "linkedin.com/",
    "github.com/",
    "gitlab.com/",
    "bitbucket.org/",
    "twitter.com/",
    "x.com/",
    "medium.com/",
    "xing.com/",
    "behance.net/",
    "dribbble.com/",
    "stackoverflow.com/",
    "orcid.org/",
    "kaggle.com/",
];
/// Top-level domains that make a word a link without any prefix.
const TOP_LEVEL_DOMAINS: [&str; 38] = [
    "com", "org", "net", "io", "dev", "me", "co", "uk", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "eu", "ch",
    "at", "be", "info", "app", "tech", "design", "blog", "page", "site", "us", "ca", "in", "cn", "il", "ai", "xyz",
    "name", "works", "online", "website",
];

/// Whether the lowercase `word` is a link.
fn is_link(word: &str, in_contact_section: bool) -> bool {
    if LINK_PREFIXES.iter().any(|begin| word.starts_with(begin) && word.len() > begin.len()) {
        return true;
    }
    let host = word.split('/').next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let plain =
        labels.iter().all(|label| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
    let last = labels.last().is_some_and(|last| TOP_LEVEL_DOMAINS.contains(last));
    let named = labels.first().is_some_and(|first| first.chars().any(|c| c.is_ascii_alphabetic()) && first.len() > 1);
    let path = word.len() > host.len() + 1;
    labels.len() >= 2 && plain && last && named && (path || in_contact_section && host != "asp.net")
}

/// Folded labels of telephone numbers.
const PHONE_LABELS: [&str; 41] = [
    "tel",
    "phone",
    "mobile",
    "mob",
    "cell",
    "telephone",
    "handy",
    "telefon",
    "mobil",
    "t",
    "m",
    "p",
    "portable",
    "telefono",
    "movil",
    "cellulare",
    "cell",
    "telefone",
    "telemovel",
    "celular",
    "telefoon",
    "mobiel",
    "kom",
    "电话番号",
    "携帯",
    "携帯电话",
    "行动电话",
    "전화",
    "연락처",
    "휴대폰",
    "тел",
    "телефон",
    "моб",
    "电话",
    "手机",
    "电话号码",
    "هاتف",
    "جوال",
    "טלפון",
    "נייד",
    "whatsapp",
];

/// Returns the bytes of the telephone number within `at`, if its label, its prefix or its form makes it one.
fn phone_number(text: &str, at: Range<usize>, in_contact_section: bool) -> Option<Range<usize>> {
    let candidate = text.get(at.clone())?;
    let edge = |c: char| c.is_whitespace() || "-./‑–".contains(c);
    let start = at.start + (candidate.len() - candidate.trim_start_matches(edge).len());
    let number = candidate.trim_matches(edge).trim_end_matches(['(', ' ']);
    let digits = number.chars().filter(char::is_ascii_digit).count();
    if !(7..=15).contains(&digits) || date::find_range(number).is_some() || is_date(number) {
        return None;
    }
    let before = fold(text.get(..start)?);
    let label = before
        .trim_end_matches([':', '.', ' ', '-', '(', ')', '：'])
        .rsplit([' ', '|', '\t', '(', '/'])
        .next()
        .unwrap_or_default();
    let labeled = PHONE_LABELS.contains(&label) || before.ends_with(['☎', '✆', '📞', '📱']);
    let international = number.starts_with('+') || number.starts_with("(+") || number.starts_with("00");
    let grouped = number.starts_with(['0', '(']) || number.matches(['-', '.', ' ']).count() >= 2;
    let has_two = |mark: char| number.matches(mark).count() == 2;
    let american = digits == 10 && (number.starts_with('(') || has_two('-') || has_two('.'));
    // "PHY0000000000" is a registration number.
    let capitals = text.get(..start)?.chars().rev().take_while(char::is_ascii_uppercase).count();
    if !labeled && capitals >= 2 {
        return None;
    }
    let is_phone_number =
        labeled || american || international && digits >= 8 || in_contact_section && grouped && digits >= 9;
    is_phone_number.then_some(start..start + number.len())
}

/// Whether `number` is a date and hardly anything else.
fn is_date(number: &str) -> bool {
    date::find_single(number).is_some_and(|(_, at)| at.len() + 2 >= number.len())
}

/// Splits `text` at the characters that `cuts` accepts; returns the bytes of the parts that are not empty.
fn split_ranges(text: &str, cuts: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut from = 0;
    let mut found = Vec::new();
    for candidate in text.split_inclusive(&cuts) {
        let own = candidate.trim_end_matches(&cuts);
        if !own.is_empty() {
            found.push(from..from + own.len());
        }
        from += candidate.len();
    }
    found
}
