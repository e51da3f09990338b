//! Assembles fragments in reading order into the text of a page, its words, lines and blocks.

use domain::{Page, Rect, Span, Word};
use hayro_interpret::kurbo;

use super::{
    label_gaps,
    order::same_row,
    words::{Fragment, Join, median},
};
use crate::document::TextLine;

/// A line of one or more fragments.
pub(super) struct VisualLine {
    pub fragments: Vec<Fragment>,
    pub region: u32,
}

impl VisualLine {
    fn last(&self) -> Option<&Fragment> {
        self.fragments.last()
    }

    fn area(&self) -> kurbo::Rect {
        let areas = self.fragments.iter().map(|fragment| fragment.area);
        areas.reduce(|a, b| a.union(b)).unwrap_or_default()
    }

    fn baseline(&self) -> f64 {
        self.fragments.first().map_or(0.0, |fragment| fragment.baseline)
    }

    fn size(&self) -> f64 {
        let longest = self.fragments.iter().max_by_key(|fragment| fragment.letters);
        longest.map_or(0.0, |fragment| fragment.size)
    }

    /// How many words at the beginning are bold, if none after them is; else 0.
    fn lead(&self) -> usize {
        let mut bold = self.fragments.iter().flat_map(|fragment| &fragment.words).map(|word| word.bold);
        let lead = bold.by_ref().take_while(|bold| *bold).count();
        if bold.next().is_none() || bold.any(|bold| bold) { 0 } else { lead }
    }

    fn is_bold(&self) -> bool {
        let letters: usize = self.fragments.iter().map(|fragment| fragment.letters).sum();
        let bold: usize = self.fragments.iter().map(|fragment| fragment.bold).sum();
        bold * 2 > letters
    }
}

/// Builds a page's text, words and lines.
pub struct PageBuilder {
    page: Page,
    lines: Vec<TextLine>,
    block: u32,
    length: usize,
    size: kurbo::Rect,
}

impl PageBuilder {
    /// Creates a builder for page `number` of that size in points; its first block has the number `block`.
    pub fn new(number: u32, size: kurbo::Rect, block: u32) -> Self {
        let (width, height) = (narrow(size.width()), narrow(size.height()));
        let page = Page { number, width, height, ..Page::default() };
        Self { page, lines: Vec::new(), block, length: 0, size }
    }

    /// Returns the page, its lines and the number of the next block.
    pub fn build(mut self, fragments: Vec<(Fragment, u32)>) -> (Page, Vec<TextLine>, u32) {
        let mut visual_lines = visual_lines(fragments);
        label_gaps::split_labels(&mut visual_lines);
        let leading = leading(&visual_lines);
        let mut before: Option<&VisualLine> = None;
        for line in &visual_lines {
            if let Some(before) = before {
                self.end_line();
                if begins_block(before, line, leading) {
                    self.end_line();
                    self.block += 1;
                }
            }
            self.line(line);
            before = Some(line);
        }
        (self.page, self.lines, self.block + 1)
    }

    fn end_line(&mut self) {
        self.push("\n");
    }

    fn push(&mut self, text: &str) {
        self.page.text.push_str(text);
        self.length += text.chars().count();
    }

    fn line(&mut self, line: &VisualLine) {
        let (start, first) = (self.length, self.page.words.len());
        for (n, fragment) in line.fragments.iter().enumerate() {
            let tab = n > 0
                && match fragment.join {
                    Some(join) => join == Join::Cell,
                    None => line.fragments.get(n - 1).is_some_and(|last| is_far(last, fragment)),
                };
            if n > 0 {
                self.push(if tab { "\t" } else { " " });
            }
            self.fragment(fragment);
        }
        let lead = line.lead().checked_sub(1).and_then(|last| self.page.words.get(first + last));
        self.lines.push(TextLine {
            page: self.page.number,
            span: Span::new(start, self.length),
            size: narrow(line.size()),
            bold: line.is_bold(),
            lead: lead.map_or(0, |word| word.span.end.saturating_sub(u32::try_from(start).unwrap_or(u32::MAX))),
            heading: 0,
            block: self.block,
            rect: Some(clip(line.area(), self.size)),
        });
    }

    fn fragment(&mut self, fragment: &Fragment) {
        for (n, word) in fragment.words.iter().enumerate() {
            if n > 0 {
                self.push(" ");
            }
            let start = self.length;
            self.push(&word.text);
            let rect = Some(clip(word.area, self.size));
            self.page.words.push(Word { span: Span::new(start, self.length), rect });
        }
    }
}

/// Whether the gap between two fragments of a line is wider than that between words.
fn is_far(a: &Fragment, b: &Fragment) -> bool {
    let gap = (b.area.x0 - a.area.x1).max(a.area.x0 - b.area.x1);
    gap > 1.2 * a.size.max(b.size)
}

fn visual_lines(fragments: Vec<(Fragment, u32)>) -> Vec<VisualLine> {
    let mut lines: Vec<VisualLine> = Vec::new();
    for (fragment, region) in fragments {
        let is_continued = |last: &Fragment| fragment.join.is_some() || continues(last, &fragment);
        let joins = lines.last().is_some_and(|line| line.region == region && line.last().is_some_and(is_continued));
        match lines.last_mut() {
            Some(line) if joins => line.fragments.push(fragment),
            _ => lines.push(VisualLine { fragments: vec![fragment], region }),
        }
    }
    lines
}

fn continues(last: &Fragment, next: &Fragment) -> bool {
    let right = next.area.x0 > last.area.x1 - 0.3 * last.size;
    let left = next.area.x1 < last.area.x0 + 0.3 * last.size;
    let level = same_row(last, next) || is_raised(last, next);
    level && (right || (left && (last.rtl || next.rtl)))
}

/// Whether `next` is a superscript, or continues the line after one.
fn is_raised(last: &Fragment, next: &Fragment) -> bool {
    let apart = (last.baseline - next.baseline).abs();
    let near = (next.area.x0 - last.area.x1).abs() < last.size;
    near && apart < 0.55 * last.size.max(next.size)
}

/// The median distance between baselines, relative to the font size.
fn leading(lines: &[VisualLine]) -> f64 {
    let steps = lines.windows(2).filter_map(|pair| match pair {
        [a, b] if a.region == b.region && b.baseline() > a.baseline() => {
            Some((b.baseline() - a.baseline()) / a.size().max(b.size()).max(1.0))
        }
        _ => None,
    });
    median(steps).clamp(1.0, 1.7)
}

/// Whether `next` begins another block.
fn begins_block(before: &VisualLine, next: &VisualLine, leading: f64) -> bool {
    let step = next.baseline() - before.baseline();
    let size = before.size().max(next.size());
    let (a, b) = (before.area(), next.area());
    let beside = a.x1.min(b.x1) < a.x0.max(b.x0) - 2.0 * size;
    before.region != next.region || step < -0.5 * size || step > 1.3 * leading * size || beside
}

fn narrow(number: f64) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "points on a page fit")]
    let number = number as f32;
    if number.is_finite() { number } else { 0.0 }
}

/// Clips `area` to the page.
fn clip(area: kurbo::Rect, page: kurbo::Rect) -> Rect {
    let cut = area.intersect(page);
    Rect { x: narrow(cut.x0), y: narrow(cut.y0), w: narrow(cut.width()), h: narrow(cut.height()) }
}
