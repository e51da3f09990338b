//! Dates and ranges of dates in a line.

use std::ops::Range;

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearMonth {
    /// The year.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
}

impl YearMonth {
    /// The month of a moment, in UTC; milliseconds since 1970. By Howard Hinnant's
    /// `civil_from_days`.
    #[must_use]
    pub fn of_unix_ms(ms: i64) -> Self {
        let days = ms.div_euclid(24 * 60 * 60 * 1_000) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year: i32::try_from(year).unwrap_or(i32::MAX), month: u8::try_from(month).unwrap_or(1) }
    }

    /// Months since the year 0.
    #[must_use]
    pub fn index(self) -> i32 {
        self.year * 12 + i32::from(self.month) - 1
    }

    /// The month that many months after the year 0.
    #[must_use]
    pub fn of_index(index: i32) -> Self {
        Self { year: index.div_euclid(12), month: u8::try_from(index.rem_euclid(12) + 1).unwrap_or(1) }
    }
}

impl std::fmt::Display for YearMonth {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let name = NAMES.get(usize::from(self.month.saturating_sub(1))).copied().unwrap_or_default();
        write!(to, "{name} {}", self.year)
    }
}

/// A year, perhaps with its month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialDate {
    /// The year.
    pub year: i32,
    /// 1 to 12, if the CV says.
    pub month: Option<u8>,
}

/// When something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It goes on.
    Present,
    /// Then.
    Date(PartialDate),
}

/// A range and its bytes in the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DateRange {
    pub start: (PartialDate, Range<usize>),
    pub end: (End, Range<usize>),
}

const MONTHS: [&str; 12] = [
    "jan janv ene gen янв sty يناير 一月",
    "feb fév fev febr фев lut فبراير",
    "mar mär mrt maa мар مارس",
    "apr avr abr кві أبريل апр kwi",
    "may mai mei mag mayo maio май maj مايو",
    "jun juin giu июн cze يونيو",
    "jul juil lug июл lip يوليو",
    "aug aoû ago авг sie أغسطس",
    "sep set сен wrz سبتمبر",
    "oct okt ott out окт paź أكتوبر",
    "nov ноя lis نوفمبر",
    "dec dez déc dic дек gru ديسمبر",
];
const PRESENT: &str = " present now today current currently ongoing heute jetzt aujourd présent actuel actualidad presente actualmente oggi corso attuale atual atualmente heden nu настоящее obecnie 至今 الآن حتى היום ";
const SINCE: &str = " since seit depuis desde dal sinds с od ";

fn words(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.extend(text.get(from..at).map(|word| (from, word)));
                start = None;
            }
            _ => {}
        }
    }
    found
}

fn month(word: &str) -> Option<u8> {
    let word = word.to_lowercase();
    let begins = |list: &str| list.split(' ').any(|name| word.starts_with(name));
    let at = MONTHS.iter().position(|list| begins(list))?;
    if word.chars().count() > 11 { None } else { u8::try_from(at + 1).ok() }
}

fn number(word: &str, length: usize) -> Option<u8> {
    (word.len() <= length).then(|| word.parse::<u8>().ok()).flatten().filter(|n| (1..=12).contains(n))
}

fn year(word: &str) -> Option<i32> {
    if word.len() != 4 {
        return None;
    }
    word.parse().ok().filter(|year| (1950..2100).contains(year))
}

fn listed(list: &str, word: &str) -> bool {
    list.contains(&format!(" {} ", word.to_lowercase()))
}

/// Every date of `text`, in its order.
fn dates(text: &str) -> Vec<(End, Range<usize>)> {
    let words = words(text);
    let mut found: Vec<(End, Range<usize>)> = Vec::new();
    for (n, (at, word)) in words.iter().enumerate() {
        if listed(PRESENT, word) {
            let end = at + word.len();
            let rest = text.get(end..).unwrap_or_default();
            let tail = ["'hui", "’hui"].iter().find(|tail| rest.starts_with(**tail)).map_or(0, |tail| tail.len());
            found.push((End::Present, *at..end + tail));
        }
        let Some(year) = year(word) else { continue };
        let before = n.checked_sub(1).and_then(|n| words.get(n));
        let named = before.and_then(|(from, word)| {
            Some((
                *from,
                month(word).or_else(|| {
                    let joint = text.get(from + word.len()..*at)?;
                    matches!(joint, "/" | "." | "-").then(|| number(word, 2)).flatten()
                })?,
            ))
        });
        let after = words.get(n + 1).and_then(|(from, word)| {
            let joint = text.get(at + 4..*from)?;
            let good = matches!(joint, "-" | "/" | ".") && word.len() == 2;
            Some((number(word, 2).filter(|_| good)?, from + 2))
        });
        let (from, to, month) = match (named, after) {
            (Some((from, month)), _) => (from, at + 4, Some(month)),
            (None, Some((month, to))) => (*at, to, Some(month)),
            (None, None) => (*at, at + 4, None),
        };
        found.push((End::Date(PartialDate { year, month }), from..to));
    }
    found
}

/// The first range of `text`; "since 2019" is one that goes on.
pub(crate) fn range(text: &str) -> Option<DateRange> {
    let dates = dates(text);
    for pair in dates.windows(2) {
        let [(End::Date(start), from), (end, to)] = pair else { continue };
        let between = text.get(from.end..to.start)?;
        if between.chars().filter(|c| !c.is_whitespace()).count() <= 7 && !between.contains([',', ';', '(']) {
            return Some(DateRange { start: (*start, from.clone()), end: (*end, to.clone()) });
        }
    }
    let (End::Date(start), at) = dates.first()? else { return None };
    let (from, _) = words(text.get(..at.start)?).into_iter().next_back().filter(|(_, word)| listed(SINCE, word))?;
    Some(DateRange { start: (*start, at.clone()), end: (End::Present, from..at.end) })
}
