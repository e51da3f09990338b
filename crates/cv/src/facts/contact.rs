//! E-mail addresses, telephone numbers and links of a line.

use std::ops::Range;

use super::{Facts, fact, row::Row};

/// Adds what `row` has to `facts`.
pub(super) fn collect(row: &Row<'_>, facts: &mut Facts) {
    for range in pieces(row.text, |c| c.is_whitespace() || "|,;<>()".contains(c)) {
        let word = row.text.get(range.clone()).unwrap_or_default().trim_start_matches("mailto:");
        let mail = word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
        let link = ["http://", "https://", "www.", "linkedin.com/", "github.com/"];
        let range = range.end - word.len()..range.end;
        if mail {
            facts.emails.extend(row.cite(range).map(fact));
        } else if link.iter().any(|begin| word.to_lowercase().starts_with(begin)) {
            facts.links.extend(row.cite(range).map(fact));
        }
    }
    for range in pieces(row.text, |c| !(c.is_ascii_digit() || " +()-./".contains(c))) {
        let text = row.text.get(range.clone()).unwrap_or_default().trim();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let marked = text.starts_with(['+', '0', '(']) || text.matches(['-', '.']).count() == 2;
        if marked && (9..=15).contains(&digits) {
            let start = range.start + row.text.get(range.clone()).map_or(0, |all| all.len() - all.trim_start().len());
            facts.phones.extend(row.cite(start..start + text.len()).map(fact));
        }
    }
}

/// The pieces of `text` between what `cuts`.
fn pieces(text: &str, cuts: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut from = 0;
    let mut found = Vec::new();
    for piece in text.split_inclusive(&cuts) {
        let own = piece.trim_end_matches(&cuts);
        if !own.is_empty() {
            found.push(from..from + own.len());
        }
        from += piece.len();
    }
    found
}
