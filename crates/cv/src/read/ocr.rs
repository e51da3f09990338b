//! Adds words that OCR recognized on the image of a page to the document.

use std::collections::HashSet;

use domain::{
    notice::{HiddenReason, UnreadReason},
    summary::HiddenText,
};
use hayro_interpret::kurbo::{self, Rect};

use super::pdf::{
    order,
    page::PageBuilder,
    words::{Fragment, PlacedWord, is_heading},
};
use crate::{document::Document, lexicon::fold};

/// The maximum number of pages that go through OCR, which takes a second a page.
const MAX_OCR_PAGES: usize = 10;
/// Short words with a confidence below this, of 100, are specks. Long ones are kept, because names often
/// have a low confidence.
const CONFIDENCE_THRESHOLD: f32 = 20.0;
/// The maximum number of letters of a short word.
const MAX_SHORT: usize = 3;

/// A word that OCR recognized.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OcrWord {
    /// Block, paragraph and line; words of the same line share it.
    pub line: (u32, u32, u32),
    /// The bounding box in pixels.
    pub area: Rect,
    /// The engine's confidence, from 0 to 100.
    pub confidence: f32,
    /// The recognized text.
    pub text: String,
}

/// The words of a page image and its orientation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OcrPage {
    /// The words in the engine's order.
    pub words: Vec<OcrWord>,
    /// The size of the upright image in pixels.
    pub size: (f64, f64),
    /// How often the image was rotated by 90 degrees clockwise to make it upright.
    pub quarter_turns: u8,
}

/// Returns the numbers of the pages that need OCR.
pub(crate) fn image_pages(document: &Document) -> Vec<u32> {
    let needs_ocr = |reason| matches!(reason, UnreadReason::Picture | UnreadReason::UnmappedFont);
    let pages = document.unread.iter().filter(|unread| needs_ocr(unread.reason));
    pages.map(|unread| unread.page).take(MAX_OCR_PAGES).collect()
}

/// Replaces the text of page `number` with `recognized`. Text that was laid over the image but that OCR did
/// not find in it is added to the hidden text. Does nothing if there are too few letters.
pub(crate) fn insert(document: &mut Document, number: u32, recognized: OcrPage) {
    let Some(index) = document.transcript.pages.iter().position(|page| page.number == number) else { return };
    let Some(original) = document.transcript.pages.get(index) else { return };
    let original_size = (original.width, original.height);
    let (width, height) = (f64::from(original.width), f64::from(original.height));
    let upright = if recognized.quarter_turns % 2 == 1 { (height, width) } else { (width, height) };
    let scale = upright.0 / recognized.size.0.max(1.0);
    let skew = skew(&recognized.words);
    let fragments = fragments(&recognized.words, scale, skew);
    if fragments.iter().map(|fragment| fragment.letters).sum::<usize>() < 20 {
        return;
    }
    let block = document.lines.iter().map(|line| line.block + 1).max().unwrap_or(0);
    let area = Rect::new(0.0, 0.0, upright.0, upright.1);
    let (mut page, lines, _) = PageBuilder::new(number, area, block).build(order::rebuilt_order(fragments));
    (page.width, page.height) = original_size;
    for word in &mut page.words {
        let to_original = |rect| rotated_back(skewed(rect, skew), recognized.quarter_turns, original_size);
        word.rect = word.rect.map(to_original);
    }
    let text = page.text.clone();
    document.transcript.pages[index] = page;
    document.lines.extend(lines);
    document.lines.sort_by_key(|line| line.page);
    document.unread.retain(|unread| unread.page != number);
    document.ocr_pages.push(number);
    let layers = document.layers.iter().filter(|layer| layer.page == number);
    let unconfirmed: Vec<HiddenText> = layers.filter_map(|layer| unconfirmed(layer, &text)).collect();
    document.hidden.extend(unconfirmed);
}

#[expect(clippy::cast_possible_truncation, reason = "a slope below one")]
fn skewed(rect: domain::Rect, skew: f64) -> domain::Rect {
    domain::Rect { y: rect.y + skew as f32 * rect.x, ..rect }
}

/// Converts a place on the upright page to one on the page as the file has it.
fn rotated_back(rect: domain::Rect, quarter_turns: u8, (width, height): (f32, f32)) -> domain::Rect {
    let domain::Rect { x, y, w, h } = rect;
    match quarter_turns % 4 {
        1 => domain::Rect { x: y, y: height - x - w, w: h, h: w },
        2 => domain::Rect { x: width - x - w, y: height - y - h, w, h },
        3 => domain::Rect { x: width - y - h, y: x, w: h, h: w },
        _ => rect,
    }
}

