//! Glyphs to words, and words to pieces of lines.

use hayro_interpret::kurbo::Rect;

use super::device::Drawn;
use crate::{facts::section, read::letters};

/// A word with its place.
#[derive(Clone, Debug)]
pub struct PlacedWord {
    /// Its letters.
    pub text: String,
    /// Its place.
    pub area: Rect,
    /// Whether it is bold.
    pub bold: bool,
}

/// How a piece goes on with the one before it, where its place does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// The same cell goes on in its next line.
    Line,
    /// The next cell of the same row begins.
    Cell,
}

/// Words that stand side by side on one line.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The words, in reading order.
    pub words: Vec<PlacedWord>,
    /// The place of all.
    pub area: Rect,
    /// The height of the line they stand on.
    pub baseline: f64,
    /// The median glyph size.
    pub size: f64,
    /// How many glyphs.
    pub letters: usize,
    /// How many of them bold.
    pub bold: usize,
    /// Whether it reads from right to left.
    pub rtl: bool,
    /// Whether its words are those of a section's heading.
    pub heading: bool,
    /// Whether it belongs to the line of the piece before it, though it may not stand beside it.
    pub join: Option<Join>,
}

impl Piece {
    /// These of its words as a piece of their own.
    pub fn part(&self, words: Vec<PlacedWord>) -> Self {
        let area = words.iter().map(|word| word.area).reduce(|a, b| a.union(b)).unwrap_or_default();
        let letters = |word: &PlacedWord| word.text.chars().count();
        let bold = words.iter().filter(|word| word.bold).map(letters).sum();
        let letters = words.iter().map(letters).sum();
        Self { heading: is_heading(&words), words, area, letters, bold, ..self.clone() }
    }
}

/// Whether `words` are those of a section's heading.
pub fn is_heading(words: &[PlacedWord]) -> bool {
    const LONGEST: usize = 6;
    let text = || words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    words.len() <= LONGEST && section::named(&text()).is_some()
}

/// A gap this wide, in ems, parts two words.
const WORD_GAP: f64 = 0.16;
/// A gap this wide parts two pieces.
const PIECE_GAP: f64 = 1.1;

/// The pieces of `glyphs`, in the order in which they were drawn.
pub fn pieces(glyphs: &[&Drawn]) -> Vec<Piece> {
    let rtl = leaning(glyphs.iter().filter_map(|glyph| glyph.text.as_deref())) == Some(true);
    let mut pieces = Vec::new();
    let mut run: Vec<&Drawn> = Vec::new();
    for &glyph in glyphs {
        let joins = run.last().is_none_or(|last| follows(last, glyph)) && !leaps(&run, glyph);
        if !joins {
            pieces.extend(piece(&run, rtl));
            run.clear();
        }
        run.push(glyph);
    }
    pieces.extend(piece(&run, rtl));
    pieces
}

/// Whether `next` continues the line of `last`, in either direction.
fn follows(last: &Drawn, next: &Drawn) -> bool {
    let size = last.size.max(next.size);
    let level = (last.origin.y - next.origin.y).abs() < size * 0.35;
    let forward = next.origin.x - last.end.x;
    let backward = last.origin.x - next.end.x;
    let near = |gap: f64| gap > -size * 0.5 && gap < size * PIECE_GAP;
    let rtl = next.text.iter().chain(&last.text).any(|text| text.chars().any(letters::is_rtl));
    level && (near(forward) || (rtl && near(backward)))
}

/// Whether `next` stands far from the last ink of `run`, and the space drawn between does not reach
/// across: two labels with room around them.
fn leaps(run: &[&Drawn], next: &Drawn) -> bool {
    const FAR: f64 = 1.4;
    let Some(inked) = run.iter().rposition(|glyph| !glyph.is_space()) else { return false };
    let (Some(last), Some(spaces)) = (run.get(inked), run.get(inked + 1..)) else { return false };
    if next.is_space() || spaces.is_empty() {
        return false;
    }
    let gap = (next.origin.x - last.end.x).max(last.origin.x - next.end.x);
    let drawn: f64 = spaces.iter().map(|space| (space.end.x - space.origin.x).abs()).sum();
    gap > FAR * last.size.max(next.size) && drawn < gap / 2.0
}

/// A glyph as it stands on its line.
struct Cell {
    text: String,
    left: f64,
    right: f64,
    size: f64,
    baseline: f64,
    bold: bool,
}

