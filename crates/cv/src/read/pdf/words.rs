//! Groups glyphs into words, and words into fragments of lines.

use hayro_interpret::kurbo::Rect;

use super::glyph::Glyph;
use crate::{headings::section_of_heading, read::letters};

/// A word with its position.
#[derive(Clone, Debug)]
pub struct PlacedWord {
    /// Its text.
    pub text: String,
    /// The bounding box in points.
    pub area: Rect,
    /// Whether it is bold.
    pub bold: bool,
}

/// How a fragment continues the one before it, where that does not follow from their positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// It is the next line of the same table cell.
    Line,
    /// It begins the next cell of the same table row.
    Cell,
}

/// Words side by side on one line, without a wide gap between them.
#[derive(Clone, Debug)]
pub struct Fragment {
    /// The words, in reading order.
    pub words: Vec<PlacedWord>,
    /// The bounding box of the words in points.
    pub area: Rect,
    /// The vertical position of the baseline in points.
    pub baseline: f64,
    /// The median font size in points.
    pub size: f64,
    /// The number of glyphs that are not white space.
    pub letters: usize,
    /// The number of bold glyphs among them.
    pub bold: usize,
    /// Whether it reads from right to left.
    pub rtl: bool,
    /// Whether its words are those of a section's heading.
    pub heading: bool,
    /// Set if it belongs to the same line as the fragment before it regardless of their positions.
    pub join: Option<Join>,
}

impl Fragment {
    /// A copy of this fragment with only `words`, which must be some of its words.
    pub fn with_words(&self, words: Vec<PlacedWord>) -> Self {
        let area = words.iter().map(|word| word.area).reduce(|a, b| a.union(b)).unwrap_or_default();
        let letters = |word: &PlacedWord| word.text.chars().count();
        let bold = words.iter().filter(|word| word.bold).map(letters).sum();
        let letters = words.iter().map(letters).sum();
        Self { heading: is_heading(&words), words, area, letters, bold, ..self.clone() }
    }
}

/// Whether `words` are those of a section's heading.
pub fn is_heading(words: &[PlacedWord]) -> bool {
    const MAX_WORDS: usize = 6;
    let text = || words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    words.len() <= MAX_WORDS && section_of_heading(&text()).is_some()
}

/// The minimum gap between two words in ems.
const MIN_WORD_GAP: f64 = 0.16;
/// The minimum gap between two fragments in ems.
const MIN_FRAGMENT_GAP: f64 = 1.1;

/// Groups `glyphs` into fragments, in drawing order.
pub fn fragments(glyphs: &[&Glyph]) -> Vec<Fragment> {
    let rtl = is_mostly_rtl(glyphs.iter().filter_map(|glyph| glyph.text.as_deref())) == Some(true);
    let mut fragments = Vec::new();
    let mut run: Vec<&Glyph> = Vec::new();
    for &glyph in glyphs {
        let joins = run.last().is_none_or(|last| follows(last, glyph)) && !is_gap_break(&run, glyph);
        if !joins {
            fragments.extend(fragment(&run, rtl));
            run.clear();
        }
        run.push(glyph);
    }
    fragments.extend(fragment(&run, rtl));
    fragments
}

/// Whether `next` continues the line of `last`, in either direction.
fn follows(last: &Glyph, next: &Glyph) -> bool {
    let size = last.size.max(next.size);
    let level = (last.origin.y - next.origin.y).abs() < size * 0.35;
    let forward = next.origin.x - last.end.x;
    let backward = last.origin.x - next.end.x;
    let near = |gap: f64| gap > -size * 0.5 && gap < size * MIN_FRAGMENT_GAP;
    let rtl = next.text.iter().chain(&last.text).any(|text| text.chars().any(letters::is_rtl));
    level && (near(forward) || (rtl && near(backward)))
}

/// Whether there is a wide gap between the last visible glyph of `run` and `next` that the spaces drawn in
/// between do not fill, as between two labels.
fn is_gap_break(run: &[&Glyph], next: &Glyph) -> bool {
    /// The minimum gap in ems.
    const MIN_GAP: f64 = 1.4;
    let Some(inked) = run.iter().rposition(|glyph| !glyph.is_space()) else { return false };
    let (Some(last), Some(spaces)) = (run.get(inked), run.get(inked + 1..)) else { return false };
    if next.is_space() || spaces.is_empty() {
        return false;
    }
    let gap = (next.origin.x - last.end.x).max(last.origin.x - next.end.x);
    let drawn: f64 = spaces.iter().map(|space| (space.end.x - space.origin.x).abs()).sum();
    gap > MIN_GAP * last.size.max(next.size) && drawn < gap / 2.0
}