/// The words of an invisible text layer that OCR did not find, if there are more than OCR errors explain.
fn unconfirmed(layer: &HiddenText, recognized: &str) -> Option<HiddenText> {
    let known: HashSet<String> = fold(recognized).split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
    let long = |word: &&str| word.chars().filter(|c| c.is_alphanumeric()).count() > 3;
    let words: Vec<&str> = layer.text.split_whitespace().filter(long).collect();
    let tokens = |word: &str| fold(word).split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>();
    let is_missing =
        |word: &&&str| tokens(word).iter().any(|token| token.chars().count() > 3 && !known.contains(token));
    let missing: Vec<&str> = words.iter().filter(is_missing).copied().collect();
    let is_significant = missing.len() >= 5 && missing.len() * 4 >= words.len();
    is_significant.then(|| HiddenText { reason: HiddenReason::Invisible, text: missing.join(" "), ..layer.clone() })
}

/// Groups the words into fragments of lines, converts pixels to points and corrects the skew.
fn fragments(words: &[OcrWord], scale: f64, skew: f64) -> Vec<Fragment> {
    let long = |word: &OcrWord| word.text.chars().filter(|letter| letter.is_alphanumeric()).count() > MAX_SHORT;
    let is_reliable =
        |word: &&OcrWord| (word.confidence >= CONFIDENCE_THRESHOLD || long(word)) && !word.text.trim().is_empty();
    let leveled = |word: &OcrWord| {
        let shift = kurbo::Vec2::new(0.0, -skew * word.area.x0);
        OcrWord { area: (word.area + shift).scale_from_origin(scale), ..word.clone() }
    };
    let reliable: Vec<OcrWord> = words.iter().filter(is_reliable).map(leveled).collect();
    let mut fragments = Vec::new();
    for line in reliable.chunk_by(|a, b| a.line == b.line) {
        let (bullet, rest) = match line {
            [mark, next, ..] if next.text.starts_with(char::is_uppercase) && is_bullet(&mark.text) => line.split_at(1),
            _ => line.split_at(0),
        };
        let height = rest.iter().map(|word| word.area.height()).fold(0.0, f64::max);
        let runs: Vec<&[OcrWord]> = rest.chunk_by(|a, b| b.area.x0 - a.area.x1 < 1.4 * height).collect();
        for (n, run) in runs.into_iter().enumerate() {
            fragments.extend(fragment(bullet.first().filter(|_| n == 0), run));
        }
    }
    fragments
}

/// The slope by which the lines of a scan fall to the right: the median over long lines.
fn skew(words: &[OcrWord]) -> f64 {
    /// The minimum distance in pixels over which a slope is measured.
    const MIN_LENGTH: f64 = 400.0;
    let stands_on_baseline = |word: &&OcrWord| !has_descender(&word.text);
    let lines = words.chunk_by(|a, b| a.line == b.line).filter_map(|line| {
        let (first, last) = (line.iter().find(stands_on_baseline)?, line.iter().rev().find(stands_on_baseline)?);
        let across = last.area.x0 - first.area.x0;
        (across > MIN_LENGTH).then(|| (last.area.y1 - first.area.y1) / across)
    });
    let slope = super::pdf::words::median(lines);
    if slope.abs() < 0.15 { slope } else { 0.0 }
}

fn has_descender(text: &str) -> bool {
    text.chars().any(|letter| "gjpqyQ,;()[]{}/|@$ç".contains(letter))
}

/// Estimates the font size of a word from its height and letters, in the unit of its area.
fn type_size(word: &OcrWord) -> f64 {
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

fn fragment(bullet: Option<&OcrWord>, run: &[OcrWord]) -> Option<Fragment> {
    let placed = |word: &OcrWord, text: &str| PlacedWord { text: text.to_owned(), area: word.area, bold: false };
    let words: Vec<PlacedWord> = bullet
        .map(|word| placed(word, "•"))
        .into_iter()
        .chain(run.iter().map(|word| placed(word, &word.text)))
        .collect();
    let area = words.iter().map(|word| word.area).reduce(|a, b| a.union(b))?;
    let letters = words.iter().map(|word| word.text.chars().count()).sum();
    let rtl = run.iter().any(|word| word.text.chars().any(super::letters::is_rtl));
    let size = super::pdf::words::median(run.iter().map(type_size));
    let bottoms: Vec<f64> = run.iter().filter(|word| !has_descender(&word.text)).map(|word| word.area.y1).collect();
    let baseline =
        if bottoms.is_empty() { area.y1 - 0.2 * size } else { super::pdf::words::median(bottoms.into_iter()) };
    let heading = is_heading(&words);
    Some(Fragment { words, baseline, area, size, letters, bold: 0, rtl, heading, join: None })
}

/// Whether `text` is what OCR makes of a list's bullet.
fn is_bullet(text: &str) -> bool {
    ["e", "o", "°", "¢", "«", "»", "*", "©", "®", "-", "+", "·", "•", "●", "=", "—", "o.", "e.", "@"].contains(&text)
}
