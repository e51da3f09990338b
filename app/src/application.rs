//! The page of one application: the live summary beside the document that it quotes.

mod card;
mod document;
mod highlight;
mod line;
mod pace;
mod stage;

use domain::{Evidence, application::ApplicationState, view::ApplicationPage};
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    calls,
    chrome::{ConnectionState, PageHead},
    live::{RECRUITERS, use_topic},
    load::{by_id, loaded},
    time,
};
use card::SummaryCard;
use document::DocumentPane;
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
    let live =
        use_topic(RECRUITERS.to_owned(), format!("application:{id}"), page.seq, page.state, ApplicationState::apply);
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
        <p class="facts">
            <a href=mail>{page.email}</a>
            <span>"Applied " <time datetime=time::iso(page.applied_at)>{time::moment(page.applied_at)}</time></span>
        </p>
        <div class="panes">
            <SummaryCard id summary seq=live.seq />
            <DocumentPane id document=page.document pages=page.pages pictures=page.pictures summary evidence />
        </div>
    }
}

fn evidence_of(state: &ApplicationState, line: Option<usize>) -> Vec<Evidence> {
    let line = line.and_then(|n| state.summary.lines.get(n));
    line.map(|line| line.evidence().to_vec()).unwrap_or_default()
}
