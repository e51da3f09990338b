//! The sentences of the CV that the card repeats.
//!
//! Chosen by what the person did last, by numbers, by the skills and must-haves that a sentence
//! names, and for variety by maximal marginal relevance (Carbonell & Goldstein 1998). Points are
//! whole numbers, so that every machine chooses alike.

use std::collections::HashSet;

use domain::Evidence;

use super::{
    needs::{self, Wanted},
    said::{Said, Told},
};
use crate::{
    facts::Fact,
    lexicon::{fold, words},
};

/// More of them nobody reads.
const MOST: usize = 5;
/// Sentences that share this share of their words, of 100, say the same.
const ALIKE: usize = 60;

struct Candidate<'f> {
    quote: &'f Evidence,
    points: i32,
    words: HashSet<String>,
}

/// At most five sentences of `jobs`, which are ordered from the last on; the best first.
pub(super) fn choose<'f>(jobs: &[Told<'f>], skills: &[Fact<String>], must_haves: &[String]) -> Vec<&'f Evidence> {
    let must_haves: Vec<Vec<Wanted>> = must_haves.iter().map(|need| needs::wanted(need)).collect();
    let skills: HashSet<String> = skills.iter().map(|skill| fold(&skill.value)).collect();
    let sentences = jobs.iter().enumerate().flat_map(|(n, told)| told.said.iter().map(move |said| (n, said)));
    let mut left: Vec<Candidate<'f>> = sentences.map(|(n, said)| candidate(n, said, &skills, &must_haves)).collect();
    let mut kept: Vec<Candidate<'f>> = Vec::new();
    while kept.len() < MOST {
        let value = |candidate: &Candidate<'_>| {
            let alike = kept.iter().map(|known| shared(known, candidate)).max().unwrap_or(0);
            (alike < ALIKE).then(|| candidate.points - i32::try_from(alike).unwrap_or(0))
        };
        let valued =
            left.iter().enumerate().filter_map(|(n, candidate)| Some((value(candidate)?, std::cmp::Reverse(n))));
        let Some((_, std::cmp::Reverse(best))) = valued.max() else { break };
        kept.push(left.remove(best));
    }
    kept.into_iter().map(|candidate| candidate.quote).collect()
}

fn candidate<'f>(job: usize, said: &Said<'f>, skills: &HashSet<String>, must_haves: &[Vec<Wanted>]) -> Candidate<'f> {
    let quote = said.quote;
    let folded = fold(quote.quote());
    let words: HashSet<String> = words(&folded).map(str::to_owned).collect();
    let recency = [100, 70, 50, 35].get(job).copied().unwrap_or(20);
    let number = if quote.quote().chars().any(|letter| letter.is_ascii_digit()) { 60 } else { 0 };
    let named = skills.iter().filter(|skill| names(&folded, skill)).count().min(3);
    let wanted = must_haves.iter().filter(|need| needs::has(&said.words, need)).count().min(2);
    let length = match folded.chars().count() {
        0..=24 => -60,
        25..=39 => -10,
        40..=220 => 20,
        _ => -40,
    };
    let lists = i32::try_from(20 * named + 80 * wanted).unwrap_or(0);
    Candidate { quote, points: recency + number + length + lists, words }
}

/// Whether `skill` stands in `text` as a whole.
fn names(text: &str, skill: &str) -> bool {
    let edge = |letter: Option<char>| !letter.is_some_and(char::is_alphanumeric);
    skill.chars().count() > 1
        && text
            .match_indices(skill)
            .any(|(at, _)| edge(text[..at].chars().next_back()) && edge(text[at + skill.len()..].chars().next()))
}

/// The share of common words, of 100 (Jaccard's).
fn shared(a: &Candidate<'_>, b: &Candidate<'_>) -> usize {
    let common = a.words.intersection(&b.words).count();
    let all = a.words.len() + b.words.len() - common;
    common * 100 / all.max(1)
}
