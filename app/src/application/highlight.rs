//! A page's text cut where highlights begin and end, and where its language changes.

use domain::{LanguageCode, Span, Written};

/// A piece of text in one language, lit up or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub lit: bool,
    pub language: Option<LanguageCode>,
}

/// Cuts `text` at the edges of `spans` (in characters; they may overlap) and of what is `written` in one language
/// (in the order of the text).
pub fn pieces(text: &str, written: &[Written], spans: &[Span]) -> Vec<Piece> {
    let is_lit = |at: u32| spans.iter().any(|span| span.start <= at && at < span.end);
    let mut parts = written.iter().peekable();
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, letter) in (0_u32..).zip(text.chars()) {
        while parts.next_if(|part| part.span.end <= at).is_some() {}
        let language = parts.peek().filter(|part| part.span.start <= at).map(|part| part.language);
        let lit = is_lit(at);
        match pieces.last_mut() {
            Some(last) if last.lit == lit && last.language == language => last.text.push(letter),
            _ => pieces.push(Piece { text: letter.to_string(), lit, language }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_characters_and_nothing_is_lost() {
        let text = "très bien, élan";
        let cut = pieces(text, &[], &[Span::new(5, 9), Span::new(8, 9), Span::new(11, 15)]);
        let lit: Vec<_> = cut.iter().filter(|piece| piece.lit).map(|piece| piece.text.as_str()).collect();
        assert_eq!(lit, ["bien", "élan"]);
        assert_eq!(cut.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
        assert_eq!(pieces(text, &[], &[]).len(), 1);
        assert!(pieces("", &[], &[]).is_empty());
    }

    #[test]
    fn a_highlight_over_two_languages_is_two_pieces() {
        let written = ["fr", "de"].map(|code| LanguageCode::parse(code).expect("a code"));
        let [first, second] = written;
        let parts = [(Span::new(0, 6), first), (Span::new(6, 10), second)];
        let parts = parts.map(|(span, language)| Written { span, language });
        let cut = pieces("élan, Größe", &parts, &[Span::new(0, 11)]);
        let said: Vec<_> = cut.iter().map(|piece| (piece.text.as_str(), piece.language)).collect();
        assert_eq!(said, [("élan, ", Some(first)), ("Größ", Some(second)), ("e", None)]);
    }
}
