//! The module that takes over the server's HTML in the browser.

// The type of a page is the tree of its views.
#![recursion_limit = "256"]

use leptos::mount::hydrate_body;
use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the page's HTML. `hydrate.js` calls it once, with the page's language (a BCP 47 tag) and the
/// interface's texts in it, as the server sends them.
#[wasm_bindgen]
pub fn hydrate(language: &str, texts: String) {
    console_error_panic_hook::set_once();
    app::i18n::load(language, texts);
    hydrate_body(app::App);
}
