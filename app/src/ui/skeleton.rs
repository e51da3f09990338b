//! The outlines of what is still being fetched.

use leptos::prelude::*;

/// Renders gray bars where text will be. They appear after 300 ms, so that fast answers do not flash,
/// and do not move.
#[component]
pub fn Skeleton(
    /// What screen readers say.
    #[prop(into)]
    label: Signal<String>,
    /// The number of lines.
    #[prop(default = 3)]
    lines: usize,
    /// Whether each line is as high as a row of a list.
    #[prop(optional)]
    rows: bool,
) -> impl IntoView {
    view! {
        <div class="skeleton" class:rows=rows role="status">
            <span class="visually-hidden">{label}</span>
            {(0..lines).map(|_| view! { <span class="bone" aria-hidden="true"></span> }).collect_view()}
        </div>
    }
}
