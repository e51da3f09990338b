//! The grammar of single dates: which sequences of tokens are a date.

use std::ops::Range;

use super::{
    PartialDate,
    token::{Token, TokenKind},
    vocabulary,
};

/// A date that the text mentions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mention {
    /// What the text states of the date.
    pub date: DateValue,
    /// Its bytes in the text.
    pub at: Range<usize>,
    /// Its positions in the list of tokens.
    pub tokens: Range<usize>,
}

/// The part of a date that the text states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateValue {
    /// A year, or a month of a year.
    Date(PartialDate),
    /// A month without a year: the other date of the range has it.
    Month(u8),
    /// The present ("today", "ongoing").
    Present,
}

/// Finds every date of `tokens`, in their order.
pub(super) fn find_mentions(text: &str, tokens: &[Token]) -> Vec<Mention> {
    let calendar = Calendar::detect(text, tokens);
    let mut found = Vec::new();
    let mut from = 0;
    while from < tokens.len() {
        let Some((date, used)) = calendar.parse(tokens, from) else {
            from += 1;
            continue;
        };
        let bytes = |tokens: &[Token]| Some(tokens.first()?.at.start..tokens.last()?.at.end);
        found.extend(tokens.get(from..from + used).and_then(bytes).map(|at| Mention {
            date,
            at,
            tokens: from..from + used,
        }));
        from += used;
    }
    found
}

/// The calendars, besides the Gregorian one, that the text may count its years in.
struct Calendar {
    /// Thai text counts years from the death of the Buddha.
    buddhist: bool,
    /// Text with Persian digits counts solar years from the Hijra.
    persian: bool,
}

/// Smaller numbers are no years: no applicant worked before.
const MIN_YEAR: i32 = 1940;
/// Larger numbers are no years.
const MAX_YEAR: i32 = 2045;

impl Calendar {
    /// Detects the calendars by the script of the text and its digits.
    fn detect(text: &str, tokens: &[Token]) -> Self {
        let thai = |word: &str| word.chars().any(|letter| ('\u{0E00}'..='\u{0E7F}').contains(&letter));
        let persian = text.chars().any(|letter| ('\u{06F0}'..='\u{06F9}').contains(&letter));
        Self { persian, buddhist: tokens.iter().filter_map(Token::word).any(thai) }
    }

    /// Parses the date that begins with the token `from`; returns it with the number of its tokens.
    fn parse(&self, tokens: &[Token], from: usize) -> Option<(DateValue, usize)> {
        let rest = tokens.get(from..)?;
        if from.checked_sub(1).and_then(|n| tokens.get(n)).is_some_and(|before| is_amount(before, rest)) {
            return None;
        }
        parse_present(rest)
            .or_else(|| parse_japanese_era(rest))
            .or_else(|| self.parse_year_first(rest))
            .or_else(|| parse_apostrophe_year(rest))
            .or_else(|| self.parse_numeric(rest))
            .or_else(|| self.parse_day_first(rest))
            .or_else(|| self.parse_month_first(rest))
            .or_else(|| self.parse_season(rest))
    }

    /// Returns the Gregorian year that a token of four digits names.
    fn year(&self, token: Option<&Token>) -> Option<i32> {
        let (value, digits) = token?.number()?;
        let value = i32::try_from(value).ok().filter(|_| digits == 4)?;
        let year = match value {
            2_400..=2_600 if self.buddhist => value - 543,
            1_320..=1_430 if self.persian => value + 621,
            _ => value,
        };
        (MIN_YEAR..=MAX_YEAR).contains(&year).then_some(year)
    }

