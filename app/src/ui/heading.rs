//! A heading whose level the page decides.

use leptos::prelude::*;

/// Renders `<h1>` to `<h3>`; any other level is `<h3>`.
pub(super) fn heading(level: u8, text: Signal<String>) -> AnyView {
    match level {
        1 => view! { <h1>{text}</h1> }.into_any(),
        2 => view! { <h2>{text}</h2> }.into_any(),
        _ => view! { <h3>{text}</h3> }.into_any(),
    }
}
