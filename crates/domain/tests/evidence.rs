//! Evidence can only be cut out of a transcript.

use domain::{Page, Rect, Span, Transcript, Word};
use proptest::prelude::*;

fn page(text: &str) -> Page {
    let mut words = Vec::new();
    let mut start = 0;
    for (n, word) in text.split(' ').enumerate() {
        let end = start + word.chars().count();
        let rect = Rect { x: 10.0 * n as f32, y: if n < 3 { 10.0 } else { 30.0 }, w: 8.0, h: 10.0 };
        words.push(Word { span: Span::new(start, end), rect: Some(rect) });
        start = end + 1;
    }
    Page { number: 2, width: 100.0, height: 100.0, text: text.to_owned(), words }
}

#[test]
fn a_quote_is_cut_out_of_the_page_with_a_box_for_each_line_that_it_touches() {
    let transcript = Transcript { pages: vec![page("led the très grande équipe of four")] };
    let evidence = transcript.cite(2, Span::new(4, 26)).unwrap();
    assert_eq!(evidence.quote(), "the très grande équipe");
    assert_eq!((evidence.page(), evidence.span()), (2, Span::new(4, 26)));
    assert_eq!(evidence.boxes().len(), 2);
}

#[test]
fn what_is_not_in_the_text_cannot_be_cited() {
    let transcript = Transcript { pages: vec![page("one  two")] };
    for (number, span) in
        [(1, Span::new(0, 3)), (2, Span::new(0, 99)), (2, Span::new(3, 3)), (2, Span::new(5, 3)), (2, Span::new(3, 5))]
    {
        assert!(transcript.cite(number, span).is_err(), "{number} {span:?}");
    }
}

proptest! {
    #[test]
    fn any_evidence_is_found_at_its_span(text in "\\PC{0,60}", start in 0_usize..70, length in 0_usize..70) {
        let page = page(&text);
        if let Ok(evidence) = page.cite(Span::new(start, start + length)) {
            let found: String = text.chars().skip(start).take(length).collect();
            prop_assert_eq!(evidence.quote(), found);
        }
    }
}