    /// Parses a date that begins with its year: "2019", "2019-03", "2019-03-15", "2019年3月", "2019 March", "2019 Q3".
    fn parse_year_first(&self, rest: &[Token]) -> Option<(DateValue, usize)> {
        let year = self.year(rest.first())?;
        let with_month = |month: Option<u8>, used: usize| Some((DateValue::Date(PartialDate { year, month }), used));
        if rest.get(1).and_then(Token::word).is_some_and(|word| matches!(word, "年" | "년" | "년도")) {
            let month = rest.get(2).and_then(month_number);
            let marked = rest.get(3).and_then(Token::word).is_some_and(|word| matches!(word, "月" | "월"));
            return match month.filter(|_| marked) {
                Some(month) => with_month(Some(month), 4),
                None => with_month(None, 2),
            };
        }
        if self.is_academic_year(rest) {
            return with_month(None, 3);
        }
        if let Some((month, used)) = self.month_after_year(rest) {
            return with_month(Some(month), used);
        }
        let named = rest.get(1).and_then(Token::word).and_then(vocabulary::month);
        let free = self.year(rest.get(2)).is_none() && !rest.get(2).is_some_and(|token| token.is_mark("'’"));
        if let Some(month) = named.filter(|_| free && gap_bytes(rest, 0) <= 1) {
            return with_month(Some(month), 2);
        }
        let quarter = rest.get(1).and_then(Token::word).is_some_and(|word| word == "q");
        if quarter && rest.get(2).and_then(Token::number).is_some_and(|(n, _)| (1..=4).contains(&n)) {
            return with_month(None, 3);
        }
        with_month(None, 1)
    }

    /// Whether `rest` begins with an academic year or a season of a sport: "2008/09".
    fn is_academic_year(&self, rest: &[Token]) -> bool {
        let adjacent =
            rest.get(1).is_some_and(|mark| mark.is_mark("/")) && gap_bytes(rest, 0) + gap_bytes(rest, 1) == 0;
        let next = rest.get(2).and_then(Token::number).filter(|(_, digits)| *digits == 2);
        let year = self.year(rest.first());
        adjacent
            && year.zip(next).is_some_and(|(year, (next, _))| i32::try_from(next).is_ok_and(|n| n == (year + 1) % 100))
    }

    /// Parses "-03" and "-03-15" after a year; returns the month and the number of tokens including the year.
    fn month_after_year(&self, rest: &[Token]) -> Option<(u8, usize)> {
        let mark = rest.get(1).filter(|mark| mark.is_mark("-/.") && gap_bytes(rest, 0) == 0)?;
        let adjacent = gap_bytes(rest, 1) == 0 || mark.is_mark(".") && gap_bytes(rest, 1) == 1;
        let month = rest.get(2).and_then(month_number).filter(|_| adjacent)?;
        if self.is_academic_year(rest) {
            return None;
        }
        let same = |token: &Token| token.kind == mark.kind;
        let day =
            rest.get(4).and_then(Token::number).is_some_and(|(day, digits)| digits <= 2 && (1..=31).contains(&day));
        let joined = rest.get(3).is_some_and(same) && gap_bytes(rest, 2) == 0 && gap_bytes(rest, 3) <= 1;
        Some((month, if day && joined { 5 } else { 3 }))
    }

    /// Parses a date of numbers that ends with its year: "03/2019", "15.03.2019", "03/15/2019", "03/19".
    fn parse_numeric(&self, rest: &[Token]) -> Option<(DateValue, usize)> {
        let (first, digits) =
            rest.first()?.number().filter(|(value, digits)| *digits <= 2 && (1..=31).contains(value))?;
        let mark =
            rest.get(1).filter(|mark| mark.is_mark("/.-–") && gap_bytes(rest, 0) <= 1 && gap_bytes(rest, 1) <= 1)?;
        let dated = |year: i32, month: u32| {
            let month = u8::try_from(month).ok().filter(|month| (1..=12).contains(month));
            DateValue::Date(PartialDate { year, month })
        };
        if let Some(year) = self.year(rest.get(2)).filter(|_| first <= 12) {
            return Some((dated(year, first), 3));
        }
        let (second, width) = rest.get(2)?.number().filter(|(_, digits)| *digits <= 2)?;
        let again = rest.get(3).is_some_and(|token| token.kind == mark.kind)
            && gap_bytes(rest, 2) == 0
            && gap_bytes(rest, 3) <= 1;
        if let Some(year) = self.year(rest.get(4)).filter(|_| again) {
            let month = if second <= 12 { second } else { first };
            return Some((dated(year, month), 5));
        }
        // "03–08/2020": two months of the same year.
        let shared = rest.get(3).is_some_and(|token| token.is_mark("/.")) && self.year(rest.get(4)).is_some();
        if mark.is_mark("-–") && shared && first <= 12 && second <= 12 {
            return Some((DateValue::Month(u8::try_from(first).ok()?), 1));
        }
        let short = mark.is_mark("/")
            && digits == 2
            && width == 2
            && first <= 12
            && gap_bytes(rest, 0) + gap_bytes(rest, 1) == 0;
        let alone = !rest.get(3).is_some_and(|token| token.is_mark("/%"));
        (short && alone).then(|| (dated(expand_year(second), first), 3))
    }

