//! What every fuzz target claims.

use cv::{
    Document, Format,
    facts::{self, YearMonth},
    read, summary,
};

/// Reads `bytes` as `format`; what is read keeps its promises.
pub fn read(bytes: &[u8], format: Format) {
    if let Ok(mut document) = read::read(bytes, format) {
        facts::mark_languages(&mut document);
        assert!(document.is_sound());
        check(&document);
    }
}

/// Summarises the plain `text` as a CV.
pub fn summarise(text: &str) {
    let headed = format!("Ada Lovelace\nExperience\n{text}");
    read(headed.as_bytes(), Format::Text);
}

/// Every word and every quote is where it says it is.
fn check(document: &Document) {
    for page in &document.transcript.pages {
        for word in &page.words {
            assert!(page.slice(word.span).is_some_and(|word| !word.is_empty()));
        }
    }
    let lines = summary::summarise(document, &["Rust".to_owned()], YearMonth { year: 2026, month: 1 });
    for quote in lines.iter().flat_map(|line| line.evidence()) {
        assert_eq!(document.transcript.cite(quote.page(), quote.span()).as_ref(), Ok(quote));
    }
}
