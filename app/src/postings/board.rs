//! The applications of a posting, live: new ones come in on top, summaries and stages move.

use domain::{
    Stage, SummaryState,
    posting::{ApplicationList, ApplicationRow, PostingEvent},
    view::PostingPage,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    calls,
    chrome::{ConnectionState, PageHead},
    live::{Place, use_live},
    load::{by_id, loaded},
    time,
    toast::Toaster,
};

/// `/postings/<id>`.
#[component]
pub fn PostingBoard() -> impl IntoView {
    loaded(by_id(calls::posting_page), |page| view! { <Board page /> })
}

#[component]
fn Board(page: PostingPage) -> impl IntoView {
    let PostingPage { posting, list, seq } = page;
    let toaster = expect_context::<Toaster>();
    let tell = move |event: &PostingEvent| {
        if let PostingEvent::Applied { row } = event {
            toaster.say(format!("{} has applied.", row.name));
        }
    };
    let live = use_live::<ApplicationList>(Place::of("posting", posting.id, seq), list, tell);
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(|query| query.get("stage")).and_then(|stage| Stage::parse(&stage)));
    let rows = move || {
        let wanted = wanted.get();
        let fits = |row: &&ApplicationRow| wanted.is_none_or(|stage| row.stage == stage);
        live.state.with(|list| list.rows.iter().filter(fits).map(|row| row.id).collect::<Vec<_>>())
    };
    let nobody = Memo::new(move |_| live.state.with(|list| list.rows.is_empty()));
    let here = format!("/postings/{}", posting.id);
    let public = format!("/careers/{}", posting.slug);
    view! {
        <Title text=posting.title.clone() />
        <PageHead back="/".to_owned() back_name="Postings".to_owned() title=posting.title.clone()>
            <ConnectionState />
        </PageHead>
        <StageTabs here list=live.state wanted />
        <Show when=move || nobody.get()>
            <div class="empty">
                <h2>"No applications yet"</h2>
                <p>
                    "They appear here by themselves. The form is on the "
                    <a href=public.clone() rel="external">
                        "public page"
                    </a> "."
                </p>
            </div>
        </Show>
        <ul class="rows" aria-live="polite" data-testid="application-list">
            <For each=rows key=|id| *id let:id>
                {move || {
                    let row = Memo::new(move |_| {
                        live.state.with(|list| list.rows.iter().find(|row| row.id == id).cloned())
                    });
                    row.get_untracked().map(|first| view! { <Row first row /> })
                }}
            </For>
        </ul>
    }
}

/// The stages as links, so that they work without scripts and can be kept as bookmarks.
#[component]
fn StageTabs(here: String, list: ReadSignal<ApplicationList>, wanted: Memo<Option<Stage>>) -> impl IntoView {
    let tab = move |stage: Option<Stage>| {
        let href = stage.map_or(here.clone(), |stage| format!("{here}?stage={}", stage.as_str()));
        let count = move || {
            list.with(|list| list.rows.iter().filter(|row| stage.is_none_or(|stage| row.stage == stage)).count())
        };
        let current = move || (wanted.get() == stage).then_some("page");
        view! {
            <li>
                <a href=href aria-current=current>
                    {stage.map_or("All", Stage::title)} <span class="count">{count}</span>
                </a>
            </li>
        }
    };
    let tabs = std::iter::once(None).chain(Stage::ALL.map(Some)).map(tab).collect_view();
    view! {
        <nav class="tabs" aria-label="Stages">
            <ul>{tabs}</ul>
        </nav>
    }
}

#[component]
fn Row(first: ApplicationRow, row: Memo<Option<ApplicationRow>>) -> impl IntoView {
    let summary = Memo::new(move |_| row.with(|row| row.as_ref().map_or(SummaryState::Queued, |row| row.summary)));
    let stage = move || row.with(|row| row.as_ref().map_or("", |row| row.stage.title()));
    let headline = move || row.with(|row| row.as_ref().and_then(|row| row.headline.clone()));
    view! {
        <li class="row" data-testid="application-row" data-state=move || summary.get().as_str()>
            <a href=format!("/applications/{}", first.id)>
                <strong>{first.name}</strong>
                <span class="headline">{move || headline().unwrap_or_else(|| waiting(summary.get()).to_owned())}</span>
            </a>
            <span class="chip stage">{stage}</span>
            <span class="chip" data-state=move || summary.get().as_str()>
                {move || word(summary.get())}
            </span>
            <time datetime=time::iso(first.applied_at)>{time::moment(first.applied_at)}</time>
        </li>
    }
}

fn word(state: SummaryState) -> &'static str {
    match state {
        SummaryState::Queued => "Waiting",
        SummaryState::Reading => "Reading",
        SummaryState::Writing => "Writing",
        SummaryState::Ready => "Ready",
        SummaryState::Unreadable => "Cannot read",
        SummaryState::Failed => "Failed",
    }
}

fn waiting(state: SummaryState) -> &'static str {
    match state {
        SummaryState::Ready | SummaryState::Writing => "No current role found",
        SummaryState::Unreadable => "The CV has no text that can be read",
        SummaryState::Failed => "The CV could not be read",
        SummaryState::Queued | SummaryState::Reading => "The CV is being read",
    }
}
