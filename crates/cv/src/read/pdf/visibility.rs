//! Finds glyphs that a person who looks at the page cannot see.

use domain::notice::HiddenReason;
use hayro_interpret::kurbo::{Point, Rect, Shape};

use super::{
    device::{Canvas, Fill},
    glyph::Glyph,
};
use crate::read::letters;

/// The font size in points below which text is illegible.
const MIN_SIZE: f64 = 3.0;
/// Colors that differ by less than this in every channel look the same on paper.
const COLOR_THRESHOLD: u8 = 20;
/// The maximum number of letters that one honest glyph stands for, as the ligature "ffi" does.
const MAX_LETTERS: usize = 3;

/// Why `glyph` cannot be seen on `page`; `None` if it can.
pub fn hidden_reason(glyph: &Glyph, canvas: &Canvas, page: Rect) -> Option<HiddenReason> {
    let text = glyph.text.as_deref().unwrap_or_default();
    let center = glyph.center();
    let clear = glyph.invisible || glyph.opacity < 0.05;
    if text.chars().count() > MAX_LETTERS || !letters::tag_message(text).is_empty() {
        Some(HiddenReason::NoGlyph)
    } else if !page.inflate(0.3 * glyph.size, 0.0).contains(center) {
        Some(HiddenReason::OffPage)
    } else if (clear && !is_outlined(glyph, canvas)) || !glyph.clip.contains(center) {
        Some(HiddenReason::Invisible)
    } else if glyph.size < MIN_SIZE {
        Some(HiddenReason::Tiny)
    } else if !has_ink(glyph, canvas, center) {
        Some(HiddenReason::NoInk)
    } else {
        None
    }
}

/// Whether the letters were drawn as shapes with transparent text over them for copying, as browsers do
/// with fonts that may not be embedded.
fn is_outlined(glyph: &Glyph, canvas: &Canvas) -> bool {
    let body = glyph.body();
    let middle = body.center();
    canvas.outlines.iter().any(|outline| {
        let shared = outline.y1.min(body.y1) - outline.y0.max(body.y0);
        let beside = middle.x > outline.x0 - 0.5 && middle.x < outline.x1 + 0.5;
        beside && shared > 0.3 * glyph.size && outline.height() < 1.6 * glyph.size
    })
}

fn has_ink(glyph: &Glyph, canvas: &Canvas, center: Point) -> bool {
    let over = canvas.fills.iter().rev().take_while(|fill| fill.order > glyph.order);
    if over.filter(|fill| fill.opaque).any(|fill| covers(fill, center)) {
        return false;
    }
    let before = canvas.fills.partition_point(|fill| fill.order < glyph.order);
    let below = canvas.fills[..before].iter().rev().find(|fill| covers(fill, center));
    let background = below.map_or(Some([255; 3]), |fill| fill.color);
    match (glyph.color, background) {
        (Some(color), Some(background)) => differ(color, background),
        // The color of a pattern or an image is not known; give it the benefit of the doubt.
        _ => true,
    }
}

fn covers(fill: &Fill, point: Point) -> bool {
    fill.area.contains(point) && fill.path.winding(point) != 0
}

fn differ(a: [u8; 3], b: [u8; 3]) -> bool {
    a.iter().zip(b).any(|(a, b)| a.abs_diff(b) >= COLOR_THRESHOLD)
}
