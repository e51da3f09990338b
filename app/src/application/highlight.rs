//! A page's text cut where highlights begin and end.

use domain::Span;

/// A piece of text, lit up or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub lit: bool,
}

/// Cuts `text` at the edges of `spans` (in characters; they may overlap).
pub fn pieces(text: &str, spans: &[Span]) -> Vec<Piece> {
    let is_lit = |at: u32| spans.iter().any(|span| span.start <= at && at < span.end);
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, letter) in (0_u32..).zip(text.chars()) {
        let lit = is_lit(at);
        match pieces.last_mut() {
            Some(last) if last.lit == lit => last.text.push(letter),
            _ => pieces.push(Piece { text: letter.to_string(), lit }),
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
        let cut = pieces(text, &[Span::new(5, 9), Span::new(8, 9), Span::new(11, 15)]);
        let lit: Vec<_> = cut.iter().filter(|piece| piece.lit).map(|piece| piece.text.as_str()).collect();
        assert_eq!(lit, ["bien", "élan"]);
        assert_eq!(cut.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
        assert_eq!(pieces(text, &[]).len(), 1);
        assert!(pieces("", &[]).is_empty());
    }
}
