//! A short fact in a colored capsule.

use leptos::prelude::*;

/// What the color of a chip says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Neutral,
    /// Something is going on.
    Accent,
    /// It went well.
    Good,
    /// It needs a look.
    Warn,
    /// It went wrong.
    Bad,
}

impl Tone {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Accent => "accent",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// Renders the fact, and a button that takes it away if `on_remove` is given. The text must say
/// what the color says.
#[component]
pub fn Chip(
    /// The color.
    #[prop(optional, into)]
    tone: Signal<Tone>,
    /// The accessible name of the button that takes it away.
    #[prop(optional, into)]
    remove_label: MaybeProp<String>,
    /// Called when a reader takes it away.
    #[prop(optional, into)]
    on_remove: Option<Callback<()>>,
    /// The text.
    children: Children,
) -> impl IntoView {
    let remove = on_remove.map(|on_remove| {
        view! {
            <button
                type="button"
                class="chip-remove"
                aria-label=move || remove_label.get()
                on:click=move |_| on_remove.run(())
            >
                "×"
            </button>
        }
    });
    view! {
        <span class="chip" data-tone=move || tone.get().as_str()>
            {children()}
            {remove}
        </span>
    }
}
