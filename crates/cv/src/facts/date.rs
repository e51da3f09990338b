//! Finds dates and date ranges in a line, in the languages and calendars that CVs use.

mod grammar;
mod token;
mod vocabulary;

use std::ops::Range;

use self::{
    grammar::{DateValue, Mention},
    token::Token,
};

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearMonth {
    /// The year of the Gregorian calendar.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
}

impl YearMonth {
    /// Returns the UTC month of a Unix timestamp in milliseconds, by Howard Hinnant's `civil_from_days`.
    ///
    /// Saturates at the year `i32::MAX`.
    #[must_use]
    pub fn from_unix_ms(ms: i64) -> Self {
        let days = ms.div_euclid(24 * 60 * 60 * 1_000) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year: i32::try_from(year).unwrap_or(i32::MAX), month: u8::try_from(month).unwrap_or(1) }
    }

    /// Returns the number of months since January of the year 0.
    #[must_use]
    pub fn index(self) -> i32 {
        self.year * 12 + i32::from(self.month) - 1
    }

    /// Returns the month that is `index` months after January of the year 0: the inverse of [`YearMonth::index`].
    #[must_use]
    pub fn from_index(index: i32) -> Self {
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

/// A date as precise as the CV states it: a year, or a month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialDate {
    /// The year of the Gregorian calendar.
    pub year: i32,
    /// 1 to 12, or `None` if the CV states only the year.
    pub month: Option<u8>,
}

/// When a period ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It has not ended ("present").
    Present,
    /// It ended at this date.
    Date(PartialDate),
}

/// A period, with the bytes of the line at which its two dates were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DateRange {
    pub start: (PartialDate, Range<usize>),
    pub end: (End, Range<usize>),
}

/// Finds the first date range of `text`: two dates with a separator or a word such as "to" between them, "since
/// 2019", "2019 –", or a year of four and one of two digits ("2019–21").
pub(crate) fn find_range(text: &str) -> Option<DateRange> {
    let tokens = token::tokenize(text);
    let mentions = grammar::find_mentions(text, &tokens);
    let found = mentions.iter().enumerate().find_map(|(n, mention)| {
        let start = as_date(mention)?;
        let following = mentions.get(n + 1);
        following
            .and_then(|next| range_of_pair(text, &tokens, mention, next))
            .or_else(|| abbreviated_end(text, &tokens, start, mention))
            .or_else(|| open_range(text, &tokens, start, mention))
            .or_else(|| since_range(&tokens, start, mention))
    });
    found.or_else(|| mentions.windows(2).find_map(|two| shared_year_range(text, &tokens, two)))
}

/// Returns the end date with which `text` begins, perhaps after a word such as "until": "to date", "until 2019".
pub(crate) fn leading_end(text: &str) -> Option<End> {
    let tokens = token::tokenize(text);
    let first = grammar::find_mentions(text, &tokens).into_iter().next()?;
    let before: String = tokens.get(..first.tokens.start)?.iter().filter_map(Token::word).collect();
    let begins = before.is_empty() && first.tokens.start <= 1 || vocabulary::leads_to_end(&before);
    let end = match first.date {
        DateValue::Date(date) => End::Date(date),
        DateValue::Present => End::Present,
        DateValue::Month(_) => return None,
    };
    begins.then_some(end)
}

/// Whether `text` contains a date with its year.
pub(crate) fn contains_date(text: &str) -> bool {
    grammar::find_mentions(text, &token::tokenize(text)).iter().any(|mention| as_date(mention).is_some())
}

/// Returns the folded words of `text` with their bytes.
pub(crate) fn words(text: &str) -> Vec<(String, Range<usize>)> {
    let words =
        token::tokenize(text).into_iter().filter_map(|token| Some((token.word()?.to_owned(), token.at.clone())));
    words.collect()
}

/// Returns the date of `text` with its bytes, if `text` has exactly one date and no range.
pub(crate) fn find_single(text: &str) -> Option<(PartialDate, Range<usize>)> {
    let mentions = grammar::find_mentions(text, &token::tokenize(text));
    let mut dates = mentions.iter().filter_map(|mention| Some((as_date(mention)?, mention.at.clone())));
    let only = dates.next()?;
    (dates.next().is_none() && find_range(text).is_none()).then_some(only)
}

/// Returns the date of a mention that names a year.
fn as_date(mention: &Mention) -> Option<PartialDate> {
    if let DateValue::Date(date) = mention.date { Some(date) } else { None }
}

/// Returns the range of two consecutive mentions, if a separator connects them.
fn range_of_pair(text: &str, tokens: &[Token], from: &Mention, to: &Mention) -> Option<DateRange> {
    let start = as_date(from)?;
    let end = match to.date {
        DateValue::Date(date) if is_academic_year(tokens, to) => End::Date(PartialDate { year: date.year + 1, ..date }),
        DateValue::Date(date) => End::Date(date),
        DateValue::Present => End::Present,
        DateValue::Month(_) => return None,
    };
    let adjacent = is_adjacent(tokens, from, to);
    let connected = is_range_separator(text, tokens, from, to) || end == End::Present && adjacent;
    connected.then(|| DateRange { start: (start, from.at.clone()), end: (end, to.at.clone()) })
}

