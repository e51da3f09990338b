//! Education: degrees with where and when.

use super::{Fact, date, fact, row::Row};

/// One course of education.
#[derive(Clone, Debug, PartialEq)]
pub struct Education {
    /// What was learned, with its level.
    pub degree: Fact<String>,
    /// Where and when, as the lines around it say.
    pub around: Vec<Fact<String>>,
    /// How high it is.
    pub level: Option<Level>,
}

/// Levels of education, from the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A trade, learned in it.
    Vocational,
    /// Bachelor and what is like it.
    Bachelor,
    /// Master and what is like it.
    Master,
    /// A doctorate.
    Doctorate,
}

const LEVELS: [(Level, &str); 4] = [
    (Level::Doctorate, "phd|ph.d|dphil|doctor|doktor|dr. |dottorat|doutora|docteur|博士|دكتوراه|דוקטור"),
    (
        Level::Master,
        "master|msc|m.sc|m.a.|m.s.|meng|mba|magister|magistrale|máster|mestrado|diplom-|diplôme d'ingénieur|硕士|ماجستير|תואר שני",
    ),
    (
        Level::Bachelor,
        "bachelor|bsc|b.sc|b.a.|b.s.|beng|b.eng|licenciatura|licence|laurea|grado en|b.tech|学士|本科|بكالوريوس|תואר ראשון",
    ),
    (
        Level::Vocational,
        "ausbildung zu|vocational|apprenticeship|hbo|mbo|diploma|bts|dut|técnico superior|formación profesional|perito",
    ),
];

/// The level that `text` names.
fn level(text: &str) -> Option<Level> {
    let text = text.to_lowercase();
    let begins = |(at, _): (usize, &str)| {
        !text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(char::is_alphabetic)
    };
    let named = |words: &str| words.split('|').any(|word| text.match_indices(word).any(begins));
    LEVELS.iter().find(|(_, words)| named(words)).map(|(level, _)| *level)
}

/// What the rows of the education sections tell: an entry at each row that names a degree, or where
/// none does at the first row.
pub(crate) fn entries(rows: &[Row<'_>]) -> Vec<Education> {
    let mut degrees: Vec<usize> = (0..rows.len()).filter(|n| level(rows[*n].text).is_some()).collect();
    if degrees.is_empty() && !rows.is_empty() {
        degrees.push(0);
    }
    // Where the first degree has a row above it, schools stand above degrees.
    let above = degrees.first().is_some_and(|first| *first > 0);
    let entry = |(k, at): (usize, &usize)| {
        let next = degrees.get(k + 1).map_or(rows.len(), |next| next - usize::from(above));
        let before = rows[..*at].iter().rev().take(usize::from(above));
        let after = rows[at + 1..next.max(at + 1)].iter().take(2).take_while(|row| is_short(row));
        let around = before.chain(after).filter_map(Row::whole).map(fact).collect();
        Some(Education { degree: fact(rows[*at].whole()?), around, level: level(rows[*at].text) })
    };
    degrees.iter().enumerate().filter_map(entry).collect()
}

fn is_short(row: &Row<'_>) -> bool {
    !row.is_bullet() && (row.text.split_whitespace().count() <= 8 || date::range(row.text).is_some())
}
