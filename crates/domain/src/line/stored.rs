//! The stored forms of a line.
//!
//! Since lines have segments, a line is stored with them. Earlier versions stored the text of a line,
//! and its message if it had one. Such a text is parsed into the quotes and separators that it was
//! composed of. A text that contains anything else is dropped: the line then consists of its quotes,
//! so that no version shows text without a passage and no application becomes unreadable.

use std::collections::HashSet;

use serde::Deserialize;

use super::{Basis, Line, LineKind};
use crate::{
    evidence::Evidence,
    message::Message,
    notice::Notice,
    sentence::{Segment, Sentence, Separator, fold_white_space, quote_text},
};

/// Earlier versions stored no line with more passages.
const MAX_EVIDENCE: usize = 64;
/// Earlier versions stored no line with a longer text: a few passages of at most 2,000 bytes.
const MAX_TEXT_BYTES: usize = 16_384;

/// The error of reading a stored line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidLine {
    /// A cited line without passages.
    #[error("a summary line has no evidence")]
    NoEvidence,
    /// A segment quotes a passage that the line does not have.
    #[error("a summary line quotes a passage that it does not have")]
    NoSuchPassage,
    /// The message of a must-have that was not found, or of a notice, is missing or another one.
    #[error("a summary line has the wrong message")]
    WrongMessage,
}

/// Either form of a stored line.
#[derive(Deserialize)]
pub(super) struct StoredLine {
    kind: LineKind,
    basis: Basis,
    segments: Option<Vec<Segment>>,
    /// In earlier versions: the rendered line.
    text: Option<String>,
    /// In earlier versions: the message that `text` renders.
    phrase: Option<StoredMessage>,
}

/// A message of an earlier version.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredMessage {
    Skill(StoredSkill),
    Message(Message),
}

/// The message of a skill, which contained the skill's name.
#[derive(Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
enum StoredSkill {
    Skill { skill: String, until: Option<i32> },
}

impl TryFrom<StoredLine> for Line {
    type Error = InvalidLine;

    fn try_from(stored: StoredLine) -> Result<Self, InvalidLine> {
        let StoredLine { kind, basis, segments, text, phrase } = stored;
        match basis {
            Basis::Cited(evidence) if evidence.is_empty() => Err(InvalidLine::NoEvidence),
            Basis::Cited(evidence) => {
                let segments = match segments {
                    Some(segments) => segments,
                    None => segments_from_text(kind, &text.unwrap_or_default(), phrase, &evidence),
                };
                let exists =
                    |segment: &Segment| !matches!(segment, Segment::Quote(_)) || segment.quoted(&evidence).is_some();
                if !segments.iter().all(exists) {
                    return Err(InvalidLine::NoSuchPassage);
                }
                Ok(Self { kind, segments, basis: Basis::Cited(evidence) })
            }
            Basis::NotFound => not_found(segments, text, phrase),
            Basis::Notice(notice) => from_notice(notice, segments),
        }
    }
}

/// Reads a must-have that was not found: its message has the posting's text of it.
fn not_found(
    segments: Option<Vec<Segment>>,
    text: Option<String>,
    phrase: Option<StoredMessage>,
) -> Result<Line, InvalidLine> {
    let need = match (segments.as_deref(), phrase, &text) {
        (Some([Segment::Message(Message::NotFound { need })]), ..) => need.clone(),
        (Some(_), ..) => return Err(InvalidLine::WrongMessage),
        (None, Some(StoredMessage::Message(Message::NotFound { need })), _) => need,
        (None, Some(_), _) => return Err(InvalidLine::WrongMessage),
        (None, None, text) => {
            let text = text.as_deref().and_then(|text| text.strip_suffix(": not found"));
            text.ok_or(InvalidLine::WrongMessage)?.to_owned()
        }
    };
    Ok(Line::not_found(&need))
}

/// Reads a notice: its message has the same notice.
fn from_notice(notice: Notice, segments: Option<Vec<Segment>>) -> Result<Line, InvalidLine> {
    let line = Line::notice(notice);
    match segments {
        Some(segments) if segments != line.segments => Err(InvalidLine::WrongMessage),
        _ => Ok(line),
    }
}

