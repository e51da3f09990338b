//! Words that were recognised in the picture of a page, put into the document.

use std::collections::HashSet;

use domain::{
    refusal::UnreadReason,
    summary::{HiddenReason, HiddenText},
};
use hayro_interpret::kurbo::{self, Rect};

use super::pdf::{
    order,
    page::Writer,
    words::{Piece, PlacedWord, is_heading},
};
use crate::{document::Document, lexicon::fold};

/// More pages of pictures than this stay unread: recognition takes a second a page.
const MOST_PAGES: usize = 10;
/// Short words of which recognition is less sure, of 100, are specks; names are often not sure.
const SURE: f32 = 20.0;
const SHORT: usize = 3;

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
    let lean = lean(&seen.words);
    let pieces = pieces(&seen.words, scale, lean);
    if pieces.iter().map(|piece| piece.letters).sum::<usize>() < 20 {
        return;
    }
    let block = document.lines.iter().map(|line| line.block + 1).max().unwrap_or(0);
    let area = Rect::new(0.0, 0.0, upright.0, upright.1);
    let (mut page, lines, _) = Writer::new(number, area, block).write(order::rebuilt_order(pieces));
    (page.width, page.height) = (known.width, known.height);
    for word in &mut page.words {
        word.rect = word.rect.map(|rect| turned_back(leaned_back(rect, lean), seen.turns, (page.width, page.height)));
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

#[expect(clippy::cast_possible_truncation, reason = "a slope below one")]
fn leaned_back(rect: domain::Rect, lean: f64) -> domain::Rect {
    domain::Rect { y: rect.y + lean as f32 * rect.x, ..rect }
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

/// The words as pieces of lines in points, with lines that lean set level.
fn pieces(words: &[SeenWord], scale: f64, lean: f64) -> Vec<Piece> {
    let long = |word: &SeenWord| word.text.chars().filter(|letter| letter.is_alphanumeric()).count() > SHORT;
    let sure = words.iter().filter(|word| (word.sure >= SURE || long(word)) && !word.text.trim().is_empty());
    let level = |word: &SeenWord| {
        let fall = kurbo::Vec2::new(0.0, -lean * word.area.x0);
        SeenWord { area: (word.area + fall).scale_from_origin(scale), ..word.clone() }
    };
    let sure: Vec<SeenWord> = sure.map(level).collect();
    let mut pieces = Vec::new();
    for line in sure.chunk_by(|a, b| a.line == b.line) {
        let (dot, rest) = match line {
            [mark, next, ..] if next.text.starts_with(char::is_uppercase) && is_mark(&mark.text) => line.split_at(1),
            _ => line.split_at(0),
        };
        let height = rest.iter().map(|word| word.area.height()).fold(0.0, f64::max);
        let runs: Vec<&[SeenWord]> = rest.chunk_by(|a, b| b.area.x0 - a.area.x1 < 1.4 * height).collect();
        for (n, run) in runs.into_iter().enumerate() {
            pieces.extend(piece(dot.first().filter(|_| n == 0), run));
        }
    }
    pieces
}

/// By how much the lines of a scan fall to the right, as a slope: the median over long lines.
fn lean(words: &[SeenWord]) -> f64 {
    const LONG: f64 = 400.0;
    let foot = |word: &&SeenWord| !has_descender(&word.text);
    let lines = words.chunk_by(|a, b| a.line == b.line).filter_map(|line| {
        let (first, last) = (line.iter().find(foot)?, line.iter().rev().find(foot)?);
        let across = last.area.x0 - first.area.x0;
        (across > LONG).then(|| (last.area.y1 - first.area.y1) / across)
    });
    let slope = super::pdf::words::median(lines);
    if slope.abs() < 0.15 { slope } else { 0.0 }
}

fn has_descender(text: &str) -> bool {
    text.chars().any(|letter| "gjpqyQ,;()[]{}/|@$ç".contains(letter))
}

/// The size of the type in which a word of that height is set, in the same unit.
fn type_size(word: &SeenWord) -> f64 {
    let tall =
        word.text.chars().any(|letter| letter.is_uppercase() || letter.is_ascii_digit() || "bdfhklt".contains(letter));
    let share = match (tall, has_descender(&word.text)) {
        (true, true) => 0.93,
        (true, false) => 0.72,
        (false, true) => 0.70,
        (false, false) => 0.50,
    };
    word.area.height() / share
}

fn piece(dot: Option<&SeenWord>, run: &[SeenWord]) -> Option<Piece> {
    let placed = |word: &SeenWord, text: &str| PlacedWord { text: text.to_owned(), area: word.area, bold: false };
    let words: Vec<PlacedWord> =
        dot.map(|word| placed(word, "•")).into_iter().chain(run.iter().map(|word| placed(word, &word.text))).collect();
    let area = words.iter().map(|word| word.area).reduce(|a, b| a.union(b))?;
    let letters = words.iter().map(|word| word.text.chars().count()).sum();
    let rtl = run.iter().any(|word| word.text.chars().any(super::letters::is_rtl));
    let size = super::pdf::words::median(run.iter().map(type_size));
    let feet: Vec<f64> = run.iter().filter(|word| !has_descender(&word.text)).map(|word| word.area.y1).collect();
    let baseline = if feet.is_empty() { area.y1 - 0.2 * size } else { super::pdf::words::median(feet.into_iter()) };
    let heading = is_heading(&words);
    Some(Piece { words, baseline, area, size, letters, bold: 0, rtl, heading, join: None })
}

/// What the dot of a list is taken for.
fn is_mark(text: &str) -> bool {
    ["e", "o", "°", "¢", "«", "»", "*", "©", "®", "-", "+", "·", "•", "●", "=", "—", "o.", "e.", "@"].contains(&text)
}
