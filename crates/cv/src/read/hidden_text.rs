//! Collects hidden text separately from the transcript.

use domain::{Rect, notice::HiddenReason, summary::HiddenText};
use hayro_interpret::kurbo;

use super::letters;

/// The maximum number of characters that are kept of one hidden text.
const MAX_TEXT: usize = 2_000;
/// The maximum number of boxes that are kept of one hidden text.
const MAX_BOXES: usize = 50;

/// Collects the hidden texts of one page.
pub struct HiddenTextCollector {
    page: u32,
    texts: Vec<HiddenText>,
    edge: Option<(f32, f32)>,
}

impl HiddenTextCollector {
    /// Creates an empty collector for page `page`, counted from 1.
    #[must_use]
    pub fn new(page: u32) -> Self {
        Self { page, texts: Vec::new(), edge: None }
    }

    /// Adds a glyph with the bounding box `body`.
    pub fn add_glyph(&mut self, reason: HiddenReason, text: Option<&str>, body: kurbo::Rect) {
        let text = text.unwrap_or("\u{FFFD}");
        let tags = letters::tag_message(text);
        if reason == HiddenReason::NoGlyph && tags.is_empty() && is_icon_name(text) {
            return;
        }
        let text = if tags.is_empty() { &letters::normalize(text) } else { &tags };
        let rect = rect(body);
        let last = self.texts.last_mut().filter(|last| last.reason == reason);
        let Some(last) = last else {
            if !text.trim().is_empty() {
                self.texts.push(HiddenText { page: self.page, reason, text: text.to_owned(), boxes: vec![rect] });
                self.edge = Some((rect.x + rect.w, rect.y));
            }
            return;
        };
        let (x, y) = self.edge.unwrap_or_default();
        let moved = (rect.y - y).abs() > 0.5 * rect.h || rect.x - x > 0.16 * rect.h;
        if moved && !last.text.ends_with(' ') {
            push(&mut last.text, " ");
        }
        push(&mut last.text, text);
        let room = last.boxes.len() < MAX_BOXES;
        match last.boxes.last_mut() {
            Some(line) if line.same_line(rect) => *line = line.union(rect),
            _ if room => last.boxes.push(rect),
            _ => {}
        }
        self.edge = Some((rect.x + rect.w, rect.y));
    }

    /// Adds a text without a position.
    pub fn add_text(&mut self, reason: HiddenReason, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if let Some(last) = self.texts.last_mut().filter(|last| last.reason == reason) {
            push(&mut last.text, " ");
            push(&mut last.text, text);
            return;
        }
        let mut kept = String::new();
        push(&mut kept, text);
        self.texts.push(HiddenText { page: self.page, reason, text: kept, boxes: Vec::new() });
    }

    /// Returns the collected texts without those that are only white space and punctuation.
    #[must_use]
    pub fn into_texts(self) -> Vec<HiddenText> {
        let has_content = |text: &HiddenText| text.text.chars().any(char::is_alphanumeric);
        self.texts.into_iter().filter(has_content).collect()
    }
}

/// Icon fonts map a glyph to the name of its icon: "github-square".
fn is_icon_name(text: &str) -> bool {
    text.len() <= 24 && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
}

fn push(kept: &mut String, text: &str) {
    let room = MAX_TEXT.saturating_sub(kept.chars().count());
    kept.extend(text.chars().take(room));
}

fn rect(body: kurbo::Rect) -> Rect {
    #[expect(clippy::cast_possible_truncation, reason = "points on a page fit")]
    let narrow = |number: f64| {
        if number.is_finite() { number.clamp(-1e6, 1e6) as f32 } else { 0.0 }
    };
    Rect { x: narrow(body.x0), y: narrow(body.y0), w: narrow(body.width()), h: narrow(body.height()) }
}
