//! Fields for text: one line, or several.

use leptos::{attr::any_attribute::AnyAttribute, html, prelude::*};

use super::control::{Frame, keep};

/// Renders `<input>` with its label, hint and error.
#[component]
pub fn Field(
    /// What the field is for.
    #[prop(into)]
    label: Signal<String>,
    /// The name under which a form sends the value.
    name: &'static str,
    /// The `id` of the control, unique on the page; the name if it is left out.
    #[prop(optional, into)]
    id: Option<String>,
    /// The `type` attribute.
    #[prop(default = "text")]
    kind: &'static str,
    /// The value. What was typed before hydration is kept and reported instead.
    #[prop(optional, into)]
    value: Signal<String>,
    /// Called with the value at each keystroke.
    #[prop(optional, into)]
    on_input: Option<Callback<String>>,
    /// Whether only screen readers get the label.
    #[prop(optional)]
    label_hidden: bool,
    /// A word after the label, for example that the field is optional.
    #[prop(optional, into)]
    note: MaybeProp<String>,
    /// Help that is always shown.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
    /// What is wrong with the value.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// Whether a form cannot be sent without a value.
    #[prop(optional)]
    required: bool,
    /// Whether the field cannot be used.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// More attributes of the `<input>`, for example `autocomplete`.
    #[prop(optional)]
    attributes: Vec<AnyAttribute>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let frame = Frame { id: id.unwrap_or_else(|| name.to_owned()), label, label_hidden, note, hint, error };
    let read = move || node.get().map(|input| input.value());
    let write = move |value: String| node.get_untracked().into_iter().for_each(|input| input.set_value(&value));
    keep(value, on_input, read, write);
    let typed = move |event| on_input.into_iter().for_each(|on_input| on_input.run(event_target_value(&event)));
    let control = view! {
        <input
            id=frame.id.clone()
            name=name
            type=kind
            value=value.get_untracked()
            required=required
            disabled=disabled
            node_ref=node
            on:input=typed
            aria-describedby=frame.described_by()
            aria-invalid=frame.invalid()
            {..attributes}
        />
    };
    frame.around(control.into_any())
}

/// Renders `<textarea>` with its label, hint and error.
#[component]
pub fn TextArea(
    /// What the field is for.
    #[prop(into)]
    label: Signal<String>,
    /// The name under which a form sends the value.
    name: &'static str,
    /// The `id` of the control, unique on the page; the name if it is left out.
    #[prop(optional, into)]
    id: Option<String>,
    /// The height in lines; readers can drag it higher.
    #[prop(default = 3)]
    rows: u32,
    /// The value. What was typed before hydration is kept and reported instead.
    #[prop(optional, into)]
    value: Signal<String>,
    /// Called with the value at each keystroke.
    #[prop(optional, into)]
    on_input: Option<Callback<String>>,
    /// Whether only screen readers get the label.
    #[prop(optional)]
    label_hidden: bool,
    /// A word after the label, for example that the field is optional.
    #[prop(optional, into)]
    note: MaybeProp<String>,
    /// Help that is always shown.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
    /// What is wrong with the value.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// Whether a form cannot be sent without a value.
    #[prop(optional)]
    required: bool,
    /// Whether the field cannot be used.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// More attributes of the `<textarea>`, for example `maxlength`.
    #[prop(optional)]
    attributes: Vec<AnyAttribute>,
) -> impl IntoView {
    let node = NodeRef::<html::Textarea>::new();
    let frame = Frame { id: id.unwrap_or_else(|| name.to_owned()), label, label_hidden, note, hint, error };
    let read = move || node.get().map(|area| area.value());
    let write = move |value: String| node.get_untracked().into_iter().for_each(|area| area.set_value(&value));
    keep(value, on_input, read, write);
    let typed = move |event| on_input.into_iter().for_each(|on_input| on_input.run(event_target_value(&event)));
    let control = view! {
        <textarea
            id=frame.id.clone()
            name=name
            rows=rows.to_string()
            required=required
            disabled=disabled
            node_ref=node
            on:input=typed
            aria-describedby=frame.described_by()
            aria-invalid=frame.invalid()
            inner_html=escaped(&value.get_untracked())
            {..attributes}
        ></textarea>
    };
    frame.around(control.into_any())
}

/// The content of a `<textarea>` as HTML. A text node would not do: the server renders an empty one as a
/// space, which would then be the value.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
