//! Moving the focus among the lines of a summary by key.

use leptos::{ev::KeyboardEvent, prelude::*, wasm_bindgen::JsCast};
use web_sys::{Element, HtmlElement};

/// Moves the focus from one line to another: arrow keys to the next or previous line of the card, Home and
/// End to the first and the last. Other keys, keys with a modifier, and keys elsewhere than on a line do nothing.
pub fn move_focus(event: &KeyboardEvent) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let Some(focused) = document().active_element().filter(|element| element.matches(LINE).unwrap_or_default()) else {
        return;
    };
    let lines = lines();
    let Some(current) = lines.iter().position(|line| AsRef::<Element>::as_ref(line) == &focused) else { return };
    let Some(next) = next_index(&event.key(), current, lines.len()) else { return };
    event.prevent_default();
    // Fails only for an element without a document.
    drop(lines[next].focus());
}

/// The line that `key` leads to from line `current` of `count`; `None` for a key that moves nothing.
fn next_index(key: &str, current: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match key {
        "ArrowDown" | "ArrowRight" => Some((current + 1).min(last)),
        "ArrowUp" | "ArrowLeft" => Some(current.saturating_sub(1)),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}

const LINE: &str = ".lines button.line-text";

fn lines() -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all(LINE) else { return Vec::new() };
    (0..found.length()).filter_map(|n| found.item(n)?.dyn_into().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_within_the_card() {
        assert_eq!(
            ["ArrowDown", "ArrowLeft", "Home", "End"].map(|key| next_index(key, 3, 5)),
            [Some(4), Some(2), Some(0), Some(4)]
        );
        assert_eq!([next_index("ArrowDown", 4, 5), next_index("ArrowUp", 0, 5)], [Some(4), Some(0)]);
        assert_eq!([next_index("a", 3, 5), next_index("End", 0, 0)], [None, None]);
    }
}
