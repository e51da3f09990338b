//! What pages have in common: the site header, the connection status, the page header.

mod server_fns;

use domain::{
    Role, SummaryState, Topic,
    user::{UserEvent, UserState},
    view::Viewer,
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_location;
use live::{Connection, Refusal};

use crate::{
    draft::clear_drafts,
    error::AppError,
    i18n::{self, Locale, layout},
    live::{Closed, ConnectionState, TopicRef, use_live},
    notice::FormError,
    ui::{Button, Rank, Toast, Toaster},
};
use server_fns::viewer;

/// The header of the site: the product's name and, on internal pages, the account.
#[component]
pub fn Header() -> impl IntoView {
    let path = use_location().pathname;
    let is_public = move || path.with(|path| ["/careers", "/status", "/sign-in"].iter().any(|p| path.starts_with(p)));
    view! {
        <header class="top">
            <a class="brand" href=move || if is_public() { "/careers" } else { "/" } rel="external">
                <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M4 5h16v3H4zM4 11h10v3H4zM4 17h13v3H4z" />
                </svg>
                "Verbatim"
            </a>
            <Show when=move || !is_public()>
                <Account />
            </Show>
        </header>
    }
}

/// The languages, on every page. The form works without scripts.
#[component]
pub fn Footer() -> impl IntoView {
    let location = use_location();
    let here = move || location.pathname.get() + &location.search.with(|query| query_string(query));
    let choice = |locale: Locale| {
        view! {
            <button
                class="quiet"
                name="language"
                value=locale.tag()
                lang=locale.tag()
                aria-current=(locale == i18n::current()).then_some("true")
            >
                {locale.name()}
            </button>
        }
    };
    view! {
        <footer class="site-footer">
            <form method="post" action="/language" aria-label=layout::language()>
                <input type="hidden" name="next" value=here />
                {Locale::OFFERED.map(choice).into_iter().collect_view()}
            </form>
        </footer>
    }
}

/// The query of an address with its question mark; empty for none.
fn query_string(query: &str) -> String {
    if query.is_empty() { String::new() } else { format!("?{}", query.trim_start_matches('?')) }
}

#[component]
fn Account() -> impl IntoView {
    let resource = Resource::new(|| (), |()| viewer());
    let signed_in =
        move || Suspend::new(async move { resource.await.ok().map(|viewer| view! { <SignedIn viewer /> }) });
    view! { <Suspense>{signed_in}</Suspense> }
}

/// Account navigation. Follows the user's own topic, so that a change of role and a finished summary
/// are shown on every page.
#[component]
fn SignedIn(viewer: Viewer) -> impl IntoView {
    let (toaster, path) = (expect_context::<Toaster>(), use_location().pathname);
    let on_event = move |event: &UserEvent| match event {
        UserEvent::RoleChanged { role: Role::Admin } => toaster.show(layout::now_admin().to_owned()),
        UserEvent::RoleChanged { role: Role::Recruiter } => toaster.show(layout::now_recruiter().to_owned()),
        UserEvent::SummaryEnded { application, name, summary } => {
            let page = format!("/applications/{application}");
            // The application's own page shows the summary already.
            if path.get_untracked() != page
                && let Some(text) = summary_toast(name, *summary)
            {
                toaster.show(Toast::new(text).with_link(layout::open(), page));
            }
        }
    };
    let live = use_live::<UserState>(TopicRef::new(Topic::User(viewer.id), viewer.seq), viewer.state, on_event);
    let is_admin = Memo::new(move |_| live.state.read().role == Role::Admin);
    view! {
        <nav class="account" aria-label=layout::account()>
            <Show when=move || is_admin.get()>
                <a href="/admin/jobs">{layout::background_tasks()}</a>
            </Show>
            <a href="/careers" rel="external">
                {layout::careers_page()}
            </a>
            <span class="who" title=viewer.email>
                {viewer.name}
            </span>
            <form method="post" action="/sign-out" on:submit=|_| clear_drafts()>
                <Button rank=Rank::Quiet kind="submit">
                    {layout::sign_out()}
                </Button>
            </form>
        </nav>
    }
}

/// The toast about a summary that the user requested; `None` while it is not finished.
fn summary_toast(name: &str, summary: SummaryState) -> Option<String> {
    match summary {
        SummaryState::Ready => Some(layout::summary_ready(name)),
        SummaryState::Unreadable => Some(layout::summary_unreadable(name)),
        SummaryState::Failed => Some(layout::summary_failed(name)),
        SummaryState::Queued | SummaryState::Reading | SummaryState::Writing => None,
    }
}

/// Shows whether the page is live. [`ConnectionBanners`] explains when it is not.
#[component]
pub fn ConnectionStatus() -> impl IntoView {
    let ConnectionState { connection, closed, live_pages, .. } = expect_context();
    Effect::new(move |_| live_pages.update(|count| *count += 1));
    on_cleanup(move || {
        // The signal is gone when the whole tab is.
        let _count = live_pages.try_update(|count| *count = count.saturating_sub(1));
    });
    let status = move || match (closed.get(), connection.get()) {
        (Some(_), _) => ("closed", layout::stopped()),
        (_, Connection::Online) => ("online", layout::live()),
        (_, Connection::Connecting) => ("connecting", layout::connecting()),
        (_, Connection::Offline) => ("offline", layout::offline()),
    };
    view! {
        <span class="connection" data-testid="connection" data-connection=move || status().0>
            {move || status().1}
        </span>
    }
}

/// The banners of a live page that does not update, at the edge of the window.
#[component]
pub fn ConnectionBanners() -> impl IntoView {
    let ConnectionState { connection, closed, live_pages, .. } = expect_context();
    let is_live_page = Memo::new(move |_| live_pages.get() > 0);
    let is_closed = Memo::new(move |_| is_live_page.get() && closed.get().is_some());
    let is_offline = move || is_live_page.get() && !is_closed.get() && connection.get() == Connection::Offline;
    view! {
        <Show when=is_offline>
            <p class="banner" data-testid="offline-banner" role="alert">
                {layout::offline_banner()}
            </p>
        </Show>
        <Show when=move || is_closed.get()>
            <p class="banner" data-testid="closed-banner" role="alert">
                {move || closed.get().map(closed_sentence)} " "
                <a href="" rel="external">
                    {move || if closed.get() == Some(Closed::SignedOut) { layout::sign_in_again() } else { layout::reload() }}
                </a>
            </p>
        </Show>
    }
}

fn closed_sentence(closed: Closed) -> &'static str {
    match closed {
        Closed::SignedOut => layout::signed_out(),
        Closed::Refused(Refusal::Forbidden) => layout::no_access(),
        Closed::Refused(Refusal::Epoch | Refusal::Ahead) => layout::restored(),
        Closed::Refused(Refusal::TooMany | Refusal::Invalid | Refusal::Unavailable) => layout::not_updating(),
    }
}

