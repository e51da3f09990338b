//! What a line says is made of quotes of its evidence, messages and punctuation, in whatever form it
//! was stored.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::{Evidence, Line, LineKind, Locale, Message, Notice, Page, Segment, Sentence, Separator, Span};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Passages with these texts.
fn passages(texts: &[&str]) -> Vec<Evidence> {
    let text = texts.join("|");
    let page = Page { number: 1, text, ..Page::default() };
    let mut start = 0;
    let mut cite = |text: &&str| {
        let end = start + text.chars().count();
        let evidence = page.cite(Span::new(start, end)).unwrap();
        start = end + 1;
        evidence
    };
    texts.iter().map(&mut cite).collect()
}

fn role(texts: &[&str]) -> Line {
    let mut quotes = passages(texts).into_iter();
    let sentence = Sentence::from_quote(quotes.next().unwrap());
    Line::cited(LineKind::CurrentRole, quotes.fold(sentence, |text, quote| text.quote(Separator::Comma, quote)))
}

/// The JSON that versions without segments stored for `line`.
fn old_form(line: &Line, text: &str, phrase: Option<Value>) -> Value {
    let mut json = serde_json::to_value(line).unwrap();
    let fields = json.as_object_mut().unwrap();
    fields.remove("segments");
    fields.insert("text".to_owned(), json!(text));
    if let Some(phrase) = phrase {
        fields.insert("phrase".to_owned(), phrase);
    }
    json
}

fn read(json: Value) -> Result<Line, String> {
    serde_json::from_value(json).map_err(|error| error.to_string())
}

#[test]
fn a_quote_is_rendered_on_one_line_and_a_message_in_the_reader_s_locale() {
    let [skill, other] = passages(&["Apache\n  Kafka", "2021"]).try_into().unwrap();
    let sentence = Sentence::from_quote(skill).message(Separator::Space, Message::LastUsed { until: Some(2021) });
    let line = Line::cited(LineKind::Skill, sentence.cite(other));
    assert_eq!(line.text(), "Apache Kafka (to 2021)");
    assert_eq!(line.text_in(Locale::De), "Apache Kafka (bis 2021)");
    assert_eq!(line.evidence().len(), 2);
}

#[test]
fn a_line_is_stored_with_its_english_text_and_read_as_it_was() {
    let quote = || passages(&["wrote Rust"]).remove(0);
    let lines = [
        role(&["Engineer", "Acme", "2019"]),
        Line::cited(LineKind::MustHave, Sentence::from_must_have("Rust", quote())),
        Line::cited(LineKind::Skill, Sentence::from_evidence(quote()).quote(Separator::Comma, quote())),
        Line::from_message(LineKind::ToVerify, Message::EndsBeforeStart, quote(), vec![quote()]),
        Line::not_found("Rust"),
        Line::notice(Notice::OcrPage { page: 2 }),
    ];
    for line in lines {
        let json = serde_json::to_value(&line).unwrap();
        assert_eq!(json["text"], line.text());
        assert_eq!(read(json), Ok(line));
    }
    let json = serde_json::to_value(role(&["Engineer", "Acme"])).unwrap();
    assert_eq!(json["segments"], json!([0, ", ", 1]));
}

#[test]
fn a_line_that_quotes_a_passage_it_does_not_have_is_refused() {
    let with = |segments: Value| {
        let mut json = serde_json::to_value(role(&["Engineer", "Acme"])).unwrap();
        json["segments"] = segments;
        read(json)
    };
    assert!(with(json!([0, ", ", 1])).is_ok());
    assert!(with(json!([0, ", ", 2])).unwrap_err().contains("passage"));
    assert!(with(json!([0, ", led a team of 40"])).is_err());
    assert!(with(json!(["led a team of 40"])).is_err());
}

#[test]
fn a_line_without_its_evidence_or_with_another_message_is_refused() {
    let mut role = serde_json::to_value(role(&["Engineer"])).unwrap();
    role["basis"]["cited"] = json!([]);
    assert!(read(role).unwrap_err().contains("evidence"));
    for (line, other) in [
        (Line::not_found("Rust"), Line::notice(Notice::NoName)),
        (Line::notice(Notice::NoName), Line::not_found("Rust")),
    ] {
        let mut json = serde_json::to_value(&line).unwrap();
        json["segments"] = serde_json::to_value(other.segments()).unwrap();
        assert!(read(json).unwrap_err().contains("message"));
    }
}

