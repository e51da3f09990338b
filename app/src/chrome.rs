//! What stands around every page: header, connection, banner.

use domain::{
    Role, SummaryState,
    user::{UserEvent, UserState},
    view::Viewer,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use live::{Connection, Refusal};

use crate::{
    calls,
    live::{Place, Tab, use_live},
    notice::FormError,
    toast::Toaster,
};

/// The product's name, where one is, and who one is.
#[component]
pub fn Header() -> impl IntoView {
    let path = use_location().pathname;
    let public = move || path.with(|path| ["/careers", "/status", "/sign-in"].iter().any(|p| path.starts_with(p)));
    view! {
        <header class="top">
            <a class="brand" href=move || if public() { "/careers" } else { "/" } rel="external">
                <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M4 5h16v3H4zM4 11h10v3H4zM4 17h13v3H4z" />
                </svg>
                "Verbatim"
            </a>
            <Show when=move || !public()>
                <Account />
            </Show>
        </header>
    }
}

/// Who is signed in, and the way out.
#[component]
fn Account() -> impl IntoView {
    let viewer = Resource::new(|| (), |()| calls::viewer());
    let shown = move || Suspend::new(async move { viewer.await.ok().map(|viewer| view! { <SignedIn viewer /> }) });
    view! { <Suspense>{shown}</Suspense> }
}

/// Follows what concerns this person wherever they are.
#[component]
fn SignedIn(viewer: Viewer) -> impl IntoView {
    let (toaster, path) = (expect_context::<Toaster>(), use_location().pathname);
    let tell = move |event: &UserEvent| match event {
        UserEvent::RoleChanged { role: Role::Admin } => toaster.say("You are an administrator now.".to_owned()),
        UserEvent::RoleChanged { role: Role::Recruiter } => toaster.say("You are a recruiter now.".to_owned()),
        UserEvent::SummaryEnded { application, name, summary } => {
            let page = format!("/applications/{application}");
            // There one sees it happen.
            if path.get_untracked() != page
                && let Some(sentence) = ended(name, *summary)
            {
                toaster.say_of(sentence, page);
            }
        }
    };
    let live = use_live::<UserState>(Place::of("user", viewer.id, viewer.seq), viewer.state, tell);
    let administers = Memo::new(move |_| live.state.read().role == Role::Admin);
    view! {
        <nav class="account" aria-label="Account">
            <Show when=move || administers.get()>
                <a href="/admin/jobs">"Jobs"</a>
            </Show>
            <a href="/careers" rel="external">
                "Careers page"
            </a>
            <span class="who" title=viewer.email>
                {viewer.name}
            </span>
            <form method="post" action="/sign-out">
                <button class="quiet">"Sign out"</button>
            </form>
        </nav>
    }
}

/// What is said of a summary that somebody asked for.
fn ended(name: &str, summary: SummaryState) -> Option<String> {
    match summary {
        SummaryState::Ready => Some(format!("The summary of {name} is ready.")),
        SummaryState::Unreadable => Some(format!("The CV of {name} cannot be read.")),
        SummaryState::Failed => Some(format!("The summary of {name} failed.")),
        SummaryState::Queued | SummaryState::Reading | SummaryState::Writing => None,
    }
}

/// How this tab is connected: a dot always, a banner when it is not.
#[component]
pub fn ConnectionState() -> impl IntoView {
    let Tab { connection, closed, .. } = expect_context();
    let told = move || match (closed.get(), connection.get()) {
        (Some(_), _) => ("closed", "Stopped"),
        (_, Connection::Online) => ("online", "Live"),
        (_, Connection::Connecting) => ("connecting", "Connecting"),
        (_, Connection::Offline) => ("offline", "Offline"),
    };
    view! {
        <span class="connection" data-testid="connection" data-connection=move || told().0 role="status">
            {move || told().1}
        </span>
        <Show when=move || told().0 == "offline">
            <p class="banner" data-testid="offline-banner" role="alert">
                "You are offline. What you see may be old; it will catch up by itself."
            </p>
        </Show>
        <Show when=move || closed.get().is_some()>
            <p class="banner" data-testid="closed-banner" role="alert">
                "This page no longer follows what happens: "
                {move || closed.get().map(closed_because)} " "
                <a href="" rel="external">
                    "Load it again"
                </a>
            </p>
        </Show>
    }
}

/// Why the page stands still, in the words of its reader.
fn closed_because(reason: Refusal) -> &'static str {
    match reason {
        Refusal::Forbidden => "you were signed out, or may no longer see it.",
        Refusal::Epoch | Refusal::Ahead => "the server went back to an earlier state of its data.",
        Refusal::TooMany => "it shows too much at once.",
        Refusal::Invalid | Refusal::Unavailable => "the server does not know it.",
    }
}

/// The page's title with the way back above it.
#[component]
pub fn PageHead(
    /// Where back is.
    back: String,
    /// What back is called.
    back_name: String,
    /// The title.
    title: String,
    /// Beside the title.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="page-head">
            <nav aria-label="Breadcrumb">
                <a href=back>"← " {back_name}</a>
            </nav>
            <div class="title-row">
                <h1>{title}</h1>
                {children()}
            </div>
        </div>
    }
}

/// The sentence of a call that failed, below its form.
#[component]
pub fn CallError(#[prop(into)] message: Signal<Option<String>>) -> impl IntoView {
    move || message.get().map(|message| view! { <FormError message /> })
}
