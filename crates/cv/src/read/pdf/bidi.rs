//! Converts right-to-left words from visual to logical order.
//!
//! Pages store glyphs from left to right whatever the script. Reversing every right-to-left run of the
//! line, and the words if the line as a whole reads from the right, restores the logical order.

use super::words::PlacedWord;
use crate::read::letters;

/// Reorders `words` from left-to-right to reading order. `rtl`: whether the line as a whole reads from the
/// right.
pub fn to_logical(mut words: Vec<PlacedWord>, rtl: bool) -> Vec<PlacedWord> {
    for word in &mut words {
        if word.text.chars().any(letters::is_rtl) {
            word.text = reversed(&word.text);
        }
    }
    if rtl {
        words.reverse();
        reverse_runs(&mut words, |word| !has_rtl(word) && has_strong(word));
    } else {
        reverse_runs(&mut words, has_rtl);
    }
    words
}

fn has_rtl(word: &PlacedWord) -> bool {
    word.text.chars().any(letters::is_rtl)
}

fn has_strong(word: &PlacedWord) -> bool {
    word.text.chars().any(char::is_alphanumeric)
}

fn reverse_runs(words: &mut [PlacedWord], is_in_run: impl Fn(&PlacedWord) -> bool) {
    let mut start = 0;
    while start < words.len() {
        let run = words[start..].iter().take_while(|word| is_in_run(word)).count();
        words[start..start + run].reverse();
        start += run.max(1);
    }
}

/// Reverses the letters, but keeps the order of numbers and Latin letters, and mirrors brackets.
fn reversed(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut runs: Vec<Vec<char>> = Vec::new();
    for letter in letters {
        let keeps = !letters::is_rtl(letter) && letter.is_alphanumeric();
        match runs.last_mut() {
            Some(run) if keeps && run.iter().all(|l| !letters::is_rtl(*l) && l.is_alphanumeric()) => {
                run.push(letter);
            }
            // A combining mark is a run of its own; it follows its letter in logical order.
            _ => runs.push(vec![letter]),
        }
    }
    runs.iter().rev().flatten().map(|letter| mirrored(*letter)).collect()
}

fn mirrored(letter: char) -> char {
    match letter {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        other => other,
    }
}
