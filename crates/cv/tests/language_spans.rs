//! Each section of a CV gets its language.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{bytes, fixtures, plain, read_bytes, read_fixture};
use cv::{Document, facts, summary};
use domain::{LanguageSpan, LineKind};

fn marked(mut document: Document) -> Document {
    facts::mark_languages(&mut document);
    document
}

/// The language and the text of each span, page by page.
fn spans(document: &Document) -> Vec<(String, String)> {
    let language_and_text = |page: &domain::Page, written: &LanguageSpan| {
        (String::from(written.language), page.slice(written.span).unwrap().trim().to_owned())
    };
    let pages = document.transcript.pages.iter();
    pages
        .flat_map(|page| page.languages.iter().map(|written| language_and_text(page, written)).collect::<Vec<_>>())
        .collect()
}

#[test]
fn a_cv_in_one_language_has_that_language_throughout() {
    let mut seen = 0;
    for name in fixtures("gen-") {
        let language = name.strip_prefix("gen-").and_then(|rest| rest.get(..2));
        let (Some(language), false) = (language, name.contains("scan") || name.contains("ocrlayer")) else { continue };
        let document = marked(read_fixture(&name));
        let spans = spans(&document);
        assert!(spans.iter().all(|(found, _)| found == language), "{name}: {spans:?}");
        let letters = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).count();
        let covered: usize = spans.iter().map(|(_, text)| letters(text)).sum();
        let all: usize = document.transcript.pages.iter().map(|page| letters(&page.text)).sum();
        assert!(covered * 100 >= all * 95, "{name}: {covered} of {all} letters");
        seen += 1;
    }
    assert!(seen >= 18, "{seen}");
}

const BILINGUAL: &str = "\
Katharina Brandt
katharina.brandt@mail.example

Profil
Ich leite seit vielen Jahren die Wartung großer Anlagen und habe dabei immer wieder neue Wege gefunden, die Ausfälle
zu verringern und die Sicherheit der Kolleginnen und Kollegen zu erhöhen.

Work experience
Head of Maintenance, Nordwerk GmbH, 03/2019 – present
- Reduced the downtime of the packaging lines by 32 % within two years by planning the repairs around the orders
- Trained twelve apprentices, who all passed their final examinations and stayed with the company

Sprachen
Deutsch, Englisch
";

#[test]
fn a_section_in_another_language_has_a_span_of_its_own() {
    let document = marked(plain(BILINGUAL));
    let spans = spans(&document);
    let german = spans.iter().find(|(language, _)| language == "de").unwrap();
    assert!(german.1.contains("Wartung großer Anlagen") && !german.1.contains("downtime"), "{spans:?}");
    let english = spans.iter().find(|(_, text)| text.contains("downtime")).unwrap();
    assert!(english.0 == "en" && !english.1.contains("Wartung"), "{spans:?}");
    let lines = summary::summarize(&document, &[], facts::YearMonth { year: 2026, month: 1 });
    let said: Vec<_> = lines.iter().filter(|line| line.kind() == LineKind::Highlight).collect();
    assert!(!said.is_empty());
    for line in said {
        let language = line.evidence().first().and_then(domain::Evidence::language).map(String::from);
        assert_eq!(language.as_deref(), Some("en"), "{}", line.text());
    }
}

#[test]
fn too_few_words_have_no_language() {
    assert!(spans(&marked(plain("Ada Lovelace\nLondon"))).is_empty());
    assert!(spans(&marked(plain(""))).is_empty());
}

#[test]
fn spans_are_in_order_and_within_their_page() {
    for name in ["adv-", "ctl-", "gen-"].into_iter().flat_map(fixtures) {
        let Ok(document) = read_bytes(&bytes(&name)).map(marked) else { continue };
        assert!(document.is_sound(), "{name}");
        for page in &document.transcript.pages {
            assert!(page.languages.iter().all(|span| page.slice(span.span).is_some()), "{name}");
        }
    }
}