    /// Parses a date that begins with the day: "15 March 2019", "1. März 2019", "15 de marzo de 2019".
    fn parse_day_first(&self, rest: &[Token]) -> Option<(DateValue, usize)> {
        rest.first()?.number().filter(|(value, digits)| *digits <= 2 && (1..=31).contains(value))?;
        let skipped = 1 + rest.iter().skip(1).take(2).take_while(|token| is_connector(token)).count();
        let (written, used) = self.parse_month_first(rest.get(skipped..)?)?;
        matches!(written, DateValue::Date(_)).then_some((written, skipped + used))
    }

    /// Parses a date that begins with the name of its month: "March 2019", "Mar. 2019", "marzo de 2019", "March 15,
    /// 2019", "Mar '19", and "Mar" alone.
    fn parse_month_first(&self, rest: &[Token]) -> Option<(DateValue, usize)> {
        let (month, named) = parse_month_name(rest)?;
        let dated = |year: i32, used: usize| Some((DateValue::Date(PartialDate { year, month: Some(month) }), used));
        let skipped = named + rest.iter().skip(named).take(4).take_while(|token| is_connector(token)).count();
        if let Some(year) = self.year(rest.get(skipped)) {
            return dated(year, skipped + 1);
        }
        let day = rest.get(named).and_then(Token::number).is_some_and(|(day, digits)| digits <= 2 && day <= 31);
        if day {
            let skipped =
                named + 1 + rest.iter().skip(named + 1).take(2).take_while(|token| is_connector(token)).count();
            if let Some(year) = self.year(rest.get(skipped)) {
                return dated(year, skipped + 1);
            }
        }
        let mark = rest.get(named).filter(|token| token.is_mark("'’-/"));
        let short = rest.get(named + 1).and_then(Token::number).filter(|(_, digits)| *digits == 2);
        if let (Some(_), Some((value, _))) = (mark, short) {
            return dated(expand_year(value), named + 2);
        }
        if let Some((value, 2)) = rest.get(named).and_then(Token::number).filter(|(value, _)| *value > 31 || *value < 3)
        {
            return dated(expand_year(value), named + 1);
        }
        Some((DateValue::Month(month), named))
    }

    /// Parses a season, quarter or term with its year: "Spring 2019", "Q3 2019", "WS 2012/13".
    fn parse_season(&self, rest: &[Token]) -> Option<(DateValue, usize)> {
        rest.first()?.word().filter(|word| vocabulary::is_season(word))?;
        let skip =
            |token: &&Token| is_connector(token) || token.is_mark("/'") || matches!(token.number(), Some((1..=4, 1)));
        let skipped = 1 + rest.iter().skip(1).take(2).take_while(skip).count();
        let year = self.year(rest.get(skipped))?;
        Some((DateValue::Date(PartialDate { year, month: None }), skipped + 1))
    }
}

/// Parses the last two digits of a year after an apostrophe: "'17".
fn parse_apostrophe_year(rest: &[Token]) -> Option<(DateValue, usize)> {
    rest.first().filter(|mark| mark.is_mark("'’‘"))?;
    let (value, _) = rest.get(1)?.number().filter(|(_, digits)| *digits == 2 && gap_bytes(rest, 0) == 0)?;
    // "the '90s" is a decade.
    if rest.get(2).is_some_and(|next| next.word().is_some() && gap_bytes(rest, 1) == 0) {
        return None;
    }
    Some((DateValue::Date(PartialDate { year: expand_year(value), month: None }), 2))
}

