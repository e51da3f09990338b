//! From the order in which right-to-left words stand on the page to the order in which they read.
//!
//! Pages hold glyphs from left to right whatever the script. Reversing every right-to-left run
//! of the line, and the words when the line as a whole reads from the right, gives them back.

use super::words::PlacedWord;
use crate::read::letters;

/// `words`, given from left to right, in reading order; `rtl`: the line reads from the right.
pub fn logical(mut words: Vec<PlacedWord>, rtl: bool) -> Vec<PlacedWord> {
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

fn reverse_runs(words: &mut [PlacedWord], belongs: impl Fn(&PlacedWord) -> bool) {
    let mut start = 0;
    while start < words.len() {
        let run = words[start..].iter().take_while(|word| belongs(word)).count();
        words[start..start + run].reverse();
        start += run.max(1);
    }
}

/// The letters from the right; numbers and Latin within keep their order, brackets turn.
fn reversed(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut runs: Vec<Vec<char>> = Vec::new();
    for letter in letters {
        let keeps = !letters::is_rtl(letter) && letter.is_alphanumeric();
        match runs.last_mut() {
            Some(run) if keeps && run.iter().all(|l| !letters::is_rtl(*l) && l.is_alphanumeric()) => {
                run.push(letter);
            }
            // A mark follows its letter in reading order; on the page it comes with it.
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
