//! Detects the language of each section of a CV.
//!
//! Browsers and screen readers need it to hyphenate and pronounce a passage. No fact depends on it: the extraction
//! uses the word lists of all languages at once.

mod detector;

use domain::{LanguageCode, LanguageSpan, Span};

use super::{line_view::LineView, sections::split_sections};
use crate::{document::Document, headings::Section};

/// A section with fewer letters has the language of the whole CV.
const MIN_LETTERS: usize = 100;
/// The confidence, 0 to 1, that the language of a section must exceed.
const CONFIDENCE_THRESHOLD: f64 = 0.9;
/// The number of characters of a section that the detector reads.
const MAX_SECTION_CHARS: usize = 400;
/// The number of characters of a CV that the detector reads if no section is clear.
const MAX_DOCUMENT_CHARS: usize = 2_000;

/// A section, or its part on one page.
struct SectionText {
    page: u32,
    section: Section,
    span: Span,
    text: String,
}

/// Detects the language of each section and sets the language spans of the pages of `document`.
///
/// Evidence that is cited afterwards carries its language. If neither a section nor the whole CV is clear, the section
/// gets no span.
pub fn mark_languages(document: &mut Document) {
    let sections: Vec<(SectionText, Option<LanguageCode>)> =
        section_texts(document).into_iter().map(SectionText::with_language).collect();
    let document_language = main_language(&sections).or_else(|| {
        let texts: Vec<&str> = sections.iter().map(|(section, _)| section.text.as_str()).collect();
        detect_language(&texts.join("\n"), MAX_DOCUMENT_CHARS, 0.0)
    });
    for page in &mut document.transcript.pages {
        let mut spans: Vec<LanguageSpan> = Vec::new();
        for (section, language) in sections.iter().filter(|(section, _)| section.page == page.number) {
            let start = spans.last().map_or(0, |last| last.span.end).max(section.span.start);
            let language = language.or(document_language).filter(|_| start < section.span.end);
            let Some(language) = language else { continue };
            match spans.last_mut() {
                Some(last) if last.language == language => last.span.end = section.span.end,
                _ => spans.push(LanguageSpan { span: Span { start, ..section.span }, language }),
            }
        }
        page.languages = spans;
    }
}

impl SectionText {
    /// Adds the language of the section, if it is clear.
    fn with_language(self) -> (Self, Option<LanguageCode>) {
        let language = detect_language(&self.text, MAX_SECTION_CHARS, CONFIDENCE_THRESHOLD);
        (self, language)
    }
}

/// Returns the language with the most letters, among the sections whose language is clear.
fn main_language(sections: &[(SectionText, Option<LanguageCode>)]) -> Option<LanguageCode> {
    let mut counts: Vec<(LanguageCode, usize)> = Vec::new();
    for (section, language) in sections.iter().filter_map(|(section, language)| Some((section, (*language)?))) {
        match counts.iter_mut().find(|(known, _)| *known == language) {
            Some((_, letters)) => *letters += count_letters(&section.text),
            None => counts.push((language, count_letters(&section.text))),
        }
    }
    counts.into_iter().max_by_key(|(_, letters)| *letters).map(|(language, _)| language)
}

/// Returns the sections with their text. Each span begins where the one before ends, so that it includes the heading.
fn section_texts(document: &Document) -> Vec<SectionText> {
    let lines = LineView::from_document(document);
    let mut sections: Vec<SectionText> = Vec::new();
    for (section, line) in split_sections(&lines) {
        let end = line.layout.span.end;
        match sections.last_mut() {
            Some(last) if last.page == line.layout.page && last.section == section => {
                last.text.push('\n');
                last.text.push_str(line.text);
                last.span.end = last.span.end.max(end);
            }
            last => {
                let start = last.filter(|last| last.page == line.layout.page).map_or(0, |last| last.span.end);
                let span = Span { start, end: end.max(start) };
                sections.push(SectionText { page: line.layout.page, section, span, text: line.text.to_owned() });
            }
        }
    }
    sections
}

/// Detects the language of the first `max_chars` characters of `text`.
///
/// Returns `None` if they have fewer than [`MIN_LETTERS`] letters or the confidence does not exceed `threshold`.
fn detect_language(text: &str, max_chars: usize, threshold: f64) -> Option<LanguageCode> {
    let text = text.char_indices().nth(max_chars).map_or(text, |(end, _)| text.get(..end).unwrap_or(text));
    let (code, confidence) = if count_letters(text) < MIN_LETTERS { None } else { detector::detect(text) }?;
    LanguageCode::parse(code).filter(|_| confidence > threshold)
}

/// Counts the letters of `text`.
fn count_letters(text: &str) -> usize {
    text.chars().filter(|letter| letter.is_alphabetic()).count()
}
