//! Splits text into numbers, words and marks.

use std::ops::Range;

use crate::lexicon::{fold, is_unspaced_script};

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A number and the number of its digits.
    Number(u32, usize),
    /// A folded word. In Chinese and Japanese each character is a word.
    Word(String),
    /// Any other character that is not white space.
    Mark(char),
}

/// A token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: TokenKind,
    /// Its bytes in the text.
    pub at: Range<usize>,
}

impl Token {
    /// Returns the value and the number of digits of a number.
    pub(super) fn number(&self) -> Option<(u32, usize)> {
        if let TokenKind::Number(value, digits) = self.kind { Some((value, digits)) } else { None }
    }

    /// Returns the folded text of a word.
    pub(super) fn word(&self) -> Option<&str> {
        if let TokenKind::Word(word) = &self.kind { Some(word) } else { None }
    }

    /// Whether the token is one of the characters `marks`.
    pub(super) fn is_mark(&self, marks: &str) -> bool {
        matches!(self.kind, TokenKind::Mark(mark) if marks.contains(mark))
    }
}

/// Characters of one class next to each other form one token, except those of `Single`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CharClass {
    Digit,
    Letter,
    /// A token of its own: a mark, or a character of a script that puts no spaces between words.
    Single,
    Space,
}

fn char_class(letter: char) -> CharClass {
    match letter {
        _ if digit_value(letter).is_some() => CharClass::Digit,
        _ if letter.is_whitespace() || matches!(letter, '\u{200B}'..='\u{200F}') => CharClass::Space,
        _ if is_unspaced_script(letter) && !('\u{0E00}'..='\u{0E7F}').contains(&letter) => CharClass::Single,
        _ if letter.is_alphabetic() || unicode_normalization::char::is_combining_mark(letter) => CharClass::Letter,
        _ => CharClass::Single,
    }
}

/// Returns the value of a decimal digit of the scripts that CVs use.
pub(super) fn digit_value(letter: char) -> Option<u32> {
    const ZEROS: [char; 6] = ['\u{0660}', '\u{06F0}', '\u{0966}', '\u{09E6}', '\u{0E50}', '\u{FF10}'];
    let other = || ZEROS.iter().find_map(|zero| u32::from(letter).checked_sub(u32::from(*zero)).filter(|n| *n < 10));
    letter.to_digit(10).or_else(other)
}

/// Splits `text` into its tokens.
pub(super) fn tokenize(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        let this = char_class(letter);
        let mut end = start + letter.len_utf8();
        while this != CharClass::Single && letters.peek().is_some_and(|(_, next)| char_class(*next) == this) {
            if let Some((at, next)) = letters.next() {
                end = at + next.len_utf8();
            }
        }
        let word = text.get(start..end).unwrap_or_default();
        let kind = match this {
            CharClass::Space => continue,
            CharClass::Digit => TokenKind::Number(value(word), word.chars().count()),
            CharClass::Letter => TokenKind::Word(fold(word)),
            CharClass::Single if is_unspaced_script(letter) => TokenKind::Word(fold(word)),
            CharClass::Single => TokenKind::Mark(letter),
        };
        found.push(Token { kind, at: start..end });
    }
    found
}

/// Returns the value of a sequence of digits; saturates at `u32::MAX`.
fn value(digits: &str) -> u32 {
    digits.chars().filter_map(digit_value).fold(0, |value: u32, digit| value.saturating_mul(10).saturating_add(digit))
}
