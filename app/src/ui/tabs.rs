//! Tabs: panels of one page of which one is shown, or links of which one leads to this page.

use leptos::{children::ViewFnOnce, ev::KeyboardEvent, html, prelude::*};

use super::roving::{HORIZONTAL, move_focus};

/// One tab of [`Tabs`] with its panel.
pub struct Tab {
    label: Signal<String>,
    panel: ViewFnOnce,
}

impl Tab {
    /// Creates a tab that shows `panel`.
    pub fn new(label: impl Into<Signal<String>>, panel: impl Into<ViewFnOnce>) -> Self {
        Self { label: label.into(), panel: panel.into() }
    }
}

/// Renders a list with the role `tablist` and the panels below it.
///
/// Left, Right, Home, End and letters move to another tab and show its panel at once; Tab leads from
/// the tab to its panel. Without scripts all panels are shown one below the other.
#[component]
pub fn Tabs(
    /// The prefix of all `id`s in it, unique on the page.
    #[prop(into)]
    id: String,
    /// The accessible name of the list.
    #[prop(into)]
    label: Signal<String>,
    /// The tabs, in their order.
    tabs: Vec<Tab>,
    /// The index of the tab whose panel is shown; set when a reader chooses another.
    selected: RwSignal<usize>,
) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let moved = move |event: KeyboardEvent| {
        if let Some(list) = list.get_untracked()
            && move_focus(&list, "tab", &event.key(), HORIZONTAL).is_some()
        {
            event.prevent_default();
        }
    };
    let mut buttons = Vec::with_capacity(tabs.len());
    let mut panels = Vec::with_capacity(tabs.len());
    for (n, Tab { label, panel }) in tabs.into_iter().enumerate() {
        let is_selected = move || selected.get() == n;
        let (tab_id, panel_id) = (format!("{id}-tab-{n}"), format!("{id}-panel-{n}"));
        buttons.push(view! {
            <button
                type="button"
                role="tab"
                id=tab_id.clone()
                aria-controls=panel_id.clone()
                aria-selected=move || is_selected().to_string()
                tabindex=move || if is_selected() { "0" } else { "-1" }
                on:focus=move |_| selected.set(n)
                on:click=move |_| selected.set(n)
            >
                {label}
            </button>
        });
        panels.push(view! {
            <div role="tabpanel" id=panel_id aria-labelledby=tab_id tabindex="0" data-shown=move || is_selected().to_string()>
                {panel.run()}
            </div>
        });
    }
    view! {
        <div class="tab-panels" id=id>
            <div role="tablist" class="tabs" aria-label=label node_ref=list on:keydown=moved>
                {buttons}
            </div>
            {panels}
        </div>
    }
}

/// Renders links that look like tabs, for parts of one thing that have addresses of their own.
#[component]
pub fn TabLinks(
    /// The accessible name of the list.
    #[prop(into)]
    label: Signal<String>,
    /// [`TabLink`]s.
    children: Children,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            <ul>{children()}</ul>
        </nav>
    }
}

/// One link of [`TabLinks`].
#[component]
pub fn TabLink(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// Whether it leads to what is shown.
    #[prop(into)]
    current: Signal<bool>,
    /// How many things are there.
    #[prop(optional, into)]
    count: MaybeProp<usize>,
    /// The text.
    children: Children,
) -> impl IntoView {
    view! {
        <li>
            <a href=href aria-current=move || current.get().then_some("page")>
                {children()} {move || count.get().map(|count| view! { " " <span class="count">{count}</span> })}
            </a>
        </li>
    }
}
