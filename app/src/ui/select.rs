//! A choice of one among several.

use leptos::{attr::any_attribute::AnyAttribute, html, prelude::*};

use super::control::{Frame, keep};

/// One option of a [`Select`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The value that a form sends.
    pub value: String,
    /// The text that readers see.
    pub label: String,
    /// Whether it is shown but cannot be chosen.
    pub disabled: bool,
}

impl Choice {
    /// Creates an option that can be chosen.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), disabled: false }
    }
}

/// Renders `<select>` with its label, hint and error.
#[component]
pub fn Select(
    /// What the choice is about.
    #[prop(into)]
    label: Signal<String>,
    /// The name under which a form sends the value.
    name: &'static str,
    /// The `id` of the control, unique on the page; the name if it is left out.
    #[prop(optional, into)]
    id: Option<String>,
    /// The options, in the order of the list.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// The value that is selected. What was chosen before hydration is kept and reported instead.
    #[prop(optional, into)]
    value: Signal<String>,
    /// Called with the value that was chosen.
    #[prop(optional, into)]
    on_change: Option<Callback<String>>,
    /// Whether only screen readers get the label.
    #[prop(optional)]
    label_hidden: bool,
    /// A word after the label, for example that the choice is optional.
    #[prop(optional, into)]
    note: MaybeProp<String>,
    /// Help that is always shown.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
    /// What is wrong with the choice.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// Whether a form cannot be sent without a choice.
    #[prop(optional)]
    required: bool,
    /// Whether it cannot be used.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// More attributes of the `<select>`, for example `autocomplete`.
    #[prop(optional)]
    attributes: Vec<AnyAttribute>,
) -> impl IntoView {
    let node = NodeRef::<html::Select>::new();
    let frame = Frame { id: id.unwrap_or_else(|| name.to_owned()), label, label_hidden, note, hint, error };
    let read = move || node.get().map(|select| select.value());
    let write = move |value: String| node.get_untracked().into_iter().for_each(|select| select.set_value(&value));
    keep(value, on_change, read, write);
    let chosen = move |event| on_change.into_iter().for_each(|on_change| on_change.run(event_target_value(&event)));
    let option = move |Choice { value: offered, label, disabled }: Choice| {
        let selected = value.with_untracked(|value| *value == offered);
        view! {
            <option value=offered selected=selected disabled=disabled>
                {label}
            </option>
        }
    };
    let control = view! {
        <div class="select">
            <select
                id=frame.id.clone()
                name=name
                required=required
                disabled=disabled
                node_ref=node
                on:change=chosen
                aria-describedby=frame.described_by()
                aria-invalid=frame.invalid()
                {..attributes}
            >
                {move || choices.get().into_iter().map(option).collect_view()}
            </select>
        </div>
    };
    frame.around(control.into_any())
}
