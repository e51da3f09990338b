//! In which language each section of a CV is written.
//!
//! The first letters of a section tell it. For whoever shows or speaks its text: a passage in German is to be pronounced, hyphenated and set
//! as German. Nothing is concluded from it about the person, and no fact is read by it: the word
//! lists of all languages are asked at once.

mod letters;

use domain::{LanguageCode, Span, Written};

use super::{line_view::LineView, section::Section, sections};
use crate::document::Document;

/// Fewer letters tell no language by themselves: they are in that of the whole CV.
const TELLING: usize = 100;
/// How sure, of 1, a section's own language must be.
const SURE: f64 = 0.9;
/// So many characters of a section, and of a CV whose sections do not tell, are looked at.
const SECTION: usize = 400;
const WHOLE: usize = 2_000;

/// A section, or what of it stands on one page.
struct Part {
    page: u32,
    section: Section,
    span: Span,
    text: String,
}

/// Notes in the pages of `document` in which language each section is written; what is cited of them afterwards
/// has it with it.
pub fn mark_languages(document: &mut Document) {
    let parts: Vec<(Part, Option<LanguageCode>)> = parts(document).into_iter().map(Part::told).collect();
    let whole = most_written(&parts).or_else(|| {
        let text: Vec<&str> = parts.iter().map(|(part, _)| part.text.as_str()).collect();
        told(&text.join("\n"), WHOLE, 0.0)
    });
    for page in &mut document.transcript.pages {
        let mut written: Vec<Written> = Vec::new();
        for (part, language) in parts.iter().filter(|(part, _)| part.page == page.number) {
            let start = written.last().map_or(0, |last| last.span.end).max(part.span.start);
            let Some(language) = language.or(whole).filter(|_| start < part.span.end) else { continue };
            match written.last_mut() {
                Some(last) if last.language == language => last.span.end = part.span.end,
                _ => written.push(Written { span: Span { start, ..part.span }, language }),
            }
        }
        page.written = written;
    }
}

impl Part {
    fn told(self) -> (Self, Option<LanguageCode>) {
        let language = told(&self.text, SECTION, SURE);
        (self, language)
    }
}

/// The language of the most letters in sections that tell theirs.
fn most_written(parts: &[(Part, Option<LanguageCode>)]) -> Option<LanguageCode> {
    let mut counts: Vec<(LanguageCode, usize)> = Vec::new();
    for (part, language) in parts.iter().filter_map(|(part, language)| Some((part, (*language)?))) {
        match counts.iter_mut().find(|(known, _)| *known == language) {
            Some((_, letters)) => *letters += count(&part.text),
            None => counts.push((language, count(&part.text))),
        }
    }
    counts.into_iter().max_by_key(|(_, letters)| *letters).map(|(language, _)| language)
}

/// The sections with their text; each begins where the one before ends, so that it has its heading.
fn parts(document: &Document) -> Vec<Part> {
    let lines = LineView::from_document(document);
    let mut parts: Vec<Part> = Vec::new();
    for (section, line) in sections(&lines) {
        let end = line.layout.span.end;
        match parts.last_mut() {
            Some(last) if last.page == line.layout.page && last.section == section => {
                last.text.push('\n');
                last.text.push_str(line.text);
                last.span.end = last.span.end.max(end);
            }
            last => {
                let start = last.filter(|last| last.page == line.layout.page).map_or(0, |last| last.span.end);
                let span = Span { start, end: end.max(start) };
                parts.push(Part { page: line.layout.page, section, span, text: line.text.to_owned() });
            }
        }
    }
    parts
}

/// The language of the first `most` characters of `text`, if they are enough to be at least so sure.
fn told(text: &str, most: usize, least: f64) -> Option<LanguageCode> {
    let text = text.char_indices().nth(most).map_or(text, |(end, _)| text.get(..end).unwrap_or(text));
    let (code, sure) = if count(text) < TELLING { None } else { letters::told(text) }?;
    LanguageCode::parse(code).filter(|_| sure > least)
}

/// How many letters `text` has.
fn count(text: &str) -> usize {
    text.chars().filter(|letter| letter.is_alphabetic()).count()
}
