//! The sentences of employments with their words, folded once for all that is looked for in them.

use domain::Evidence;

use crate::{facts::Employment, lexicon::fold};

/// An employment with the words of its sentences.
pub(super) struct Told<'f> {
    pub job: &'f Employment,
    /// The words of its title.
    pub title: Vec<Word>,
    pub said: Vec<Said<'f>>,
}

impl<'f> Told<'f> {
    pub(super) fn of(job: &'f Employment) -> Self {
        let title = job.title.as_ref().map(|title| words(&title.value)).unwrap_or_default();
        Self { job, title, said: job.highlights.iter().map(Said::of).collect() }
    }
}

/// A passage with its words.
pub(super) struct Said<'f> {
    pub quote: &'f Evidence,
    pub words: Vec<Word>,
}

impl<'f> Said<'f> {
    fn of(quote: &'f Evidence) -> Self {
        Self { quote, words: words(quote.quote()) }
    }
}

/// A word as it is looked for.
pub(super) struct Word {
    pub folded: String,
    /// One or two small letters: no name of a skill.
    pub small: bool,
}

/// The words of `text`; signs that belong to names of techniques stay with them.
pub(super) fn words(text: &str) -> Vec<Word> {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || "+#.".contains(c)));
    let parts = parts.map(|word| word.trim_end_matches('.')).filter(|word| !word.is_empty());
    let small = |word: &str| word.chars().count() <= 2 && word.chars().all(|c| !c.is_uppercase());
    parts.map(|word| Word { folded: fold(word), small: small(word) }).collect()
}