/// Returns the segments of a line that was stored without them.
fn segments_from_text(
    kind: LineKind,
    text: &str,
    phrase: Option<StoredMessage>,
    evidence: &[Evidence],
) -> Vec<Segment> {
    let segments = match phrase {
        Some(StoredMessage::Message(message)) => Some(vec![Segment::Message(message)]),
        Some(StoredMessage::Skill(StoredSkill::Skill { skill, until })) => {
            let quoted = evidence.first().is_some_and(|passage| quote_text(passage) == fold_white_space(&skill));
            let last_used = Segment::Message(Message::LastUsed { until });
            quoted.then(|| vec![Segment::Quote(0), Segment::Separator(Separator::Space), last_used])
        }
        None if kind == LineKind::MustHave => must_have(text, evidence),
        None => Parser::new(text, evidence).parse(),
    };
    segments.unwrap_or_else(|| quotes_only(evidence))
}

/// Parses `Rust: “wrote Rust”, Acme, 2019 – 2021`. The must-have may contain a colon and quotation marks.
fn must_have(text: &str, evidence: &[Evidence]) -> Option<Vec<Segment>> {
    if text.len() > MAX_TEXT_BYTES {
        return None;
    }
    let colons = text.match_indices(Separator::OpenQuote.as_str());
    colons.map(|(at, _)| text.split_at(at)).find_map(|(need, rest)| {
        let quotes = Parser::new(rest, evidence).parse()?;
        let need = Message::MustHave { need: need.to_owned() };
        Some([Segment::Message(need)].into_iter().chain(quotes).collect())
    })
}

/// Returns all passages, separated by commas.
fn quotes_only(evidence: &[Evidence]) -> Vec<Segment> {
    let mut passages = evidence.iter().cloned();
    let first = passages.next().map(Sentence::from_quote);
    let sentence = first.map(|first| passages.fold(first, |sentence, next| sentence.quote(Separator::Comma, next)));
    sentence.map(|sentence| sentence.into_parts().0).unwrap_or_default()
}

/// Parses a text into quotes with separators between them. Quotes may skip passages but keep their order.
struct Parser {
    text: String,
    quotes: Vec<String>,
    /// Positions, with the index of the next passage, from which the rest cannot be parsed.
    failed: HashSet<(usize, usize)>,
}

impl Parser {
    fn new(text: &str, evidence: &[Evidence]) -> Self {
        // The dates of roles were stored with their line breaks.
        let text = fold_white_space(text);
        Self { text, quotes: evidence.iter().map(quote_text).collect(), failed: HashSet::new() }
    }

    fn parse(mut self) -> Option<Vec<Segment>> {
        if self.text.len() > MAX_TEXT_BYTES || self.quotes.len() > MAX_EVIDENCE {
            return None;
        }
        let starts: [&[Separator]; 2] = [&[], &[Separator::OpenQuote]];
        let mut segments = starts.into_iter().find_map(|start| self.parse_quote(start, 0, 0))?;
        segments.reverse();
        Some(segments)
    }

    /// Parses the text from byte `at` on: `separators`, a passage from `next` on, and the rest. Returns
    /// the segments in reverse order.
    fn parse_quote(&mut self, separators: &[Separator], at: usize, next: usize) -> Option<Vec<Segment>> {
        let punctuation: String = separators.iter().map(|separator| separator.as_str()).collect();
        let rest = self.text.get(at..)?.strip_prefix(punctuation.as_str())?;
        let begins = |(_, quote): &(usize, &String)| !quote.is_empty() && rest.starts_with(quote.as_str());
        let quotes = self.quotes.iter().enumerate().skip(next).filter(begins);
        let quotes: Vec<_> = quotes.map(|(n, quote)| (n, at + punctuation.len() + quote.len())).collect();
        quotes.into_iter().find_map(|(n, end)| {
            let mut segments = self.parse_rest(end, n + 1)?;
            segments.push(Segment::Quote(u32::try_from(n).ok()?));
            segments.extend(separators.iter().rev().map(|separator| Segment::Separator(*separator)));
            Some(segments)
        })
    }

    /// Parses what follows a quote: the end of the text, or separators and another quote.
    fn parse_rest(&mut self, at: usize, next: usize) -> Option<Vec<Segment>> {
        match self.text.get(at..)? {
            "" => return Some(Vec::new()),
            end if end == Separator::CloseQuote.as_str() => {
                return Some(vec![Segment::Separator(Separator::CloseQuote)]);
            }
            _ if self.failed.contains(&(at, next)) => return None,
            _ => {}
        }
        let between: [&[Separator]; 3] =
            [&[Separator::Comma], &[Separator::Dash], &[Separator::CloseQuote, Separator::Comma]];
        let found = between.into_iter().find_map(|separators| self.parse_quote(separators, at, next));
        if found.is_none() {
            self.failed.insert((at, next));
        }
        found
    }
}
