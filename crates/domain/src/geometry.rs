//! Positions in a document: rectangles on a page and ranges of its text.

use serde::{Deserialize, Serialize};

/// A rectangle on a page, in points (1/72 inch); origin at the top left, y downwards.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Rect {
    /// Returns the smallest rectangle that contains both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self { x, y, w: (self.x + self.w).max(other.x + other.w) - x, h: (self.y + self.h).max(other.y + other.h) - y }
    }

    /// Whether both lie on the same line of text: their vertical overlap is at least half of the
    /// smaller height.
    #[must_use]
    pub fn same_line(self, other: Self) -> bool {
        let overlap = (self.y + self.h).min(other.y + other.h) - self.y.max(other.y);
        overlap >= self.h.min(other.h) / 2.0
    }
}

/// A half-open range of characters (Unicode scalar values) of one page's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Index of the first character.
    pub start: u32,
    /// Index after the last character.
    pub end: u32,
}

impl Span {
    /// Creates the span `start..end`; indices beyond `u32::MAX` saturate.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: saturating_u32(start), end: saturating_u32(end) }
    }

    /// Whether both spans share a character.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

fn saturating_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