/// Whether nothing but dots, commas and parentheses separates the two: "2019年3月至今" and columns of dates.
fn is_adjacent(tokens: &[Token], from: &Mention, to: &Mention) -> bool {
    tokens
        .get(from.tokens.end..to.tokens.start)
        .is_some_and(|between| between.iter().all(|token| token.is_mark(".,()")))
}

/// Whether the text between two mentions makes a range of them: a dash, a tab, or a word such as "until".
fn is_range_separator(text: &str, tokens: &[Token], from: &Mention, to: &Mention) -> bool {
    let Some(between) = tokens.get(from.tokens.end..to.tokens.start) else { return false };
    let mark = |token: &&Token| token.is_mark("-–—−‒―~〜～→>/…‐‑至");
    let words: String = between.iter().filter_map(Token::word).collect();
    let aside = |token: &Token| token.is_mark("-–—−‒―~〜～→>/….,'’()‐‑:") || token.word().is_some();
    let columns = between.is_empty() && text.get(from.at.end..to.at.start).is_some_and(|gap| gap.contains('\t'));
    let marked = words.is_empty() && between.iter().any(|token| mark(&token));
    between.iter().all(aside) && (marked || columns || !words.is_empty() && vocabulary::leads_to_end(&words))
}

/// Whether the mention has the form "2008/09".
fn is_academic_year(tokens: &[Token], mention: &Mention) -> bool {
    let written = tokens.get(mention.tokens.clone()).unwrap_or_default();
    let four = written.first().and_then(Token::number).is_some_and(|(_, digits)| digits == 4);
    four && written.get(1).is_some_and(|token| token.is_mark("/"))
        && as_date(mention).is_some_and(|date| date.month.is_none())
}

/// Whether the cell ends at the byte `at`: "2015 – 19" is a range, "2015 – 19 people" is not.
fn ends_cell(text: &str, at: usize) -> bool {
    text.get(at..).is_some_and(|rest| rest.is_empty() || rest.starts_with(['\t', '\n', ',', ')', ':', '|']))
}

/// Returns the range of a year with an end of two digits: "2019–21", "2019 – 21" and "2019/20".
fn abbreviated_end(text: &str, tokens: &[Token], start: PartialDate, from: &Mention) -> Option<DateRange> {
    if is_academic_year(tokens, from) {
        let end = PartialDate { year: start.year + 1, month: None };
        return Some(DateRange { start: (start, from.at.clone()), end: (End::Date(end), from.at.clone()) });
    }
    let mark = tokens.get(from.tokens.end).filter(|token| token.is_mark("-–—/"))?;
    let end = tokens.get(from.tokens.end + 1)?;
    let (value, _) = end.number().filter(|(_, digits)| *digits == 2)?;
    let year = start.year - start.year % 100 + i32::try_from(value).ok()?;
    let year = if year < start.year { year + 100 } else { year };
    let touching = mark.at.end == end.at.start;
    let spaced = !mark.is_mark("/") && ends_cell(text, end.at.end) && year > start.year;
    let is_plausible = (touching || spaced) && (0..=20).contains(&(year - start.year)) && start.month.is_none();
    let date = PartialDate { year, month: None };
    is_plausible.then(|| DateRange { start: (start, from.at.clone()), end: (End::Date(date), end.at.clone()) })
}

/// Returns the range of a start with a dash at the end of a line or a cell: "2019 –".
fn open_range(text: &str, tokens: &[Token], start: PartialDate, from: &Mention) -> Option<DateRange> {
    let dash = tokens.get(from.tokens.end).filter(|token| token.is_mark("-–—~〜～→"))?;
    let rest = text.get(dash.at.end..)?;
    let ends = rest.trim_matches([' ', ')', '.']).is_empty() || rest.starts_with(['\t', '\n']);
    ends.then(|| DateRange { start: (start, from.at.clone()), end: (End::Present, dash.at.clone()) })
}

/// Returns the range of a start after a word such as "since": "since 2019".
fn since_range(tokens: &[Token], start: PartialDate, from: &Mention) -> Option<DateRange> {
    let word = tokens.get(from.tokens.start.checked_sub(1)?)?;
    let begins = word.word().is_some_and(|word| vocabulary::is_since(word) && !matches!(word, "с" | "de" | "a" | "da"));
    begins.then(|| DateRange { start: (start, from.at.clone()), end: (End::Present, word.at.start..from.at.end) })
}

