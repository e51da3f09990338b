//! When a line that has just arrived shows: one after the other, also where many come at once.

use leptos::prelude::*;

/// Between two lines, in milliseconds; short enough for a whole card in a second.
const APART: f64 = 45.0;

/// The lines that were in the server's HTML show at once; a later one not before the one above it.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    first: usize,
    last: StoredValue<f64>,
}

impl Pace {
    /// For a card that begins with `first` lines.
    pub fn new(first: usize) -> Self {
        Self { first, last: StoredValue::new(0.0) }
    }

    /// How many milliseconds line `n` waits before it fades in; none for a line of the HTML. It is
    /// in the document at once, only its look waits.
    pub fn delay(&self, n: usize) -> Option<f64> {
        let now = now()?;
        if n < self.first {
            return None;
        }
        let shows = now.max(self.last.get_value() + APART);
        self.last.set_value(shows);
        Some(shows - now)
    }
}

#[cfg(target_arch = "wasm32")]
fn now() -> Option<f64> {
    Some(web_sys::window()?.performance()?.now())
}

#[cfg(not(target_arch = "wasm32"))]
fn now() -> Option<f64> {
    None
}
