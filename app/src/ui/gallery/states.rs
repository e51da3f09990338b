//! The parts that say how things stand.

use leptos::prelude::*;

use super::{Example, Part};
use crate::ui::{Button, ButtonLink, EmptyState, ErrorState, Rank, Skeleton, Toast, Toaster, Tooltip};

#[component]
pub(super) fn EmptyStates() -> impl IntoView {
    let actions = || view! { <ButtonLink href="#part-empty_state" rank=Rank::Primary>"Create a posting"</ButtonLink> };
    view! {
        <Part name="empty_state">
            <Example name="with an action">
                <EmptyState title="No postings yet" level=3 actions>
                    <p>"Candidates apply to postings. Create the first one, and share its link."</p>
                </EmptyState>
            </Example>
            <Example name="title only">
                <EmptyState title="No jobs match these filters." level=3 />
            </Example>
        </Part>
    }
}

#[component]
pub(super) fn ErrorStates() -> impl IntoView {
    let tries = RwSignal::new(0);
    view! {
        <Part name="error_state">
            <Example name="can be tried again">
                <ErrorState
                    title="The pages could not be loaded"
                    level=3
                    retry_label="Try again"
                    on_retry=move |()| tries.update(|n| *n += 1)
                >
                    <p>"The server did not answer. Tries: " <output data-testid="tries">{tries}</output></p>
                </ErrorState>
            </Example>
            <Example name="being tried again">
                <ErrorState title="The pages could not be loaded" level=3 retry_label="Try again" on_retry=|()| () busy=true />
            </Example>
            <Example name="with a link">
                <ErrorState
                    title="Page not found"
                    level=3
                    actions=|| view! { <ButtonLink href="#part-error_state">"See open positions"</ButtonLink> }
                >
                    <p>"The address may be mistyped, or the posting was removed."</p>
                </ErrorState>
            </Example>
        </Part>
    }
}

#[component]
pub(super) fn Skeletons() -> impl IntoView {
    view! {
        <Part name="skeleton">
            <Example name="text">
                <Skeleton label="Loading" />
            </Example>
            <Example name="rows">
                <Skeleton label="Loading" lines=2 rows=true />
            </Example>
        </Part>
    }
}

#[component]
pub(super) fn ToastList() -> impl IntoView {
    let toaster = expect_context::<Toaster>();
    let stage = RwSignal::new("Applied");
    let move_on = move |_| {
        stage.set("Interview");
        toaster.show(Toast::new("Moved to Interview.").with_undo("Undo", move |()| stage.set("Applied")));
    };
    let link =
        move |_| toaster.show(Toast::new("The summary of Ada Lovelace is ready.").with_link("Open", "#part-toast"));
    view! {
        <Part name="toast">
            <Example name="shows one">
                <div class="gallery-row">
                    <Button on_press=move_on attr:data-testid="move">"Move"</Button>
                    <output data-testid="moved-to">{stage}</output>
                    <Button on_press=link>"Notify"</Button>
                    <Button on_press=move |_| toaster.show(Toast::new("Saved."))>"Save"</Button>
                </div>
            </Example>
        </Part>
    }
}

#[component]
pub(super) fn Tooltips() -> impl IntoView {
    view! {
        <Part name="tooltip">
            <Example name="closed">
                <Tooltip id="tip-archive" text="Hides the posting; nothing is deleted.">
                    <Button>"Archive"</Button>
                </Tooltip>
            </Example>
            <div class="gallery-example tall" data-force="focus-visible">
                <p class="gallery-name">"open"</p>
                <Tooltip id="tip-pause" text="Jobs that run are finished; no other job starts.">
                    <Button>"Pause"</Button>
                </Tooltip>
            </div>
        </Part>
    }
}
