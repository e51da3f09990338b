//! A button that opens a list of actions.

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    html,
    prelude::*,
};

use super::{
    button::Rank,
    roving::{VERTICAL, move_focus},
};

/// The list that an item belongs to.
#[derive(Clone, Copy)]
struct List(NodeRef<html::Div>);

impl List {
    fn close(self) {
        if let Some(list) = self.0.try_get_untracked().flatten() {
            // Fails if it is closed already.
            drop(list.hide_popover());
        }
    }
}

/// Renders a button and a popover with the role `menu`.
///
/// The browser opens the list, also before hydration, closes it on Escape or a click beside it, and
/// returns the focus to the button. Arrow keys, Home, End and letters move among the items; Tab
/// closes the list.
#[component]
pub fn Menu(
    /// The `id` of the list, unique on the page.
    #[prop(into)]
    id: String,
    /// The text of the button.
    #[prop(into)]
    label: Signal<String>,
    /// How strongly the button draws attention.
    #[prop(optional)]
    rank: Rank,
    /// Whether the button cannot be pressed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// [`MenuItem`]s, and `<hr>` between groups of them.
    children: Children,
) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    provide_context(List(list));
    let opened = move |_| {
        if let Some(list) = list.try_get_untracked().flatten()
            && list.matches(":popover-open").unwrap_or_default()
        {
            move_focus(&list, "menuitem", "Home", VERTICAL);
        }
    };
    let moved = move |event: KeyboardEvent| {
        let Some(node) = list.try_get_untracked().flatten() else { return };
        if event.key() == "Tab" {
            List(list).close();
        } else if !event.ctrl_key()
            && !event.meta_key()
            && !event.alt_key()
            && move_focus(&node, "menuitem", &event.key(), VERTICAL).is_some()
        {
            event.prevent_default();
        }
    };
    let open = move |event: KeyboardEvent| {
        if VERTICAL.contains(&event.key().as_str()) {
            event.prevent_default();
            list.try_get_untracked().flatten().into_iter().for_each(|list| drop(list.show_popover()));
        }
    };
    let (button_id, target) = (format!("{id}-button"), id.clone());
    let labelledby = button_id.clone();
    view! {
        <div class="menu">
            <button
                type="button"
                id=button_id
                class=rank.class()
                popovertarget=target
                aria-haspopup="menu"
                disabled=disabled
                on:keydown=open
            >
                <span>{label}</span>
                <span class="menu-arrow" aria-hidden="true"></span>
            </button>
            <div
                id=id
                class="menu-list"
                popover="auto"
                role="menu"
                aria-labelledby=labelledby
                node_ref=list
                on:toggle=opened
                on:keydown=moved
            >
                {children()}
            </div>
        </div>
    }
}

/// One action of a [`Menu`].
#[component]
pub fn MenuItem(
    /// Whether the action destroys something.
    #[prop(optional)]
    danger: bool,
    /// Whether the action is shown but cannot be chosen.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Where it leads, for an item that is a link.
    #[prop(optional, into)]
    href: Option<String>,
    /// Called when it is chosen, after the list has closed.
    #[prop(optional, into)]
    on_choose: Option<Callback<()>>,
    /// The content.
    children: Children,
) -> impl IntoView {
    let list = expect_context::<List>();
    let choose = move |event: MouseEvent| {
        if disabled.get_untracked() {
            event.prevent_default();
            return;
        }
        list.close();
        on_choose.into_iter().for_each(|on_choose| on_choose.run(()));
    };
    let class = if danger { "menu-item danger" } else { "menu-item" };
    let unavailable = move || disabled.get().then_some("true");
    if let Some(href) = href {
        return view! {
            <a role="menuitem" class=class href=href aria-disabled=unavailable on:click=choose>
                {children()}
            </a>
        }
        .into_any();
    }
    view! {
        <button type="button" role="menuitem" class=class aria-disabled=unavailable on:click=choose>
            {children()}
        </button>
    }
    .into_any()
}
