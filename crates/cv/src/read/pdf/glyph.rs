//! A glyph on a page.

use hayro_interpret::kurbo::{Point, Rect, Vec2};

/// A drawn glyph. Coordinates are in points from the page's top left corner.
#[derive(Clone, Debug)]
pub struct Glyph {
    /// The text that the glyph stands for; `None` if the font has no mapping.
    pub text: Option<String>,
    /// Its start on the baseline.
    pub origin: Point,
    /// The start of the following glyph, by this glyph's advance.
    pub end: Point,
    /// Its font size in points.
    pub size: f64,
    /// Whether its font is bold.
    pub bold: bool,
    /// Its color; `None` for patterns.
    pub color: Option<[u8; 3]>,
    /// From 0 for transparent to 1 for opaque.
    pub opacity: f64,
    /// Whether it was drawn in the invisible text rendering mode.
    pub invisible: bool,
    /// The clipping area when it was drawn.
    pub clip: Rect,
    /// Its position in the drawing order of the page.
    pub order: usize,
}

impl Glyph {
    /// The center of the glyph's body.
    pub fn center(&self) -> Point {
        let middle = self.origin.midpoint(self.end);
        let along = self.end - self.origin;
        let length = along.hypot().max(0.01);
        middle + Vec2::new(along.y, -along.x) / length * (self.size * 0.3)
    }

    /// Its bounding box from descent to ascent.
    pub fn body(&self) -> Rect {
        let (left, right) = (self.origin.x.min(self.end.x), self.origin.x.max(self.end.x));
        Rect::new(left, self.origin.y - 0.78 * self.size, right, self.origin.y + 0.22 * self.size)
    }

    /// Returns whether it is white space.
    pub fn is_space(&self) -> bool {
        self.text.as_deref().is_some_and(|text| text.chars().all(char::is_whitespace))
    }
}
