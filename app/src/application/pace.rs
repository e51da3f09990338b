//! When a line that has just arrived shows: one after the other, also where many come at once.

use leptos::prelude::*;

/// Between two lines, in milliseconds; short enough for a whole card in a second.
const APART: f64 = 45.0;

/// The lines that a page begins with show at once; a later one not before the one above it.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Whether the page stands, and every line is one that arrives.
    stands: StoredValue<bool>,
    last: StoredValue<f64>,
}

impl Pace {
    /// For a card that is about to be rendered.
    pub fn new() -> Self {
        let stands = StoredValue::new(false);
        // Effects run in the browser only, after the first rendering.
        Effect::new(move |_| stands.set_value(true));
        Self { stands, last: StoredValue::new(0.0) }
    }

    /// How many milliseconds a line waits before it fades in; none for those that the page began
    /// with. It is in the document at once, only its look waits.
    pub fn delay(&self) -> Option<f64> {
        let now = now()?;
        if !self.stands.get_value() {
            return None;
        }
        let shows = now.max(self.last.get_value() + APART);
        self.last.set_value(shows);
        Some(shows - now)
    }
}

/// The time of the frame that is being made: lines that are rendered for one frame start their
/// animations together, however long their rendering takes.
#[cfg(target_arch = "wasm32")]
fn now() -> Option<f64> {
    web_sys::window()?.document()?.timeline().current_time()
}

#[cfg(not(target_arch = "wasm32"))]
fn now() -> Option<f64> {
    None
}