/// `page_rtl`: how a piece without letters, such as a date, reads.
fn piece(run: &[&Drawn], page_rtl: bool) -> Option<Piece> {
    let mut cells: Vec<Cell> = run.iter().filter_map(|glyph| cell(glyph)).collect();
    let inked = |cell: &&Cell| !cell.text.trim().is_empty();
    cells.iter().find(inked)?;
    cells.sort_by(|a, b| a.left.total_cmp(&b.left));
    let count = cells.iter().filter(inked).count();
    let bold = cells.iter().filter(inked).filter(|cell| cell.bold).count();
    let size = median(cells.iter().filter(inked).map(|cell| cell.size));
    let baseline = median(cells.iter().filter(inked).map(|cell| cell.baseline));
    let gap = WORD_GAP * size + tracking(&cells, size);
    let mut words = split(&cells, gap);
    // Icons of fonts that do not say what they show.
    words.retain(|word| word.text.chars().any(|letter| letter != '\u{FFFD}'));
    join_spaced(&mut words, size);
    let rtl = leaning(words.iter().map(|word| word.text.as_str())).unwrap_or(page_rtl);
    if rtl || words.iter().any(|word| word.text.chars().any(letters::is_rtl)) {
        words = super::bidi::logical(words, rtl);
    }
    let area = words.iter().map(|word| word.area).reduce(|a, b| a.union(b))?;
    let heading = is_heading(&words);
    Some(Piece { words, area, baseline, size, letters: count, bold, rtl, heading, join: None })
}

fn cell(glyph: &Drawn) -> Option<Cell> {
    let text = glyph.text.as_deref().unwrap_or("\u{FFFD}");
    let mut text = if letters::is_hyphen(text) { "-".to_owned() } else { letters::plain(text) };
    if text.chars().any(letters::is_rtl) {
        // One shape for several letters: as the page has it, from left to right.
        text = text.chars().rev().collect();
    }
    let (left, right) = (glyph.origin.x.min(glyph.end.x), glyph.origin.x.max(glyph.end.x));
    // What takes no room and says nothing steers how letters join.
    if glyph.text.is_none() && right - left < 0.02 * glyph.size {
        return None;
    }
    (!text.is_empty()).then_some(Cell {
        text,
        left,
        right,
        size: glyph.size,
        baseline: glyph.origin.y,
        bold: glyph.bold,
    })
}

/// By how much the letters were moved apart on purpose; 0 for ordinary setting.
fn tracking(cells: &[Cell], size: f64) -> f64 {
    let gaps = cells.windows(2).filter_map(|pair| match pair {
        [a, b] if !a.text.trim().is_empty() && !b.text.trim().is_empty() => Some(b.left - a.right),
        _ => None,
    });
    let gaps: Vec<f64> = gaps.collect();
    let middle = median(gaps.iter().copied());
    if gaps.len() >= 3 && middle > 0.06 * size { middle } else { 0.0 }
}

fn split(cells: &[Cell], gap: f64) -> Vec<PlacedWord> {
    let mut words: Vec<PlacedWord> = Vec::new();
    let mut open = false;
    let mut edge = f64::MIN;
    for cell in cells {
        if cell.text.trim().is_empty() {
            open = false;
            continue;
        }
        let area = body(cell);
        // A combining mark or accent may lie on the letter before it.
        let joins = open && cell.left - edge < gap;
        match words.last_mut() {
            Some(word) if joins => {
                word.text.push_str(&cell.text);
                word.area = word.area.union(area);
            }
            _ => words.push(PlacedWord { text: cell.text.clone(), area, bold: cell.bold }),
        }
        open = true;
        edge = cell.right;
    }
    words
}

fn body(cell: &Cell) -> Rect {
    Rect::new(cell.left, cell.baseline - 0.78 * cell.size, cell.right, cell.baseline + 0.22 * cell.size)
}

/// Joins headings that were typed as single letters with spaces: "E D U C A T I O N".
fn join_spaced(words: &mut Vec<PlacedWord>, size: f64) {
    let single = |word: &PlacedWord| {
        let mut chars = word.text.chars();
        chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
    };
    let cjk = words.iter().any(|word| word.text.chars().any(|letter| letter >= '\u{2E80}'));
    let singles = words.iter().filter(|word| single(word)).count();
    if cjk || singles < 4 || singles * 5 < words.len() * 4 {
        return;
    }
    let gaps = words.windows(2).filter_map(|pair| match pair {
        [a, b] => Some((b.area.x0 - a.area.x1).max(0.0)),
        _ => None,
    });
    let usual = median(gaps);
    let mut joined: Vec<PlacedWord> = Vec::new();
    for word in words.drain(..) {
        match joined.last_mut() {
            Some(last) if word.area.x0 - last.area.x1 < usual * 1.5 + 0.05 * size => {
                last.text.push_str(&word.text);
                last.area = last.area.union(word.area);
            }
            _ => joined.push(word),
        }
    }
    *words = joined;
}

/// Whether most letters of `texts` are written from right to left; `None` without letters.
fn leaning<'a>(texts: impl Iterator<Item = &'a str>) -> Option<bool> {
    let (mut right, mut left) = (0_usize, 0_usize);
    for letter in texts.flat_map(str::chars).filter(|letter| letter.is_alphabetic()) {
        if letters::is_rtl(letter) {
            right += 1;
        } else {
            left += 1;
        }
    }
    (right + left > 0).then_some(right > left)
}

/// The middle one; 0 for none.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
