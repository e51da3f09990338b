//! The page of one application: the live summary beside the document that it quotes.

mod card;
mod document;
mod highlight;
mod line;
mod notes;
mod pace;
mod people;
mod stage;

use domain::{
    Evidence, UserId,
    application::{ApplicationEvent, ApplicationState},
    view::ApplicationPage,
};
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    calls,
    chrome::{ConnectionState, PageHead},
    live::{Place, use_live, use_presence},
    load::{by_id, loaded},
    time,
    toast::Toaster,
};
use card::SummaryCard;
use document::DocumentPane;
use notes::Notes;
use people::{LOOKING, People, WRITING};
use stage::StageForm;

/// `/applications/<id>`.
#[component]
pub fn ApplicationRoute() -> impl IntoView {
    loaded(by_id(calls::application_page), |page| view! { <Application page /> })
}

/// The line whose evidence is lit up, by its number.
#[derive(Clone, Copy, Debug)]
struct Selected(RwSignal<Option<usize>>);

#[component]
fn Application(page: ApplicationPage) -> impl IntoView {
    let id = page.id;
    let place = Place::of("application", id, page.seq);
    let (toaster, me) = (expect_context::<Toaster>(), page.me);
    let tell = move |event: &ApplicationEvent| {
        if let Some(sentence) = told_of(event, me) {
            toaster.say(sentence);
        }
    };
    let live = use_live::<ApplicationState>(place.clone(), page.state, tell);
    let writing = RwSignal::new(false);
    let people = use_presence(place, Signal::derive(move || if writing.get() { WRITING } else { LOOKING }));
    let notes = Signal::derive(move || live.state.with(|state| state.notes.clone()));
    let selected = RwSignal::new(None);
    provide_context(Selected(selected));
    let summary = Signal::derive(move || live.state.with(|state| state.summary.clone()));
    let evidence = Memo::new(move |_| evidence_of(&live.state.read(), selected.get()));
    let stage = Memo::new(move |_| live.state.with(|state| state.stage));
    let mail = format!("mailto:{}", page.email);
    view! {
        <Title text=page.name.clone() />
        <PageHead back=format!("/postings/{}", page.posting_id) back_name=page.posting_title title=page.name>
            <ConnectionState />
            <StageForm id stage />
        </PageHead>
        <People people me />
        <p class="facts">
            <a href=mail>{page.email}</a>
            <span>"Applied " <time datetime=time::iso(page.applied_at)>{time::moment(page.applied_at)}</time></span>
        </p>
        <div class="panes">
            <SummaryCard id summary seq=live.seq />
            <DocumentPane id document=page.document pages=page.pages pictures=page.pictures summary evidence />
        </div>
        <Notes id notes writing />
    }
}

/// What somebody else did, for who looks at the page.
fn told_of(event: &ApplicationEvent, me: UserId) -> Option<String> {
    match event {
        ApplicationEvent::StageMoved { stage, by, by_id } if *by_id != Some(me) => {
            Some(format!("{by} moved this application to {}.", stage.title()))
        }
        ApplicationEvent::NoteAdded { note } if note.by_id != me => Some(format!("{} added a note.", note.by)),
        _ => None,
    }
}

fn evidence_of(state: &ApplicationState, line: Option<usize>) -> Vec<Evidence> {
    let line = line.and_then(|n| state.summary.lines.get(n));
    line.map(|line| line.evidence().to_vec()).unwrap_or_default()
}
