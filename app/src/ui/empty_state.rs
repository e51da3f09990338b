//! What a page shows where there is nothing to show yet.

use leptos::{children::ViewFnOnce, prelude::*};

use super::heading::heading;

/// Renders what is missing, why, and what to do about it.
#[component]
pub fn EmptyState(
    /// What is missing.
    #[prop(into)]
    title: Signal<String>,
    /// The level of the title, 1 to 3.
    #[prop(default = 2)]
    level: u8,
    /// Buttons or links that lead on.
    #[prop(optional, into)]
    actions: ViewFnOnce,
    /// When something will be there, or how to make it; paragraphs.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            {heading(level, title)} {children.map(|children| children())}
            <div class="empty-actions">{actions.run()}</div>
        </div>
    }
}
