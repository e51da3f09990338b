//! A short explanation beside a control.

use leptos::{attr::aria_describedby, children::TypedChildren, ev::KeyboardEvent, prelude::*};

/// Renders the control with `text` as its description, which shows while the pointer is over either
/// of them or the control has the keyboard's focus.
///
/// Escape hides it until the pointer or focus has left. It only explains: the control has a name
/// without it, and nothing in it can be pressed.
#[component]
pub fn Tooltip<T>(
    /// The `id` of the explanation, unique on the page.
    #[prop(into)]
    id: String,
    /// The explanation.
    #[prop(into)]
    text: Signal<String>,
    /// One control.
    children: TypedChildren<T>,
) -> impl IntoView
where
    View<T>: IntoView + AddAnyAttr,
{
    let hidden = RwSignal::new(false);
    let escape = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            hidden.set(true);
        }
    };
    let control = children.into_inner()().add_any_attr(aria_describedby(id.clone()));
    view! {
        <span
            class="tooltip"
            class:dismissed=hidden
            on:keydown=escape
            on:pointerleave=move |_| hidden.set(false)
            on:focusout=move |_| hidden.set(false)
        >
            {control}
            <span role="tooltip" id=id class="tooltip-text">
                {text}
            </span>
        </span>
    }
}
