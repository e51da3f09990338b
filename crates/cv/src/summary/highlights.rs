//! Chooses the highlights of the summary: the best sentences about the employments.
//!
//! A sentence scores by how recent its employment is, by numbers, and by the skills and must-haves that it names.
//! Maximal marginal relevance (Carbonell & Goldstein 1998) keeps similar sentences apart. Scores are integers, so that
//! every machine chooses alike.

use std::collections::HashSet;

use domain::Evidence;

use super::{
    must_haves::{self, SearchTerm},
    tokens::{TokenizedEmployment, TokenizedSentence},
};
use crate::{
    facts::Fact,
    lexicon::{fold, words},
};

/// The most highlights of a summary.
const MAX_HIGHLIGHTS: usize = 5;
/// Two sentences with this similarity, in percent, say the same.
const SIMILARITY_THRESHOLD: usize = 60;

/// A sentence with its score and its folded words.
struct Candidate<'f> {
    quote: &'f Evidence,
    score: i32,
    words: HashSet<String>,
}

/// Chooses at most five sentences of `employments`, whose order is from the latest on. Returns the best one first.
pub(super) fn choose<'f>(
    employments: &[TokenizedEmployment<'f>],
    skills: &[Fact<String>],
    must_haves: &[String],
) -> Vec<&'f Evidence> {
    let must_haves: Vec<Vec<SearchTerm>> =
        must_haves.iter().map(|must_have| must_haves::search_terms(must_have)).collect();
    let skills: HashSet<String> = skills.iter().map(|skill| fold(&skill.value)).collect();
    let sentences = employments
        .iter()
        .enumerate()
        .flat_map(|(n, employment)| employment.sentences.iter().map(move |sentence| (n, sentence)));
    let mut left: Vec<Candidate<'f>> =
        sentences.map(|(n, sentence)| candidate(n, sentence, &skills, &must_haves)).collect();
    let mut chosen: Vec<Candidate<'f>> = Vec::new();
    while chosen.len() < MAX_HIGHLIGHTS {
        let value = |candidate: &Candidate<'_>| {
            let similarity = chosen.iter().map(|other| similarity_percent(other, candidate)).max().unwrap_or(0);
            let penalty = i32::try_from(similarity).unwrap_or(0);
            (similarity < SIMILARITY_THRESHOLD).then(|| candidate.score - penalty)
        };
        let valued =
            left.iter().enumerate().filter_map(|(n, candidate)| Some((value(candidate)?, std::cmp::Reverse(n))));
        let Some((_, std::cmp::Reverse(best))) = valued.max() else { break };
        chosen.push(left.remove(best));
    }
    chosen.into_iter().map(|candidate| candidate.quote).collect()
}

/// Scores a sentence of the employment with this index.
fn candidate<'f>(
    employment: usize,
    sentence: &TokenizedSentence<'f>,
    skills: &HashSet<String>,
    must_haves: &[Vec<SearchTerm>],
) -> Candidate<'f> {
    let quote = sentence.quote;
    let folded = fold(quote.quote());
    let words: HashSet<String> = words(&folded).map(str::to_owned).collect();
    let recency = [100, 70, 50, 35].get(employment).copied().unwrap_or(20);
    let number = if quote.quote().chars().any(|letter| letter.is_ascii_digit()) { 60 } else { 0 };
    let named_skills = skills.iter().filter(|skill| contains_whole(&folded, skill)).count().min(3);
    let named_must_haves =
        must_haves.iter().filter(|terms| must_haves::contains_all(&sentence.words, terms)).count().min(2);
    let length = match folded.chars().count() {
        0..=24 => -60,
        25..=39 => -10,
        40..=220 => 20,
        _ => -40,
    };
    let named = i32::try_from(20 * named_skills + 80 * named_must_haves).unwrap_or(0);
    Candidate { quote, score: recency + number + length + named, words }
}

/// Whether `skill`, of two characters or more, stands in `text` as a whole.
fn contains_whole(text: &str, skill: &str) -> bool {
    let boundary = |letter: Option<char>| !letter.is_some_and(char::is_alphanumeric);
    skill.chars().count() > 1
        && text.match_indices(skill).any(|(at, _)| {
            boundary(text[..at].chars().next_back()) && boundary(text[at + skill.len()..].chars().next())
        })
}

/// Returns the Jaccard similarity of the words of two sentences, in percent.
fn similarity_percent(a: &Candidate<'_>, b: &Candidate<'_>) -> usize {
    let common = a.words.intersection(&b.words).count();
    let all = a.words.len() + b.words.len() - common;
    common * 100 / all.max(1)
}
