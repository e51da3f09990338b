//! The properties that every fuzz target checks.

use cv::{
    Document, Format,
    facts::{self, YearMonth},
    read, summary,
};

/// Reads `bytes` as `format` and checks the document.
///
/// # Panics
/// When the document is not sound, or a word or quote is not at its span.
pub fn read(bytes: &[u8], format: Format) {
    if let Ok(mut document) = read::read(bytes, format) {
        facts::mark_languages(&mut document);
        assert!(document.is_sound());
        check(&document);
    }
}

/// Reads `text` as the experience section of a plain text CV.
///
/// # Panics
/// As [`read`].
pub fn summarize(text: &str) {
    let headed = format!("Ada Lovelace\nExperience\n{text}");
    read(headed.as_bytes(), Format::Text);
}

/// Asserts that every word and every quote is at its span.
fn check(document: &Document) {
    for page in &document.transcript.pages {
        for word in &page.words {
            assert!(page.slice(word.span).is_some_and(|word| !word.is_empty()));
        }
    }
    let lines = summary::summarize(document, &["Rust".to_owned()], YearMonth { year: 2026, month: 1 });
    for quote in lines.iter().flat_map(|line| line.evidence()) {
        assert_eq!(document.transcript.cite(quote.page(), quote.span()).as_ref(), Ok(quote));
    }
}
