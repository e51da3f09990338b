//! Splits the text of a page where highlights begin and end and where the language changes.

use domain::{LanguageCode, LanguageSpan, Span};

/// A stretch of text in one language that is highlighted as a whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRun {
    pub text: String,
    pub highlighted: bool,
    pub language: Option<LanguageCode>,
}

/// Splits `text` at the edges of the highlighted `spans` and of the `written` languages. Spans count
/// characters; highlights may overlap, languages may not and are in the order of the text.
pub fn text_runs(text: &str, written: &[LanguageSpan], spans: &[Span]) -> Vec<TextRun> {
    let is_highlighted = |at: u32| spans.iter().any(|span| span.start <= at && at < span.end);
    let mut languages = written.iter().peekable();
    let mut runs: Vec<TextRun> = Vec::new();
    for (at, letter) in (0_u32..).zip(text.chars()) {
        while languages.next_if(|written| written.span.end <= at).is_some() {}
        let language = languages.peek().filter(|written| written.span.start <= at).map(|written| written.language);
        let highlighted = is_highlighted(at);
        match runs.last_mut() {
            Some(last) if last.highlighted == highlighted && last.language == language => last.text.push(letter),
            _ => runs.push(TextRun { text: letter.to_string(), highlighted, language }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_split_at_characters_and_join_to_the_whole_text() {
        let text = "très bien, élan";
        let runs = text_runs(text, &[], &[Span::new(5, 9), Span::new(8, 9), Span::new(11, 15)]);
        let highlighted: Vec<_> = runs.iter().filter(|run| run.highlighted).map(|run| run.text.as_str()).collect();
        assert_eq!(highlighted, ["bien", "élan"]);
        assert_eq!(runs.iter().map(|run| run.text.as_str()).collect::<String>(), text);
        assert_eq!(text_runs(text, &[], &[]).len(), 1);
        assert!(text_runs("", &[], &[]).is_empty());
    }

    #[test]
    fn a_highlight_over_two_languages_is_two_runs() {
        let written = ["fr", "de"].map(|code| LanguageCode::parse(code).expect("a code"));
        let [first, second] = written;
        let parts = [(Span::new(0, 6), first), (Span::new(6, 10), second)];
        let parts = parts.map(|(span, language)| LanguageSpan { span, language });
        let runs = text_runs("élan, Größe", &parts, &[Span::new(0, 11)]);
        let texts: Vec<_> = runs.iter().map(|run| (run.text.as_str(), run.language)).collect();
        assert_eq!(texts, [("élan, ", Some(first)), ("Größ", Some(second)), ("e", None)]);
    }
}
