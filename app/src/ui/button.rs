//! A button, and a link that looks like one.

use leptos::{ev::MouseEvent, prelude::*};

/// How strongly a button draws attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rank {
    /// The one action that most readers of the page want.
    Primary,
    /// Any other action.
    #[default]
    Secondary,
    /// An action of little weight, without a frame.
    Quiet,
    /// An action that destroys something.
    Danger,
}

impl Rank {
    /// The classes of an element with this rank.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Secondary => "button",
            Self::Quiet => "button quiet",
            Self::Danger => "button danger",
        }
    }
}

/// Renders `<button>`.
///
/// A busy button keeps the focus, which a disabled one would lose, but ignores presses; as it is the
/// button that Enter in a field presses, the form around it is not sent twice either.
#[component]
pub fn Button(
    /// How strongly it draws attention.
    #[prop(optional)]
    rank: Rank,
    /// The `type` attribute: `submit` sends the form around it, `button` only reports the press.
    #[prop(default = "button")]
    kind: &'static str,
    /// Whether it cannot be pressed or focused.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether the action that it started is still running.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// The accessible name, for a button whose content is not text.
    #[prop(optional, into)]
    label: MaybeProp<String>,
    /// Called on a press by pointer or key.
    #[prop(optional, into)]
    on_press: Option<Callback<MouseEvent>>,
    /// The content.
    children: Children,
) -> impl IntoView {
    let press = move |event: MouseEvent| {
        if busy.get_untracked() {
            event.prevent_default();
        } else if let Some(on_press) = on_press {
            on_press.run(event);
        }
    };
    let while_busy = move || busy.get().then_some("true");
    view! {
        <button
            type=kind
            class=rank.class()
            disabled=disabled
            aria-busy=while_busy
            aria-disabled=while_busy
            aria-label=move || label.get()
            on:click=press
        >
            {children()}
        </button>
    }
}

/// Renders a link with the looks of a button, for actions that lead to another address.
#[component]
pub fn ButtonLink(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// How strongly it draws attention.
    #[prop(optional)]
    rank: Rank,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <a href=href class=rank.class()>
            {children()}
        </a>
    }
}