/// Returns the range of two months that share one year: "Mar – Aug 2020".
fn shared_year_range(text: &str, tokens: &[Token], two: &[Mention]) -> Option<DateRange> {
    let [from, to] = two else { return None };
    let (DateValue::Month(month), Some(end)) = (from.date, as_date(to)) else { return None };
    let start = PartialDate { year: end.year, month: Some(month) };
    let range = DateRange { start: (start, from.at.clone()), end: (End::Date(end), to.at.clone()) };
    is_range_separator(text, tokens, from, to).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first range of `text` as ISO 8601 dates, with "now" for the present.
    fn read(text: &str) -> Option<String> {
        let iso = |date: PartialDate| match date.month {
            Some(month) => format!("{}-{month:02}", date.year),
            None => date.year.to_string(),
        };
        let range = find_range(text)?;
        let end = if let End::Date(date) = range.end.0 { iso(date) } else { "now".into() };
        Some(format!("{} {end}", iso(range.start.0)))
    }

    #[test]
    fn ranges_are_found_in_the_forms_that_cvs_use() {
        let cases = [
            ("Mar 2020 – Present", "2020-03 now"),
            ("March 2018 to June, 2019", "2018-03 2019-06"),
            ("Sept. 2016 - Dec. 2017 (1 yr 4 mos)", "2016-09 2017-12"),
            ("01/2017 – 12/2018", "2017-01 2018-12"),
            ("1/2017-12/2018", "2017-01 2018-12"),
            ("03.2019 – heute", "2019-03 now"),
            ("15.03.2019 - 31.12.2020", "2019-03 2020-12"),
            ("03/15/2019 – 12/31/2020", "2019-03 2020-12"),
            ("2019-03 – 2021-10", "2019-03 2021-10"),
            ("2019-03-01/2021-10-31", "2019-03 2021-10"),
            ("2019.03 - 2021.10", "2019-03 2021-10"),
            ("2019. 3. ~ 2021. 10.", "2019-03 2021-10"),
            ("2019-2021", "2019 2021"),
            ("2019–21", "2019 2021"),
            ("2019 – 21\tEngineer", "2019 2021"),
            ("2019 - 21 people", ""),
            ("2008/09 – 2010/11", "2008 2011"),
            ("2019/20", "2019 2020"),
            ("Mar – Aug 2020", "2020-03 2020-08"),
            ("03–08/2020", "2020-03 2020-08"),
            ("Jan '19 – Feb '21", "2019-01 2021-02"),
            ("Illustrator ’17 – present", "2017 now"),
            ("’14 – ’16", "2014 2016"),
            ("songs of the '80s and '90s", ""),
            ("03/19 - 06/21", "2019-03 2021-06"),
            ("Spring 2019 – Fall 2020", "2019 2020"),
            ("Q1 2019 – Q3 2020", "2019 2020"),
            ("since 2019", "2019 now"),
            ("2019 –", "2019 now"),
            ("seit Oktober 2020", "2020-10 now"),
            ("1. Oktober 2014 bis 31. Dezember 2017", "2014-10 2017-12"),
            ("Juli 2017 bis dato", "2017-07 now"),
            ("février 2018 à août 2020", "2018-02 2020-08"),
            ("de janvier 2019 à aujourd’hui", "2019-01 now"),
            ("depuis septembre 2021", "2021-09 now"),
            ("enero de 2018 – actualidad", "2018-01 now"),
            ("desde marzo de 2015 hasta abril de 2018", "2015-03 2018-04"),
            ("da gennaio 2016 a oggi", "2016-01 now"),
            ("set. 2014 – dic. 2015", "2014-09 2015-12"),
            ("março de 2017 até dezembro de 2019", "2017-03 2019-12"),
            ("maart 2016 t/m oktober 2018", "2016-03 2018-10"),
            ("mei 2019 – heden", "2019-05 now"),
            ("styczeń 2018 – obecnie", "2018-01 now"),
            ("od lutego 2016 do maja 2019", "2016-02 2019-05"),
            ("Октябрь 2019 — настоящее время", "2019-10 now"),
            ("с марта 2015 по май 2018", "2015-03 2018-05"),
            ("по н.в. 2019", ""),
            ("01.2020 – по настоящее время", "2020-01 now"),
            ("2019年7月至今", "2019-07 now"),
            ("2016年4月 - 2019年6月", "2016-04 2019-06"),
            ("2016.04—2019.06", "2016-04 2019-06"),
            ("平成30年4月～令和3年3月", "2018-04 2021-03"),
            ("2019년 3월 ~ 현재", "2019-03 now"),
            ("مارس 2019 – الآن", "2019-03 now"),
            ("٢٠١٦ - ٢٠١٩", "2016 2019"),
            ("من يناير 2015 إلى ديسمبر 2018", "2015-01 2018-12"),
            ("תשרי", ""),
            ("מרץ 2020 - היום", "2020-03 now"),
            ("2020 - כיום", "2020 now"),
            ("Mart 2019 – Halen", "2019-03 now"),
            ("มีนาคม พ.ศ. 2562 – ปัจจุบัน", "2019-03 now"),
            ("۱۳۹۸ - ۱۴۰۰", "2019 2021"),
            ("+44 7700 900 461", ""),
            ("Cut costs from $2000 to $1950", ""),
            ("Won in 2019", ""),
            ("Handled 2000+ tickets, 1990 - 2000+ users", ""),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|(text, wanted)| (text, *wanted, read(text).unwrap_or_default()))
            .filter(|(_, wanted, found)| wanted != found)
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