/// The text and extent of a glyph on its line.
struct GlyphBox {
    text: String,
    left: f64,
    right: f64,
    size: f64,
    baseline: f64,
    bold: bool,
}

/// `page_rtl`: whether a fragment without letters, such as a date, reads from right to left.
fn fragment(run: &[&Glyph], page_rtl: bool) -> Option<Fragment> {
    let mut boxes: Vec<GlyphBox> = run.iter().filter_map(|glyph| glyph_box(glyph)).collect();
    let inked = |glyph_box: &&GlyphBox| !glyph_box.text.trim().is_empty();
    boxes.iter().find(inked)?;
    boxes.sort_by(|a, b| a.left.total_cmp(&b.left));
    let count = boxes.iter().filter(inked).count();
    let bold = boxes.iter().filter(inked).filter(|glyph_box| glyph_box.bold).count();
    let size = median(boxes.iter().filter(inked).map(|glyph_box| glyph_box.size));
    let baseline = median(boxes.iter().filter(inked).map(|glyph_box| glyph_box.baseline));
    let gap = MIN_WORD_GAP * size + tracking(&boxes, size);
    let mut words = split(&boxes, gap);
    // Removes icons, whose fonts have no mapping to text.
    words.retain(|word| word.text.chars().any(|letter| letter != '\u{FFFD}'));
    join_spaced(&mut words, size);
    let rtl = is_mostly_rtl(words.iter().map(|word| word.text.as_str())).unwrap_or(page_rtl);
    if rtl || words.iter().any(|word| word.text.chars().any(letters::is_rtl)) {
        words = super::bidi::to_logical(words, rtl);
    }
    let area = words.iter().map(|word| word.area).reduce(|a, b| a.union(b))?;
    let heading = is_heading(&words);
    Some(Fragment { words, area, baseline, size, letters: count, bold, rtl, heading, join: None })
}

fn glyph_box(glyph: &Glyph) -> Option<GlyphBox> {
    let text = glyph.text.as_deref().unwrap_or("\u{FFFD}");
    let mut text = if letters::is_hyphen(text) { "-".to_owned() } else { letters::normalize(text) };
    if text.chars().any(letters::is_rtl) {
        // One glyph for several letters: convert to the visual order that all glyphs have here.
        text = text.chars().rev().collect();
    }
    let (left, right) = (glyph.origin.x.min(glyph.end.x), glyph.origin.x.max(glyph.end.x));
    // A glyph without width and text controls how letters join.
    if glyph.text.is_none() && right - left < 0.02 * glyph.size {
        return None;
    }
    (!text.is_empty()).then_some(GlyphBox {
        text,
        left,
        right,
        size: glyph.size,
        baseline: glyph.origin.y,
        bold: glyph.bold,
    })
}

/// The extra letter spacing in points; 0 for normal text.
fn tracking(boxes: &[GlyphBox], size: f64) -> f64 {
    let gaps = boxes.windows(2).filter_map(|pair| match pair {
        [a, b] if !a.text.trim().is_empty() && !b.text.trim().is_empty() => Some(b.left - a.right),
        _ => None,
    });
    let gaps: Vec<f64> = gaps.collect();
    let middle = median(gaps.iter().copied());
    if gaps.len() >= 3 && middle > 0.06 * size { middle } else { 0.0 }
}

fn split(boxes: &[GlyphBox], gap: f64) -> Vec<PlacedWord> {
    let mut words: Vec<PlacedWord> = Vec::new();
    let mut open = false;
    let mut edge = f64::MIN;
    for glyph_box in boxes {
        if glyph_box.text.trim().is_empty() {
            open = false;
            continue;
        }
        let area = body(glyph_box);
        // A combining mark or accent may lie on the letter before it.
        let joins = open && glyph_box.left - edge < gap;
        match words.last_mut() {
            Some(word) if joins => {
                word.text.push_str(&glyph_box.text);
                word.area = word.area.union(area);
            }
            _ => words.push(PlacedWord { text: glyph_box.text.clone(), area, bold: glyph_box.bold }),
        }
        open = true;
        edge = glyph_box.right;
    }
    words
}

fn body(glyph_box: &GlyphBox) -> Rect {
    Rect::new(
        glyph_box.left,
        glyph_box.baseline - 0.78 * glyph_box.size,
        glyph_box.right,
        glyph_box.baseline + 0.22 * glyph_box.size,
    )
}

/// Joins headings that were typed as single letters separated by spaces: "E D U C A T I O N".
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

/// Whether most letters of `texts` belong to a right-to-left script; `None` without letters.
fn is_mostly_rtl<'a>(texts: impl Iterator<Item = &'a str>) -> Option<bool> {
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

/// The median, the greater of two middle values; 0 for no values.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
