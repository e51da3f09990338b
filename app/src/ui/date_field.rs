//! A day, chosen in the browser's own calendar.

use leptos::{html, prelude::*};

use super::control::{Frame, keep};

/// A day that is offered beside the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateShortcut {
    /// Its name, for example "tomorrow".
    pub label: String,
    /// The day as `YYYY-MM-DD`.
    pub date: String,
}

/// Renders `<input type="date">` with its label, hint and error. The browser shows the day in the
/// reader's language and order; the value is always `YYYY-MM-DD`, or empty.
#[component]
pub fn DateField(
    /// What the day is about.
    #[prop(into)]
    label: Signal<String>,
    /// The name under which a form sends the value.
    name: &'static str,
    /// The `id` of the control, unique on the page; the name if it is left out.
    #[prop(optional, into)]
    id: Option<String>,
    /// The value. What was entered before hydration is kept and reported instead.
    #[prop(optional, into)]
    value: Signal<String>,
    /// Called with the day that was entered.
    #[prop(optional, into)]
    on_input: Option<Callback<String>>,
    /// The first day that can be chosen.
    #[prop(optional, into)]
    min: Option<String>,
    /// The last day that can be chosen.
    #[prop(optional, into)]
    max: Option<String>,
    /// Days that can be chosen with one press.
    #[prop(optional)]
    shortcuts: Vec<DateShortcut>,
    /// A word after the label, for example that the day is optional.
    #[prop(optional, into)]
    note: MaybeProp<String>,
    /// Help that is always shown.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
    /// What is wrong with the day.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// Whether a form cannot be sent without a day.
    #[prop(optional)]
    required: bool,
    /// Whether it cannot be used.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let frame = Frame { id: id.unwrap_or_else(|| name.to_owned()), label, label_hidden: false, note, hint, error };
    let read = move || node.get().map(|input| input.value());
    let write = move |value: &str| node.get_untracked().into_iter().for_each(|input| input.set_value(value));
    keep(value, on_input, read, move |value: String| write(&value));
    let report = move |value: String| on_input.into_iter().for_each(|on_input| on_input.run(value.clone()));
    let shortcut = move |DateShortcut { label, date }: DateShortcut| {
        let choose = move |_| {
            write(&date);
            report(date.clone());
        };
        view! {
            <button type="button" class="button quiet" disabled=disabled on:click=choose>
                {label}
            </button>
        }
    };
    let control = view! {
        <div class="date">
            <input
                type="date"
                id=frame.id.clone()
                name=name
                value=value.get_untracked()
                min=min
                max=max
                required=required
                disabled=disabled
                aria-describedby=frame.described_by()
                aria-invalid=frame.invalid()
                node_ref=node
                on:input=move |event| report(event_target_value(&event))
            />
            {shortcuts.into_iter().map(shortcut).collect_view()}
        </div>
    };
    frame.around(control.into_any())
}