/// Whether the number with which `rest` begins is an amount and no year: "$2000", "2000+", "2000 %".
fn is_amount(before: &Token, rest: &[Token]) -> bool {
    let after = rest.get(1).filter(|_| gap_bytes(rest, 0) == 0);
    let adjacent = rest.first().is_some_and(|token| before.at.end == token.at.start);
    adjacent && before.is_mark("$€£¥#") || after.is_some_and(|mark| mark.is_mark("+%€$"))
}

/// Returns the number of bytes between token `n` and the next one; a very large number if there is none.
fn gap_bytes(tokens: &[Token], n: usize) -> usize {
    match (tokens.get(n), tokens.get(n + 1)) {
        (Some(one), Some(next)) => next.at.start.saturating_sub(one.at.end),
        // Callers add two gaps, which must not overflow.
        _ => usize::MAX / 4,
    }
}

/// Expands a year of two digits: 0 to 44 are of this century, the others of the last one.
fn expand_year(year: u32) -> i32 {
    let year = i32::try_from(year).unwrap_or(0);
    if year < 45 { 2_000 + year } else { 1_900 + year }
}

/// Returns the number of a token of one or two digits, if it is a month.
fn month_number(token: &Token) -> Option<u8> {
    let (value, digits) = token.number()?;
    u8::try_from(value).ok().filter(|month| digits <= 2 && (1..=12).contains(month))
}

/// Parses the name of a month, of one or two words; returns the month and the number of tokens.
fn parse_month_name(rest: &[Token]) -> Option<(u8, usize)> {
    let first = rest.first()?.word()?;
    let second = rest.get(1).and_then(Token::word).map(|second| format!("{first}_{second}"));
    let both = second.and_then(|joined| vocabulary::month(&joined)).map(|month| (month, 2));
    let (month, used) = both.or_else(|| vocabulary::month(first).map(|month| (month, 1)))?;
    Some((month, used + usize::from(rest.get(used).is_some_and(|token| token.is_mark(".")))))
}

/// Whether `token` may stand between the day, the month and the year of a date.
fn is_connector(token: &Token) -> bool {
    token.is_mark(".,/-") || token.word().is_some_and(vocabulary::is_date_connector)
}

/// Parses a year, and perhaps month, of the Japanese eras since 1926: "令和3年4月".
fn parse_japanese_era(rest: &[Token]) -> Option<(DateValue, usize)> {
    let word = |n: usize| rest.get(n).and_then(Token::word);
    let first_year = match (word(0)?, word(1)?) {
        ("昭", "和") => 1_926,
        ("平", "成") => 1_989,
        ("令", "和") => 2_019,
        _ => return None,
    };
    let of_era = match rest.get(2)?.kind {
        TokenKind::Number(n, digits) if digits <= 2 => i32::try_from(n).ok()?,
        TokenKind::Word(ref first) if first == "元" => 1,
        _ => return None,
    };
    let year = first_year + of_era - 1;
    let month = rest.get(4).and_then(month_number).filter(|_| word(3) == Some("年") && word(5) == Some("月"));
    let used = if month.is_some() { 6 } else { 3 + usize::from(word(3) == Some("年")) };
    Some((DateValue::Date(PartialDate { year, month }), used))
}

/// Parses the longest expression for the present that begins `rest`: "present", "to date", "至今".
fn parse_present(rest: &[Token]) -> Option<(DateValue, usize)> {
    let joined = |used: &usize| -> String { rest.iter().take(*used).filter_map(Token::word).collect() };
    let words = |used: &usize| {
        let first = rest.get(..*used).unwrap_or_default();
        first.len() == *used && first.last().is_some_and(|token| token.word().is_some())
    };
    rest.first()?.word()?;
    let longest = vocabulary::MAX_PRESENT_WORDS + 2;
    let used = (1..=longest).rev().filter(words).find(|used| vocabulary::is_present(&joined(used)))?;
    Some((DateValue::Present, used))
}