/// The title of a page with a link to its parent page above it.
#[component]
pub fn PageHeader(
    /// The address of the parent page.
    back: String,
    /// The title of the parent page.
    back_name: String,
    /// The title of this page.
    title: String,
    /// What follows the title on the same line.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="page-head">
            <nav aria-label=layout::breadcrumb()>
                <a href=back>"← " {back_name}</a>
            </nav>
            <div class="title-row">
                <h1>{title}</h1>
                {children()}
            </div>
        </div>
    }
}

/// The message of the error that `action` returned last. A message about the network goes when the
/// connection is back: the user can simply try again.
pub fn action_error<S>(action: ServerAction<S>) -> Signal<Option<String>>
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let ConnectionState { connection, .. } = expect_context();
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    Effect::new(move |before: Option<Connection>| {
        let now = connection.get();
        let is_back = now == Connection::Online && before.is_some_and(|before| before != now);
        if is_back && error.with_untracked(|error| error.as_ref().is_some_and(AppError::is_network_failure)) {
            action.clear();
        }
        now
    });
    Signal::derive(move || error.get().map(|error| error.message))
}

/// The error message of a server action; nothing while `message` is `None`.
#[component]
pub fn ActionError(#[prop(into)] message: Signal<Option<String>>) -> impl IntoView {
    move || message.get().map(|message| view! { <FormError message /> })
}
