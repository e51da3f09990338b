//! What a page shows where something could not be shown.

use leptos::{children::ViewFnOnce, prelude::*};

use super::{
    button::{Button, Rank},
    heading::heading,
};

/// Renders what went wrong and how to go on; screen readers read it out when it appears.
#[component]
pub fn ErrorState(
    /// What went wrong.
    #[prop(into)]
    title: Signal<String>,
    /// The level of the title, 1 to 3.
    #[prop(default = 2)]
    level: u8,
    /// The text of the button that tries again.
    #[prop(optional, into)]
    retry_label: MaybeProp<String>,
    /// Called when a reader wants to try again.
    #[prop(optional, into)]
    on_retry: Option<Callback<()>>,
    /// Whether it is being tried again.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// More buttons or links that lead on.
    #[prop(optional, into)]
    actions: ViewFnOnce,
    /// What it means for the reader; paragraphs.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let retry = on_retry.map(|on_retry| {
        view! {
            <Button rank=Rank::Primary busy on_press=move |_| on_retry.run(())>
                {move || retry_label.get()}
            </Button>
        }
    });
    view! {
        <div class="error-state" role="alert">
            {heading(level, title)} {children.map(|children| children())}
            <div class="empty-actions">{retry} {actions.run()}</div>
        </div>
    }
}
