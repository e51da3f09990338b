//! The titles and highlights of employments as words, folded once for everything that is searched in them.

use domain::Evidence;

use crate::{facts::Employment, lexicon::fold};

/// An employment with the words of its title and its highlights.
pub(super) struct TokenizedEmployment<'f> {
    /// The employment itself.
    pub employment: &'f Employment,
    /// The words of its title; empty if it has none.
    pub title: Vec<Word>,
    /// Its highlights, in the CV's order.
    pub sentences: Vec<TokenizedSentence<'f>>,
}

impl<'f> TokenizedEmployment<'f> {
    /// Splits the title and the highlights of `employment` into words.
    pub(super) fn from_employment(employment: &'f Employment) -> Self {
        let title = employment.title.as_ref().map(|title| tokenize(&title.value)).unwrap_or_default();
        let sentences = employment.highlights.iter().map(TokenizedSentence::from_quote).collect();
        Self { employment, title, sentences }
    }
}

/// A passage with its words.
pub(super) struct TokenizedSentence<'f> {
    /// The passage.
    pub quote: &'f Evidence,
    /// Its words, in order.
    pub words: Vec<Word>,
}

impl<'f> TokenizedSentence<'f> {
    /// Splits `quote` into words.
    fn from_quote(quote: &'f Evidence) -> Self {
        Self { quote, words: tokenize(quote.quote()) }
    }
}

/// A word that a search compares.
pub(super) struct Word {
    /// The folded text.
    pub folded: String,
    /// Whether the word has one or two characters and none in uppercase. Such a word names no skill: "go", but not "Go".
    pub is_short_lowercase: bool,
}

/// Splits `text` into words. `+`, `#` and inner dots belong to a word ("C++", "node.js").
pub(super) fn tokenize(text: &str) -> Vec<Word> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || "+#.".contains(c)));
    let words = words.map(|word| word.trim_end_matches('.')).filter(|word| !word.is_empty());
    let is_short_lowercase = |word: &str| word.chars().count() <= 2 && word.chars().all(|c| !c.is_uppercase());
    words.map(|word| Word { folded: fold(word), is_short_lowercase: is_short_lowercase(word) }).collect()
}
