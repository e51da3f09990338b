//! Focus and scroll position across client-side navigation.
//!
//! When a browser loads a document, it resets the focus and restores the scroll position. The router only
//! swaps the content of `<main>`, so this module does both.

use std::collections::HashMap;

use leptos::{
    ev,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};
use leptos_router::hooks::use_location;

/// The state of navigation in this tab. A context value.
#[derive(Clone, Copy, Debug)]
struct Navigation {
    /// The path that Back or Forward has just led to.
    traversed_to: StoredValue<Option<String>>,
    /// The last vertical scroll position of each address, in CSS pixels.
    positions: StoredValue<HashMap<String, f64>>,
    /// The navigation whose content has not been rendered yet.
    pending: StoredValue<Option<Pending>>,
}

#[derive(Clone, Debug)]
struct Pending {
    /// The path of the page that was left.
    from: String,
    /// Whether Back or Forward led here.
    is_traversal: bool,
    /// Where the page was scrolled to when it was last shown.
    position: Option<f64>,
}

/// Provides the state of navigation. Call it before the router is created: the router's own listener for
/// `popstate` must run later than this one.
pub fn provide_navigation() {
    let navigation = Navigation {
        traversed_to: StoredValue::new(None),
        positions: StoredValue::new(HashMap::new()),
        pending: StoredValue::new(None),
    };
    provide_context(navigation);
    if cfg!(target_arch = "wasm32") {
        // Not in an effect: effects run after the router has been created.
        let on_popstate = window_event_listener(ev::popstate, move |_| {
            navigation.traversed_to.set_value(location().pathname().ok());
        });
        on_cleanup(move || on_popstate.remove());
    }
}

/// Follows the address. Must be a child of the router.
#[component]
pub fn NavigationListener() -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let (path, search) = (use_location().pathname, use_location().search);
    let address = Memo::new(move |_| format!("{}?{}", path.get(), search.get()));
    Effect::new(move |_| {
        let on_scroll = window_event_listener(ev::scroll, move |_| navigation.record_position(address.get_untracked()));
        on_cleanup(move || on_scroll.remove());
    });
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if let Some(from) = before.filter(|before| *before != path) {
            navigation.begin(from, &path, &address.get_untracked());
        }
        path
    });
}

impl Navigation {
    fn record_position(self, address: String) {
        // Content that is being swapped moves without the user.
        if self.pending.with_value(Option::is_none) {
            let position = window().scroll_y().unwrap_or_default();
            self.positions.update_value(|positions| {
                positions.insert(address, position);
            });
        }
    }

    fn begin(self, from: String, path: &str, address: &str) {
        let is_traversal = self.traversed_to.try_update_value(Option::take).flatten().as_deref() == Some(path);
        let position = self.positions.with_value(|positions| positions.get(address).copied());
        self.pending.set_value(Some(Pending { from, is_traversal, position }));
    }
}

/// Completes a navigation whose content has just been rendered: the focus goes to the heading, so that it
/// is announced. After Back or Forward it goes to the link to the page that was left, if there is one,
/// and the scroll position is restored. Does nothing for the first page of a document.
pub fn content_rendered() {
    if cfg!(target_arch = "wasm32")
        && let Some(navigation) = use_context::<Navigation>()
    {
        // The elements are in the document, and all effects of the navigation have run.
        request_animation_frame(move || {
            if let Some(pending) = navigation.pending.try_update_value(Option::take).flatten() {
                complete(&pending);
            }
        });
    }
}

fn complete(pending: &Pending) {
    // Whoever already uses the new content keeps the focus there.
    let is_in_content = |element: Element| element.closest("main").is_ok_and(|main| main.is_some());
    if !document().active_element().is_some_and(is_in_content) {
        focus(pending);
    }
    if let Some(position) = pending.position.filter(|_| pending.is_traversal) {
        window().scroll_to_with_x_and_y(0.0, position);
    }
}

fn focus(pending: &Pending) {
    let find = |selector: &str| document().query_selector(selector).ok().flatten()?.dyn_into::<HtmlElement>().ok();
    let path = &pending.from;
    let link = || find(&format!(r#"main a[href="{path}"], main a[href^="{path}?"]"#));
    let heading = || find("main h1").inspect(|heading| heading.set_tab_index(-1));
    let target = if pending.is_traversal { link().or_else(heading) } else { heading() };
    if let Some(target) = target {
        // Fails only for an element without a document.
        drop(target.focus());
    }
}
