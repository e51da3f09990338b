//! Words that were recognised in the picture of a page, put into the document.

use std::collections::HashSet;

use domain::{
    refusal::UnreadReason,
    summary::{HiddenReason, HiddenText},
};
use hayro_interpret::kurbo::Rect;

use super::pdf::{
    order,
    page::Writer,
    words::{Piece, PlacedWord},
};
use crate::{document::Document, lexicon::fold};

/// More pages of pictures than this stay unread: recognition takes a second a page.
const MOST_PAGES: usize = 10;
/// Words of which recognition is less sure, of 100, are no words.
const SURE: f32 = 20.0;

/// A word in a picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SeenWord {
    /// Words of one line share it.
    pub line: (u32, u32, u32),
    /// Its place in pixels.
    pub area: Rect,
    /// How sure recognition is, of 100.
    pub sure: f32,
    /// What it says.
    pub text: String,
}

/// The words of a picture and how the picture lay.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// In the order of recognition.
    pub words: Vec<SeenWord>,
    /// The size of the upright picture in pixels.
    pub size: (f64, f64),
    /// How often it was turned by 90 degrees clockwise to stand upright.
    pub turns: u8,
}

/// The pages whose pictures are to be recognised.
pub(crate) fn pictures(document: &Document) -> Vec<u32> {
    let shown = |reason| matches!(reason, UnreadReason::Picture | UnreadReason::UnmappedFont);
    let pages = document.unread.iter().filter(|unread| shown(unread.reason));
    pages.map(|unread| unread.page).take(MOST_PAGES).collect()
}

/// Puts what was seen on page `number` into `document`, and compares it with the text that was laid
/// over the picture.
pub(crate) fn insert(document: &mut Document, number: u32, seen: Seen) {
    let Some(at) = document.transcript.pages.iter().position(|page| page.number == number) else { return };
    let Some(known) = document.transcript.pages.get(at) else { return };
    let (width, height) = (f64::from(known.width), f64::from(known.height));
    let upright = if seen.turns % 2 == 1 { (height, width) } else { (width, height) };
    let scale = upright.0 / seen.size.0.max(1.0);
    let pieces = pieces(&seen.words, scale);
    if pieces.iter().map(|piece| piece.letters).sum::<usize>() < 20 {
        return;
    }
    let block = document.lines.iter().map(|line| line.block + 1).max().unwrap_or(0);
    let area = Rect::new(0.0, 0.0, upright.0, upright.1);
    let (mut page, lines, _) = Writer::new(number, area, block).write(order::reading_order(pieces));
    (page.width, page.height) = (known.width, known.height);
    for word in &mut page.words {
        word.rect = word.rect.map(|rect| turned_back(rect, seen.turns, (page.width, page.height)));
    }
    let said = page.text.clone();
    document.transcript.pages[at] = page;
    document.lines.extend(lines);
    document.lines.sort_by_key(|line| line.page);
    document.unread.retain(|unread| unread.page != number);
    document.recognised.push(number);
    let unseen = document.layers.iter().filter(|layer| layer.page == number).filter_map(|layer| unseen(layer, &said));
    let unseen: Vec<HiddenText> = unseen.collect();
    document.hidden.extend(unseen);
}

/// The place on the page as it lies in the file.
fn turned_back(rect: domain::Rect, turns: u8, (width, height): (f32, f32)) -> domain::Rect {
    let domain::Rect { x, y, w, h } = rect;
    match turns % 4 {
        1 => domain::Rect { x: y, y: height - x - w, w: h, h: w },
        2 => domain::Rect { x: width - x - w, y: height - y - h, w, h },
        3 => domain::Rect { x: width - y - h, y: x, w: h, h: w },
        _ => rect,
    }
}

/// What of a layer the picture does not show, if that is more than recognition gets wrong.
fn unseen(layer: &HiddenText, said: &str) -> Option<HiddenText> {
    let seen: HashSet<String> = fold(said).split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
    let long = |word: &&str| word.chars().filter(|c| c.is_alphanumeric()).count() > 3;
    let words: Vec<&str> = layer.text.split_whitespace().filter(long).collect();
    let parts = |word: &str| fold(word).split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>();
    let missing = |word: &&&str| parts(word).iter().any(|part| part.chars().count() > 3 && !seen.contains(part));
    let unseen: Vec<&str> = words.iter().filter(missing).copied().collect();
    let much = unseen.len() >= 5 && unseen.len() * 4 >= words.len();
    much.then(|| HiddenText { reason: HiddenReason::Invisible, text: unseen.join(" "), ..layer.clone() })
}

/// The words as pieces of lines in points.
fn pieces(words: &[SeenWord], scale: f64) -> Vec<Piece> {
    let sure: Vec<&SeenWord> = words.iter().filter(|word| word.sure >= SURE && !word.text.trim().is_empty()).collect();
    let mut pieces = Vec::new();
    for line in sure.chunk_by(|a, b| a.line == b.line) {
        let height = line.iter().map(|word| word.area.height()).fold(0.0, f64::max);
        for (n, run) in line.chunk_by(|a, b| b.area.x0 - a.area.x1 < 1.4 * height).enumerate() {
            pieces.extend(piece(run, height, scale, n == 0));
        }
    }
    pieces
}

fn piece(run: &[&SeenWord], height: f64, scale: f64, first: bool) -> Option<Piece> {
    let placed = |(n, word): (usize, &&SeenWord)| {
        let bullet = first && n == 0 && run.get(1).is_some_and(|next| next.text.starts_with(char::is_uppercase)) && is_mark(&word.text);
        PlacedWord { text: if bullet { "•".to_owned() } else { word.text.clone() }, area: word.area.scale_from_origin(scale) }
    };
    let words: Vec<PlacedWord> = run.iter().enumerate().map(placed).collect();
    let area = words.iter().map(|word| word.area).reduce(|a, b| a.union(b))?;
    let letters = words.iter().map(|word| word.text.chars().count()).sum();
    let rtl = run.iter().any(|word| word.text.chars().any(super::letters::is_rtl));
    Some(Piece { words, baseline: area.y1, area, size: height * scale * 0.85, letters, bold: 0, rtl })
}

/// What the dot of a list is taken for.
fn is_mark(text: &str) -> bool {
    ["e", "o", "°", "¢", "«", "»", "*", "©", "®", "-", "+", "·", "•", "●", "=", "—", "o.", "e.", "@"].contains(&text)
}
