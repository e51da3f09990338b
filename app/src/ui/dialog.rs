//! A modal dialog.

use leptos::{children::ViewFnOnce, html, prelude::*};

/// Renders `<dialog>`, titled by `title`.
///
/// While it is open the browser keeps the focus inside, makes the page behind it inert, closes it on
/// Escape and returns the focus to where it was. The first control of the body gets the focus, or
/// the one with `autofocus`. A button with `commandfor` and `command="show-modal"` opens it before
/// hydration too.
#[component]
pub fn Dialog(
    /// Its `id`, unique on the page.
    #[prop(into)]
    id: String,
    /// Its heading and accessible name.
    #[prop(into)]
    title: Signal<String>,
    /// Whether it is open; set to `false` when a reader closes it.
    open: RwSignal<bool>,
    /// The accessible name of the button that closes it.
    #[prop(into)]
    close_label: Signal<String>,
    /// The buttons below the body, the most important last.
    #[prop(optional, into)]
    actions: ViewFnOnce,
    /// The body.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    keep_open(node, open);
    let toggled = move |_| node.try_get_untracked().flatten().into_iter().for_each(|dialog| open.set(dialog.open()));
    let title_id = format!("{id}-title");
    view! {
        <dialog
            id=id
            class="dialog"
            aria-labelledby=title_id
            closedby="any"
            node_ref=node
            on:toggle=toggled
            on:close=toggled
        >
            <h2 id=title_id.clone()>{title}</h2>
            <div class="dialog-body">{children()}</div>
            <div class="dialog-actions">{actions.run()}</div>
            <button
                type="button"
                class="button quiet dialog-close"
                aria-label=close_label
                commandfor=id.clone()
                command="close"
                on:click=move |_| open.set(false)
            >
                "×"
            </button>
        </dialog>
    }
}

/// Opens and closes a modal dialog with `open`. One that a reader opened before hydration stays open.
pub(super) fn keep_open(node: NodeRef<html::Dialog>, open: RwSignal<bool>) {
    Effect::new(move |seen: Option<bool>| {
        let wanted = open.get();
        let Some(dialog) = node.get() else { return false };
        match (wanted, dialog.open()) {
            // Only fails for an element that is not in the document or shown as a popover.
            (true, false) => drop(dialog.show_modal()),
            (false, true) if seen != Some(true) => open.set(true),
            (false, true) => dialog.close(),
            _ => {}
        }
        true
    });
}
