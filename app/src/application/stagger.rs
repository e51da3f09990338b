//! Delays that make new summary lines fade in one after the other when several arrive at once.

use leptos::prelude::*;

/// The time between two lines, in milliseconds; a whole card takes about a second.
const INTERVAL: f64 = 45.0;

/// Hands out a fade-in delay to each new line. Lines of the first rendering have none.
#[derive(Clone, Copy, Debug)]
pub struct Stagger {
    /// Whether the first rendering is over.
    rendered: StoredValue<bool>,
    /// When the last line starts to fade in, on the document's timeline in milliseconds.
    last: StoredValue<f64>,
}

impl Stagger {
    /// Creates the delays of a card, before the card is rendered.
    pub fn new() -> Self {
        let rendered = StoredValue::new(false);
        // Effects run only in the browser, after the first rendering.
        Effect::new(move |_| rendered.set_value(true));
        Self { rendered, last: StoredValue::new(0.0) }
    }

    /// The fade-in delay of a new line in milliseconds, or `None` during the first rendering. The line
    /// is in the document at once; the delay concerns only its opacity.
    pub fn delay(&self) -> Option<f64> {
        let now = now()?;
        if !self.rendered.get_value() {
            return None;
        }
        let start = now.max(self.last.get_value() + INTERVAL);
        self.last.set_value(start);
        Some(start - now)
    }
}

/// The start of the current frame on the document's timeline, in milliseconds. All lines that are
/// rendered in one frame see the same time.
#[cfg(target_arch = "wasm32")]
fn now() -> Option<f64> {
    web_sys::window()?.document()?.timeline().current_time()
}

#[cfg(not(target_arch = "wasm32"))]
fn now() -> Option<f64> {
    None
}
