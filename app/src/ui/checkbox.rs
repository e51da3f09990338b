//! A box to check.

use leptos::{ev::Event, html, prelude::*};

use super::control::{error_line, keep};

/// Renders `<input type="checkbox">` with its label to the right of it, all of which can be clicked.
#[component]
pub fn Checkbox(
    /// What checking it means.
    #[prop(into)]
    label: Signal<String>,
    /// The name under which a form sends the value.
    name: &'static str,
    /// The `id` of the control, unique on the page.
    #[prop(into)]
    id: String,
    /// The value that a form sends when it is checked.
    #[prop(default = "on".to_owned(), into)]
    value: String,
    /// Whether it is checked. What was clicked before hydration is kept and reported instead.
    #[prop(optional, into)]
    checked: Signal<bool>,
    /// Whether it stands for several boxes of which only some are checked.
    #[prop(optional, into)]
    indeterminate: Signal<bool>,
    /// Called with the new state after a click.
    #[prop(optional, into)]
    on_change: Option<Callback<bool>>,
    /// Whether only screen readers get the label.
    #[prop(optional)]
    label_hidden: bool,
    /// Help that is always shown.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
    /// What is wrong with the state.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// Whether a form cannot be sent without it.
    #[prop(optional)]
    required: bool,
    /// Whether it cannot be used.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let read = move || node.get().map(|input| input.checked());
    let write = move |checked| node.get_untracked().into_iter().for_each(|input| input.set_checked(checked));
    keep(checked, on_change, read, write);
    let clicked =
        move |event: Event| on_change.into_iter().for_each(|on_change| on_change.run(event_target_checked(&event)));
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described_by = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || error.get().map(|_| error_id.clone()).or_else(|| hint.get().map(|_| hint_id.clone()))
    };
    view! {
        <div class="checkbox">
            <label for=id>
                <input
                    type="checkbox"
                    id=id.clone()
                    name=name
                    value=value
                    checked=checked.get_untracked()
                    prop:indeterminate=indeterminate
                    required=required
                    disabled=disabled
                    aria-describedby=described_by
                    aria-invalid=move || error.get().map(|_| "true")
                    node_ref=node
                    on:change=clicked
                />
                <span class:visually-hidden=label_hidden>{label}</span>
            </label>
            {move || hint.get().map(|hint| view! { <p class="field-hint" id=hint_id.clone()>{hint}</p> })}
            {error_line(error_id, error)}
        </div>
    }
}
