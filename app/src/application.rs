//! The page of one application: the live summary next to the document that it quotes.

mod card;
mod document;
mod highlight;
mod line;
mod line_keys;
mod notes;
mod scroll;
mod server_fns;
mod stage;
mod stagger;
mod viewers;

use domain::{
    Evidence, Stage, Topic, UserId,
    application::{ApplicationEvent, ApplicationState},
    view::ApplicationPage,
};
use leptos::{ev, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    draft::Draft,
    i18n::{self, ELEMENT, application as texts},
    layout::{ConnectionStatus, PageHeader},
    live::{TopicRef, use_live, use_presence},
    resource_view::{resource_by_id, resource_view},
    terms,
    time::LocalTime,
    ui::Toaster,
};
use card::SummaryCard;
use document::DocumentPane;
use notes::Notes;
use server_fns::application_page;
use stage::StageForm;
use viewers::{OtherViewers, VIEWING, WRITING_NOTE};

/// `/applications/<id>`.
#[component]
pub fn ApplicationRoute() -> impl IntoView {
    resource_view(resource_by_id(application_page), |page| view! { <Application page /> })
}

/// The index of the summary line whose evidence is highlighted. A context value.
#[derive(Clone, Copy, Debug)]
struct SelectedLine(RwSignal<Option<usize>>);

#[component]
fn Application(page: ApplicationPage) -> impl IntoView {
    let id = page.id;
    let topic = TopicRef::new(Topic::Application(id), page.seq);
    let (toaster, me) = (expect_context::<Toaster>(), page.me);
    let on_event = move |event: &ApplicationEvent| {
        if let Some(text) = toast_text(event, me) {
            toaster.show(text);
        }
    };
    let live = use_live::<ApplicationState>(topic.clone(), page.state, on_event);
    let writing = RwSignal::new(false);
    let people = use_presence(topic, Signal::derive(move || if writing.get() { WRITING_NOTE } else { VIEWING }));
    let notes = Signal::derive(move || live.state.with(|state| state.notes.clone()));
    let selected = RwSignal::new(None);
    provide_context(SelectedLine(selected));
    clear_on_escape(selected);
    let summary = Signal::derive(move || live.state.with(|state| state.summary.clone()));
    let evidence = Memo::new(move |_| evidence_of(&live.state.read(), selected.get()));
    let stage = Memo::new(move |_| live.state.with(|state| state.stage));
    // The board that links here names the stage that it is filtered by.
    let filter = use_query_map().with_untracked(|query| query.get("stage")).and_then(|stage| Stage::parse(&stage));
    let filter = filter.map(|stage| format!("?stage={}", stage.as_str())).unwrap_or_default();
    let back = format!("/postings/{}{filter}", page.posting_id);
    let mail = format!("mailto:{}", page.email);
    let (applied_before, applied_after) = i18n::around(&texts::applied(ELEMENT));
    view! {
        <Title text=page.name.clone() />
        <PageHeader back=back back_name=page.posting_title title=page.name>
            <ConnectionStatus />
            <StageForm id stage />
        </PageHeader>
        <div class="facts">
            <a href=mail>{page.email}</a>
            <span>{applied_before} <LocalTime ms=page.applied_at /> {applied_after}</span>
            <OtherViewers people me />
        </div>
        <div class="panes">
            <SummaryCard id summary seq=live.seq />
            <DocumentPane id document=page.document pages=page.pages pictures=page.pictures summary evidence />
        </div>
        <Notes id notes writing draft=Draft::new(me, id) />
    }
}

/// Escape anywhere on the page ends the highlighting.
fn clear_on_escape(selected: RwSignal<Option<usize>>) {
    // Effects run only in the browser.
    Effect::new(move |_| {
        let listener = window_event_listener(ev::keydown, move |event| {
            if event.key() == "Escape" && !event.default_prevented() {
                selected.set(None);
            }
        });
        on_cleanup(move || listener.remove());
    });
}

/// The toast about what another person did.
fn toast_text(event: &ApplicationEvent, me: UserId) -> Option<String> {
    match event {
        ApplicationEvent::StageMoved { stage, by, by_id } if *by_id != Some(me) => {
            Some(texts::moved(by, terms::stage(*stage)))
        }
        ApplicationEvent::NoteAdded { note } if note.by_id != me => Some(texts::note_added(&note.by)),
        _ => None,
    }
}

fn evidence_of(state: &ApplicationState, line: Option<usize>) -> Vec<Evidence> {
    let line = line.and_then(|n| state.summary.lines.get(n));
    line.map(|line| line.evidence().to_vec()).unwrap_or_default()
}
