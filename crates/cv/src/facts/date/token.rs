//! Text as numbers, words and marks, each with its bytes.

use std::ops::Range;

use crate::lexicon::{fold, is_unspaced};

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number and how many digits it has.
    Number(u32, usize),
    /// A word, folded. Letters of scripts without spaces are words of their own.
    Word(String),
    /// Anything else but white space.
    Mark(char),
}

/// A token and its bytes.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub at: Range<usize>,
}

impl Token {
    pub(super) fn number(&self) -> Option<(u32, usize)> {
        if let Kind::Number(value, digits) = self.kind { Some((value, digits)) } else { None }
    }

    pub(super) fn word(&self) -> Option<&str> {
        if let Kind::Word(word) = &self.kind { Some(word) } else { None }
    }

    pub(super) fn is_mark(&self, marks: &str) -> bool {
        matches!(self.kind, Kind::Mark(mark) if marks.contains(mark))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Digit,
    Letter,
    Alone,
    Space,
}

fn class(letter: char) -> Class {
    match letter {
        _ if digit(letter).is_some() => Class::Digit,
        _ if letter.is_whitespace() || matches!(letter, '\u{200B}'..='\u{200F}') => Class::Space,
        _ if is_unspaced(letter) && !('\u{0E00}'..='\u{0E7F}').contains(&letter) => Class::Alone,
        _ if letter.is_alphabetic() || unicode_normalization::char::is_combining_mark(letter) => Class::Letter,
        _ => Class::Alone,
    }
}

/// The value of a digit of any script that CVs come in.
pub(super) fn digit(letter: char) -> Option<u32> {
    const ZEROS: [char; 6] = ['\u{0660}', '\u{06F0}', '\u{0966}', '\u{09E6}', '\u{0E50}', '\u{FF10}'];
    let other = || ZEROS.iter().find_map(|zero| u32::from(letter).checked_sub(u32::from(*zero)).filter(|n| *n < 10));
    letter.to_digit(10).or_else(other)
}

/// The tokens of `text`.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        let own = class(letter);
        let mut end = start + letter.len_utf8();
        while own != Class::Alone && letters.peek().is_some_and(|(_, next)| class(*next) == own) {
            if let Some((at, next)) = letters.next() {
                end = at + next.len_utf8();
            }
        }
        let part = text.get(start..end).unwrap_or_default();
        let kind = match own {
            Class::Space => continue,
            Class::Digit => Kind::Number(value(part), part.chars().count()),
            Class::Letter => Kind::Word(fold(part)),
            Class::Alone if is_unspaced(letter) => Kind::Word(fold(part)),
            Class::Alone => Kind::Mark(letter),
        };
        found.push(Token { kind, at: start..end });
    }
    found
}

fn value(digits: &str) -> u32 {
    digits.chars().filter_map(digit).fold(0, |value: u32, digit| value.saturating_mul(10).saturating_add(digit))
}
