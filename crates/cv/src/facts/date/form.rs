//! The forms of a date, and where they stand.

use std::ops::Range;

use super::{
    PartialDate,
    token::{Kind, Token},
    vocabulary,
};

/// A date as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mention {
    pub date: Written,
    /// Its bytes.
    pub at: Range<usize>,
    /// Its tokens.
    pub tokens: Range<usize>,
}

/// How much of a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// A year, perhaps with its month.
    Date(PartialDate),
    /// A month, whose year another date has.
    Month(u8),
    /// It goes on.
    Present,
}

/// Every date of `tokens`, in their order.
pub(super) fn mentions(text: &str, tokens: &[Token]) -> Vec<Mention> {
    let calendar = Calendar::of(text, tokens);
    let mut found = Vec::new();
    let mut from = 0;
    while from < tokens.len() {
        let Some((date, used)) = calendar.date(tokens, from) else {
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

/// How years are counted in the text.
struct Calendar {
    /// Thai text counts from the death of the Buddha.
    buddhist: bool,
    /// Persian digits count from the Hijra, in years of the sun.
    persian: bool,
}

/// Nobody who applies has worked before.
const EARLIEST: i32 = 1940;
const LATEST: i32 = 2045;

impl Calendar {
    fn of(text: &str, tokens: &[Token]) -> Self {
        let thai = |word: &str| word.chars().any(|letter| ('\u{0E00}'..='\u{0E7F}').contains(&letter));
        let persian = text.chars().any(|letter| ('\u{06F0}'..='\u{06F9}').contains(&letter));
        Self { persian, buddhist: tokens.iter().filter_map(Token::word).any(thai) }
    }

    fn date(&self, tokens: &[Token], from: usize) -> Option<(Written, usize)> {
        let rest = tokens.get(from..)?;
        if from.checked_sub(1).and_then(|n| tokens.get(n)).is_some_and(|before| is_amount(before, rest)) {
            return None;
        }
        present(rest)
            .or_else(|| era(rest))
            .or_else(|| self.year_first(rest))
            .or_else(|| shortened(rest))
            .or_else(|| self.numeric(rest))
            .or_else(|| self.day_first(rest))
            .or_else(|| self.month_first(rest))
            .or_else(|| self.season(rest))
    }

    /// The year of four digits at the beginning of `rest`.
    fn year(&self, token: Option<&Token>) -> Option<i32> {
        let (value, digits) = token?.number()?;
        let value = i32::try_from(value).ok().filter(|_| digits == 4)?;
        let year = match value {
            2_400..=2_600 if self.buddhist => value - 543,
            1_320..=1_430 if self.persian => value + 621,
            _ => value,
        };
        (EARLIEST..=LATEST).contains(&year).then_some(year)
    }

    /// "2019", "2019-03", "2019-03-15", "2019年3月", "2019 March", "2019 Q3".
    fn year_first(&self, rest: &[Token]) -> Option<(Written, usize)> {
        let year = self.year(rest.first())?;
        let dated = |month: Option<u8>, used: usize| Some((Written::Date(PartialDate { year, month }), used));
        if rest.get(1).and_then(Token::word).is_some_and(|word| matches!(word, "年" | "년" | "년도")) {
            let month = rest.get(2).and_then(month_number);
            let marked = rest.get(3).and_then(Token::word).is_some_and(|word| matches!(word, "月" | "월"));
            return match month.filter(|_| marked) {
                Some(month) => dated(Some(month), 4),
                None => dated(None, 2),
            };
        }
        if self.is_next_year(rest) {
            return dated(None, 3);
        }
        if let Some((month, used)) = self.month_behind(rest) {
            return dated(Some(month), used);
        }
        let named = rest.get(1).and_then(Token::word).and_then(vocabulary::month);
        let free = self.year(rest.get(2)).is_none() && !rest.get(2).is_some_and(|token| token.is_mark("'’"));
        if let Some(month) = named.filter(|_| free && gap(rest, 0) <= 1) {
            return dated(Some(month), 2);
        }
        let quarter = rest.get(1).and_then(Token::word).is_some_and(|word| word == "q");
        if quarter && rest.get(2).and_then(Token::number).is_some_and(|(n, _)| (1..=4).contains(&n)) {
            return dated(None, 3);
        }
        dated(None, 1)
    }

    /// "2008/09": a year of a school or a season of a club.
    fn is_next_year(&self, rest: &[Token]) -> bool {
        let near = rest.get(1).is_some_and(|mark| mark.is_mark("/")) && gap(rest, 0) + gap(rest, 1) == 0;
        let next = rest.get(2).and_then(Token::number).filter(|(_, digits)| *digits == 2);
        let year = self.year(rest.first());
        near && year.zip(next).is_some_and(|(year, (next, _))| i32::try_from(next).is_ok_and(|n| n == (year + 1) % 100))
    }

    /// "-03" and "-03-15" behind a year.
    fn month_behind(&self, rest: &[Token]) -> Option<(u8, usize)> {
        let mark = rest.get(1).filter(|mark| mark.is_mark("-/.") && gap(rest, 0) == 0)?;
        let near = gap(rest, 1) == 0 || mark.is_mark(".") && gap(rest, 1) == 1;
        let month = rest.get(2).and_then(month_number).filter(|_| near)?;
        if self.is_next_year(rest) {
            return None;
        }
        let same = |token: &Token| token.kind == mark.kind;
        let day =
            rest.get(4).and_then(Token::number).is_some_and(|(day, digits)| digits <= 2 && (1..=31).contains(&day));
        let joined = rest.get(3).is_some_and(same) && gap(rest, 2) == 0 && gap(rest, 3) <= 1;
        Some((month, if day && joined { 5 } else { 3 }))
    }

    /// "03/2019", "15.03.2019", "03/15/2019", "03/19".
    fn numeric(&self, rest: &[Token]) -> Option<(Written, usize)> {
        let (first, digits) =
            rest.first()?.number().filter(|(value, digits)| *digits <= 2 && (1..=31).contains(value))?;
        let mark = rest.get(1).filter(|mark| mark.is_mark("/.-–") && gap(rest, 0) <= 1 && gap(rest, 1) <= 1)?;
        let dated = |year: i32, month: u32| {
            let month = u8::try_from(month).ok().filter(|month| (1..=12).contains(month));
            Written::Date(PartialDate { year, month })
        };
        if let Some(year) = self.year(rest.get(2)).filter(|_| first <= 12) {
            return Some((dated(year, first), 3));
        }
        let (second, width) = rest.get(2)?.number().filter(|(_, digits)| *digits <= 2)?;
        let again = rest.get(3).is_some_and(|token| token.kind == mark.kind) && gap(rest, 2) == 0 && gap(rest, 3) <= 1;
        if let Some(year) = self.year(rest.get(4)).filter(|_| again) {
            let month = if second <= 12 { second } else { first };
            return Some((dated(year, month), 5));
        }
        // "03–08/2020": two months of one year.
        let shared = rest.get(3).is_some_and(|token| token.is_mark("/.")) && self.year(rest.get(4)).is_some();
        if mark.is_mark("-–") && shared && first <= 12 && second <= 12 {
            return Some((Written::Month(u8::try_from(first).ok()?), 1));
        }
        let short = mark.is_mark("/") && digits == 2 && width == 2 && first <= 12 && gap(rest, 0) + gap(rest, 1) == 0;
        let alone = !rest.get(3).is_some_and(|token| token.is_mark("/%"));
        (short && alone).then(|| (dated(century(second), first), 3))
    }

    /// "15 March 2019", "1. März 2019", "15 de marzo de 2019".
    fn day_first(&self, rest: &[Token]) -> Option<(Written, usize)> {
        rest.first()?.number().filter(|(value, digits)| *digits <= 2 && (1..=31).contains(value))?;
        let skipped = 1 + rest.iter().skip(1).take(2).take_while(|token| is_between(token)).count();
        let (written, used) = self.month_first(rest.get(skipped..)?)?;
        matches!(written, Written::Date(_)).then_some((written, skipped + used))
    }

    /// "March 2019", "Mar. 2019", "marzo de 2019", "March 15, 2019", "Mar '19", and "Mar" alone.
    fn month_first(&self, rest: &[Token]) -> Option<(Written, usize)> {
        let (month, named) = named_month(rest)?;
        let dated = |year: i32, used: usize| Some((Written::Date(PartialDate { year, month: Some(month) }), used));
        let skipped = named + rest.iter().skip(named).take(4).take_while(|token| is_between(token)).count();
        if let Some(year) = self.year(rest.get(skipped)) {
            return dated(year, skipped + 1);
        }
        let day = rest.get(named).and_then(Token::number).is_some_and(|(day, digits)| digits <= 2 && day <= 31);
        if day {
            let skipped = named + 1 + rest.iter().skip(named + 1).take(2).take_while(|token| is_between(token)).count();
            if let Some(year) = self.year(rest.get(skipped)) {
                return dated(year, skipped + 1);
            }
        }
        let mark = rest.get(named).filter(|token| token.is_mark("'’-/"));
        let short = rest.get(named + 1).and_then(Token::number).filter(|(_, digits)| *digits == 2);
        if let (Some(_), Some((value, _))) = (mark, short) {
            return dated(century(value), named + 2);
        }
        if let Some((value, 2)) = rest.get(named).and_then(Token::number).filter(|(value, _)| *value > 31 || *value < 3)
        {
            return dated(century(value), named + 1);
        }
        Some((Written::Month(month), named))
    }

    /// "Spring 2019", "Q3 2019", "WS 2012/13".
    fn season(&self, rest: &[Token]) -> Option<(Written, usize)> {
        rest.first()?.word().filter(|word| vocabulary::is_season(word))?;
        let skip =
            |token: &&Token| is_between(token) || token.is_mark("/'") || matches!(token.number(), Some((1..=4, 1)));
        let skipped = 1 + rest.iter().skip(1).take(2).take_while(skip).count();
        let year = self.year(rest.get(skipped))?;
        Some((Written::Date(PartialDate { year, month: None }), skipped + 1))
    }
}

/// "'17": the last two digits of a year behind an apostrophe.
fn shortened(rest: &[Token]) -> Option<(Written, usize)> {
    rest.first().filter(|mark| mark.is_mark("'’‘"))?;
    let (value, _) = rest.get(1)?.number().filter(|(_, digits)| *digits == 2 && gap(rest, 0) == 0)?;
    // "the '90s"
    if rest.get(2).is_some_and(|next| next.word().is_some() && gap(rest, 1) == 0) {
        return None;
    }
    Some((Written::Date(PartialDate { year: century(value), month: None }), 2))
}

/// "$2000", "2000+", "2000 %": no years.
fn is_amount(before: &Token, rest: &[Token]) -> bool {
    let after = rest.get(1).filter(|_| gap(rest, 0) == 0);
    let near = rest.first().is_some_and(|token| before.at.end == token.at.start);
    near && before.is_mark("$€£¥#") || after.is_some_and(|mark| mark.is_mark("+%€$"))
}

/// The white space and anything else between token `n` and the next one, in bytes.
fn gap(tokens: &[Token], n: usize) -> usize {
    match (tokens.get(n), tokens.get(n + 1)) {
        (Some(one), Some(next)) => next.at.start.saturating_sub(one.at.end),
        // Far, and still fit to be added to.
        _ => usize::MAX / 4,
    }
}

fn century(year: u32) -> i32 {
    let year = i32::try_from(year).unwrap_or(0);
    if year < 45 { 2_000 + year } else { 1_900 + year }
}

fn month_number(token: &Token) -> Option<u8> {
    let (value, digits) = token.number()?;
    u8::try_from(value).ok().filter(|month| digits <= 2 && (1..=12).contains(month))
}

/// A month's name, of one word or two.
fn named_month(rest: &[Token]) -> Option<(u8, usize)> {
    let first = rest.first()?.word()?;
    let second = rest.get(1).and_then(Token::word).map(|second| format!("{first}_{second}"));
    let both = second.and_then(|joined| vocabulary::month(&joined)).map(|month| (month, 2));
    let (month, used) = both.or_else(|| vocabulary::month(first).map(|month| (month, 1)))?;
    Some((month, used + usize::from(rest.get(used).is_some_and(|token| token.is_mark(".")))))
}

fn is_between(token: &Token) -> bool {
    token.is_mark(".,/-") || token.word().is_some_and(vocabulary::is_of)
}

/// "令和3年4月": years of the Japanese eras since 1926.
fn era(rest: &[Token]) -> Option<(Written, usize)> {
    let word = |n: usize| rest.get(n).and_then(Token::word);
    let first_year = match (word(0)?, word(1)?) {
        ("昭", "和") => 1_926,
        ("平", "成") => 1_989,
        ("令", "和") => 2_019,
        _ => return None,
    };
    let of_era = match rest.get(2)?.kind {
        Kind::Number(n, digits) if digits <= 2 => i32::try_from(n).ok()?,
        Kind::Word(ref first) if first == "元" => 1,
        _ => return None,
    };
    let year = first_year + of_era - 1;
    let month = rest.get(4).and_then(month_number).filter(|_| word(3) == Some("年") && word(5) == Some("月"));
    let used = if month.is_some() { 6 } else { 3 + usize::from(word(3) == Some("年")) };
    Some((Written::Date(PartialDate { year, month }), used))
}

/// "present", "to date", "至今": the longest of them that begins `rest`.
fn present(rest: &[Token]) -> Option<(Written, usize)> {
    let joined = |used: &usize| -> String { rest.iter().take(*used).filter_map(Token::word).collect() };
    let words = |used: &usize| {
        let part = rest.get(..*used).unwrap_or_default();
        part.len() == *used && part.last().is_some_and(|token| token.word().is_some())
    };
    rest.first()?.word()?;
    let longest = vocabulary::LONGEST_PRESENT + 2;
    let used = (1..=longest).rev().filter(words).find(|used| vocabulary::is_present(&joined(used)))?;
    Some((Written::Present, used))
}
