//! Moving the focus among the items of a list by key.

use leptos::{
    prelude::document,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};

/// The keys that move the focus backward and forward.
pub(super) const VERTICAL: [&str; 2] = ["ArrowUp", "ArrowDown"];
/// The same for a list from left to right.
pub(super) const HORIZONTAL: [&str; 2] = ["ArrowLeft", "ArrowRight"];

/// Moves the focus among the children of `list` that have the role `role` and are not disabled, as
/// `key` asks: to the next or previous one, around the ends; with Home and End to the first and the
/// last; with a letter to the next item that begins with it. Returns the item, or `None` for any
/// other key.
pub(super) fn move_focus(list: &Element, role: &str, key: &str, [back, forth]: [&str; 2]) -> Option<HtmlElement> {
    let items = items(list, role);
    let last = items.len().checked_sub(1)?;
    let active = document().active_element();
    let current = items.iter().position(|item| active.as_ref() == Some(item.as_ref()));
    let wanted = match key {
        "Home" => 0,
        "End" => last,
        key if key == forth => current.map_or(0, |n| if n == last { 0 } else { n + 1 }),
        key if key == back => current.map_or(last, |n| n.checked_sub(1).unwrap_or(last)),
        key => by_letter(&items, key, current)?,
    };
    let item = items.into_iter().nth(wanted)?;
    // Only fails for an element without a document.
    drop(item.focus());
    Some(item)
}

fn items(list: &Element, role: &str) -> Vec<HtmlElement> {
    let children = list.children();
    let fits = |item: &HtmlElement| {
        item.get_attribute("role").as_deref() == Some(role)
            && !item.matches(":disabled, [aria-disabled=true]").unwrap_or_default()
    };
    (0..children.length()).filter_map(|n| children.item(n)?.dyn_into().ok()).filter(fits).collect()
}

fn by_letter(items: &[HtmlElement], key: &str, current: Option<usize>) -> Option<usize> {
    let mut letters = key.chars();
    let letter = letters.next().filter(|letter| letter.is_alphanumeric() && letters.next().is_none())?;
    let begins = |n: &usize| {
        let text = items[*n].text_content().unwrap_or_default();
        text.trim_start().to_lowercase().starts_with(&letter.to_lowercase().to_string())
    };
    let after = current.map_or(0, |n| n + 1);
    (after..items.len()).chain(0..after).find(begins)
}
