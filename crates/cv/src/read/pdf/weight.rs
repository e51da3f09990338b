//! Whether a glyph is bold: by its font's weight or name, else by its strokes.

use hayro_interpret::{font::OutlineGlyph, kurbo::Shape};

/// Strokes wider than this, in thousandths of the em, are bold. Regular faces have 60 to 95.
const BOLD_STROKE: f64 = 108.0;

/// Whether `glyph` is of a bold font.
pub fn is_bold(glyph: &OutlineGlyph) -> bool {
    let Some(font) = glyph.font_data() else {
        return stroke(glyph) > BOLD_STROKE;
    };
    if font.weight.is_some_and(|weight| weight >= 600) {
        return true;
    }
    let name = font.postscript_name.unwrap_or_default().to_lowercase();
    ["bold", "black", "heavy", "demi"].iter().any(|word| name.contains(word))
}

/// The mean width of its strokes: a long thin shape has the area `length * width` and the
/// perimeter `2 * length`.
fn stroke(glyph: &OutlineGlyph) -> f64 {
    let outline = glyph.outline();
    let perimeter = outline.perimeter(1.0);
    if perimeter > 1.0 { 2.0 * outline.area().abs() / perimeter } else { 0.0 }
}
