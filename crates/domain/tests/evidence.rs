//! Evidence can only be cited from a transcript, and lines from untrusted processes are revalidated.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::{LanguageCode, LanguageSpan, Line, LineKind, Page, Rect, Span, Transcript, Word};
use proptest::prelude::*;
use serde_json::{Value, json};

fn page(text: &str) -> Page {
    let mut words = Vec::new();
    let mut start = 0;
    for (n, word) in text.split(' ').enumerate() {
        let end = start + word.chars().count();
        let rect = Rect { x: 10.0 * n as f32, y: if n < 3 { 10.0 } else { 30.0 }, w: 8.0, h: 10.0 };
        words.push(Word { span: Span::new(start, end), rect: Some(rect) });
        start = end + 1;
    }
    Page { number: 2, width: 100.0, height: 100.0, text: text.to_owned(), words, languages: vec![] }
}

#[test]
fn a_quote_is_copied_from_the_page_with_a_box_for_each_line_it_overlaps() {
    let transcript = Transcript { pages: vec![page("led the très grande équipe of four")] };
    let evidence = transcript.cite(2, Span::new(4, 26)).unwrap();
    assert_eq!(evidence.quote(), "the très grande équipe");
    assert_eq!((evidence.page(), evidence.span()), (2, Span::new(4, 26)));
    assert_eq!(evidence.boxes().len(), 2);
}

#[test]
fn a_passage_has_the_language_of_the_first_part_it_overlaps() {
    let mut page = page("led the très grande équipe of four");
    let language = LanguageCode::parse("fr").unwrap();
    page.languages = vec![LanguageSpan { span: Span::new(8, 26), language }];
    let transcript = Transcript { pages: vec![page] };
    assert_eq!(transcript.cite(2, Span::new(8, 12)).unwrap().language(), Some(language));
    assert_eq!(transcript.cite(2, Span::new(0, 3)).unwrap().language(), None);
    // Revalidation ignores the language that another process sent.
    let line = Line::from_quote(LineKind::Highlight, transcript.cite(2, Span::new(8, 12)).unwrap());
    let other = sent(&line, |json| json["basis"]["cited"][0]["language"] = json!("de"));
    assert_eq!(other.revalidate(&transcript), Ok(line));
}

#[test]
fn a_span_outside_the_text_cannot_be_cited() {
    let transcript = Transcript { pages: vec![page("one  two")] };
    for (number, span) in
        [(1, Span::new(0, 3)), (2, Span::new(0, 99)), (2, Span::new(3, 3)), (2, Span::new(5, 3)), (2, Span::new(3, 5))]
    {
        assert!(transcript.cite(number, span).is_err(), "{number} {span:?}");
    }
}

/// A line as another process could send it, after `change` of its JSON.
fn sent(line: &Line, change: impl Fn(&mut Value)) -> Line {
    let mut json = serde_json::to_value(line).unwrap();
    change(&mut json);
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_line_from_another_process_is_valid_only_with_passages_of_the_text() {
    let transcript = Transcript { pages: vec![page("led the très grande équipe of four")] };
    let line = Line::from_quote(LineKind::Highlight, transcript.cite(2, Span::new(4, 26)).unwrap());
    let revalidated = |change: fn(&mut Value)| sent(&line, change).revalidate(&transcript);
    assert_eq!(revalidated(|_| {}), Ok(line.clone()));
    assert_eq!(revalidated(|json| json["basis"]["cited"][0]["boxes"] = json!([])), Ok(line.clone()));
    assert!(revalidated(|json| json["basis"]["cited"][0]["quote"] = json!("a team of forty")).is_err());
    assert!(revalidated(|json| json["basis"]["cited"][0]["span"]["end"] = json!(9_999)).is_err());
    assert!(revalidated(|json| json["basis"]["cited"][0]["page"] = json!(1)).is_err());
}

proptest! {
    #[test]
    fn evidence_quotes_the_characters_at_its_span(text in "\\PC{0,60}", start in 0_usize..70, length in 0_usize..70) {
        let page = page(&text);
        if let Ok(evidence) = page.cite(Span::new(start, start + length)) {
            let found: String = text.chars().skip(start).take(length).collect();
            prop_assert_eq!(evidence.quote(), found);
        }
    }
}
