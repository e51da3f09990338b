//! The live board of a posting: its applications, newest first, with their summaries and stages.

use domain::{
    Stage, SummaryState, Topic,
    posting::{ApplicationList, ApplicationRow, PostingEvent},
    view::PostingPage,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::server_fns::posting_page;
use crate::{
    i18n::{self, ELEMENT, postings},
    layout::{ConnectionStatus, PageHeader},
    live::{TopicRef, use_live},
    resource_view::{resource_by_id, resource_view},
    terms,
    time::LocalTime,
    tone::summary_tone,
    ui::{Chip, EmptyState, TabLink, TabLinks, Toaster},
};

/// The page `/postings/<id>?stage=<stage>`.
#[component]
pub fn PostingBoard() -> impl IntoView {
    resource_view(resource_by_id(posting_page), |page| view! { <Board page /> })
}

#[component]
fn Board(page: PostingPage) -> impl IntoView {
    let PostingPage { posting, list, seq } = page;
    let toaster = expect_context::<Toaster>();
    let on_event = move |event: &PostingEvent| {
        if let PostingEvent::Applied { row } = event {
            toaster.show(postings::applied(&row.name));
        }
    };
    let live = use_live::<ApplicationList>(TopicRef::new(Topic::Posting(posting.id), seq), list, on_event);
    let query = use_query_map();
    let stage_filter =
        Memo::new(move |_| query.with(|query| query.get("stage")).and_then(|stage| Stage::parse(&stage)));
    let rows = move || {
        let stage = stage_filter.get();
        let matches = |row: &&ApplicationRow| stage.is_none_or(|stage| row.stage == stage);
        live.state.with(|list| list.rows.iter().filter(matches).map(|row| row.id).collect::<Vec<_>>())
    };
    let is_empty = Memo::new(move |_| live.state.with(|list| list.rows.is_empty()));
    let has_no_match = Memo::new(move |_| {
        let stage = stage_filter.get();
        stage.is_some() && live.state.with(|list| list.rows.iter().all(|row| Some(row.stage) != stage))
    });
    let board = format!("/postings/{}", posting.id);
    let public = StoredValue::new(format!("/careers/{}", posting.slug));
    let all = StoredValue::new(board.clone());
    let hint = StoredValue::new(i18n::around(&postings::no_applications_hint(ELEMENT)));
    view! {
        <Title text=posting.title.clone() />
        <PageHeader back="/".to_owned() back_name=postings::title().to_owned() title=posting.title.clone()>
            <ConnectionStatus />
        </PageHeader>
        <StageTabs board list=live.state stage_filter />
        <Show when=move || is_empty.get()>
            <EmptyState title=postings::no_applications()>
                <p>
                    {hint.get_value().0}
                    <a href=public.get_value() rel="external">
                        {postings::public_page_inline()}
                    </a> {hint.get_value().1}
                </p>
            </EmptyState>
        </Show>
        <Show when=move || !is_empty.get() && has_no_match.get()>
            <EmptyState title=postings::none_in_stage()>
                <p>
                    <a href=all.get_value()>{postings::show_all()}</a>
                </p>
            </EmptyState>
        </Show>
        <ul class="rows" aria-live="polite" data-testid="application-list">
            <For each=rows key=|id| *id let:id>
                {move || {
                    let row = Memo::new(move |_| {
                        live.state.with(|list| list.rows.iter().find(|row| row.id == id).cloned())
                    });
                    row.get_untracked().map(|first| view! { <ApplicationItem first row stage_filter /> })
                }}
            </For>
        </ul>
    }
}

/// The stage filter as links, so that it works without scripts and can be bookmarked.
#[component]
fn StageTabs(board: String, list: ReadSignal<ApplicationList>, stage_filter: Memo<Option<Stage>>) -> impl IntoView {
    let tab = move |stage: Option<Stage>| {
        let href = stage.map_or(board.clone(), |stage| format!("{board}?stage={}", stage.as_str()));
        let count = move || {
            list.with(|list| list.rows.iter().filter(|row| stage.is_none_or(|stage| row.stage == stage)).count())
        };
        view! {
            <TabLink href current=move || stage_filter.get() == stage count=Signal::derive(count)>
                {stage.map_or_else(postings::all, terms::stage)}
            </TabLink>
        }
    };
    let tabs = std::iter::once(None).chain(Stage::ALL.map(Some)).map(tab).collect_view();
    view! {
        <TabLinks label=postings::stages()>{tabs}</TabLinks>
    }
}

#[component]
fn ApplicationItem(
    first: ApplicationRow,
    row: Memo<Option<ApplicationRow>>,
    stage_filter: Memo<Option<Stage>>,
) -> impl IntoView {
    let summary = Memo::new(move |_| row.with(|row| row.as_ref().map_or(SummaryState::Queued, |row| row.summary)));
    let stage = move || row.with(|row| row.as_ref().map_or("", |row| terms::stage(row.stage)));
    let href = move || {
        let stage = stage_filter.get().map(|stage| format!("?stage={}", stage.as_str()));
        format!("/applications/{}{}", first.id, stage.unwrap_or_default())
    };
    let headline = move || row.with(|row| row.as_ref().and_then(|row| row.headline.clone()));
    view! {
        <li class="row" data-testid="application-row" data-state=move || summary.get().as_str()>
            <a href=href>
                <strong>{first.name}</strong>
                <span class="headline">{move || headline().unwrap_or_else(|| no_headline(summary.get()).to_owned())}</span>
            </a>
            <Chip>{stage}</Chip>
            // A summary that is ready needs no attention.
            <span>
                <Show when=move || summary.get() != SummaryState::Ready>
                    <Chip tone=Signal::derive(move || {
                        summary_tone(summary.get())
                    })>{move || summary_word(summary.get())}</Chip>
                </Show>
            </span>
            <LocalTime ms=first.applied_at />
        </li>
    }
}

fn summary_word(state: SummaryState) -> &'static str {
    match state {
        SummaryState::Queued => postings::queued(),
        SummaryState::Reading => postings::reading(),
        SummaryState::Writing => postings::writing(),
        SummaryState::Ready => postings::ready(),
        SummaryState::Unreadable => postings::no_text(),
        SummaryState::Failed => postings::failed(),
    }
}

fn no_headline(state: SummaryState) -> &'static str {
    match state {
        SummaryState::Ready | SummaryState::Writing => postings::no_role(),
        SummaryState::Unreadable => postings::cv_no_text(),
        SummaryState::Failed => postings::cv_failed(),
        SummaryState::Queued | SummaryState::Reading => postings::cv_reading(),
    }
}
