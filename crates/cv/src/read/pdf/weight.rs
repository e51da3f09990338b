//! Detects bold glyphs by their font's weight or name, else by the width of their strokes.

use hayro_interpret::{font::OutlineGlyph, kurbo::Shape};

/// The stroke width, in thousandths of the em, from which a glyph is bold. Regular faces have 60 to 95.
const BOLD_STROKE_THRESHOLD: f64 = 108.0;

/// Returns whether `glyph` belongs to a bold font.
pub fn is_bold(glyph: &OutlineGlyph) -> bool {
    let Some(font) = glyph.font_data() else {
        return stroke_width(glyph) > BOLD_STROKE_THRESHOLD;
    };
    if font.weight.is_some_and(|weight| weight >= 600) {
        return true;
    }
    let name = font.postscript_name.unwrap_or_default().to_lowercase();
    ["bold", "black", "heavy", "demi"].iter().any(|word| name.contains(word))
}

/// The mean width of the glyph's strokes: a long thin shape has the area `length * width` and the
/// perimeter `2 * length`.
fn stroke_width(glyph: &OutlineGlyph) -> f64 {
    let outline = glyph.outline();
    let perimeter = outline.perimeter(1.0);
    if perimeter > 1.0 { 2.0 * outline.area().abs() / perimeter } else { 0.0 }
}