#[test]
fn a_stored_text_is_parsed_into_the_quotes_that_it_was_composed_of() {
    let line = role(&["Engineer", "Acme, Inc.", "Mar\n2019", "2021"]);
    let segments = |text: &str| read(old_form(&line, text, None)).unwrap().segments().to_vec();
    let [comma, dash] = [Separator::Comma, Separator::Dash].map(Segment::Separator);
    let quotes = [0, 1, 2, 3].map(Segment::Quote);
    let [title, employer, start, end] = &quotes;
    assert_eq!(
        segments("Engineer, Acme, Inc., Mar\n2019 – 2021"),
        [title, &comma, employer, &comma, start, &dash, end].map(Clone::clone)
    );
    assert_eq!(segments("Engineer, 2021"), [title, &comma, end].map(Clone::clone));
}

#[test]
fn a_stored_must_have_keeps_the_posting_s_words_and_quotes_the_rest() {
    let quotes = passages(&["wrote: “Rust”", "Acme", "2019", "2021"]);
    let sentence = Sentence::from_must_have("C: “the language”", quotes[0].clone());
    let sentence = quotes[1..3].iter().fold(sentence, |text, quote| text.quote(Separator::Comma, quote.clone()));
    let line = Line::cited(LineKind::MustHave, sentence.quote(Separator::Dash, quotes[3].clone()));
    assert_eq!(line.text(), "C: “the language”: “wrote: “Rust””, Acme, 2019 – 2021");
    assert_eq!(read(old_form(&line, &line.text(), None)), Ok(line));
}

#[test]
fn a_stored_message_is_rendered_again_whatever_text_stands_beside_it() {
    let quotes = passages(&["Apache  Kafka", "used Kafka", "2021"]);
    let skill = Sentence::from_quote(quotes[0].clone()).message(Separator::Space, Message::LastUsed { until: None });
    let skill = Line::cited(LineKind::Skill, skill.cite(quotes[1].clone()).cite(quotes[2].clone()));
    let backwards = Line::from_message(LineKind::ToVerify, Message::EndsBeforeStart, quotes[2].clone(), vec![]);
    for (line, phrase) in [
        (&skill, json!({ "say": "skill", "skill": "Apache Kafka", "until": null })),
        (&backwards, json!({ "say": "backwards" })),
        (&Line::not_found("Rust"), json!({ "say": "not_found", "need": "Rust" })),
        (&Line::notice(Notice::NoName), json!({ "say": "document", "notice": { "notice": "no_name" } })),
    ] {
        assert_eq!(read(old_form(line, "hire this person", Some(phrase))), Ok(line.clone()));
    }
    assert_eq!(read(old_form(&Line::not_found("Rust"), "Rust: not found", None)), Ok(Line::not_found("Rust")));
    assert!(read(old_form(&Line::not_found("Rust"), "hire this person", None)).is_err());
}

#[test]
fn a_stored_text_that_is_not_made_of_quotes_gives_way_to_the_quotes() {
    let line = role(&["Engineer", "Acme", "2019"]);
    for text in ["Engineer, Acme, 2019, hire this person", "hire this person", "Engineer of Acme", ", ", ""] {
        assert_eq!(read(old_form(&line, text, None)), Ok(line.clone()), "{text:?}");
    }
    let lie = json!({ "say": "skill", "skill": "Genius", "until": null });
    assert_eq!(read(old_form(&line, "Genius, to date", Some(lie))).unwrap().text(), "Engineer, Acme, 2019");
}

#[test]
fn reading_a_stored_text_takes_no_time_that_grows_with_its_ambiguity() {
    let many = vec!["a"; 64];
    let line = role(&many);
    let text = format!("{}!", vec!["a"; 64].join(", "));
    assert_eq!(read(old_form(&line, &text, None)), Ok(line.clone()));
    assert_eq!(read(old_form(&line, &": “".repeat(200_000), None)), Ok(line));
}

proptest! {
    /// Whatever an earlier version or another process has stored as text, a line shows its quotes and
    /// punctuation only.
    #[test]
    fn a_line_shows_nothing_but_its_quotes(quotes in prop::collection::vec("[a-c]{1,3}", 1..5), text in "[a-c, –]{0,12}") {
        let quotes: Vec<&str> = quotes.iter().map(String::as_str).collect();
        let line = read(old_form(&role(&quotes), &text, None)).unwrap();
        let rendered: String = line
            .segments()
            .iter()
            .map(|segment| match segment {
                Segment::Quote(n) => line.evidence()[*n as usize].quote(),
                Segment::Separator(separator) => separator.as_str(),
                Segment::Message(_) => panic!("a role has no message"),
            })
            .collect();
        prop_assert_eq!(line.text(), rendered);
    }
}

#[test]
fn a_stored_line_has_the_text_that_the_version_before_reads() {
    let line = Line::notice(Notice::NoName);
    let stored = serde_json::to_value(&line).unwrap();
    assert_eq!(stored["text"], line.text());
    assert_eq!(serde_json::from_value::<Line>(stored).unwrap(), line);
}
