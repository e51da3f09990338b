//! The job queue, for administrators: its queues, nodes and recurring jobs live, and its jobs.

mod chart;
mod job;
mod list;
mod queues;

use domain::jobs::{JobFilter, QueueOverview, QueuePage};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    calls,
    chrome::{ConnectionState, PageHead},
    error::AppError,
    live::{Place, use_live},
    load::loaded,
};
pub use job::JobRoute;
use list::JobList;
use queues::{Crons, Nodes, Queues};

/// `/admin/jobs`.
#[component]
pub fn JobsRoute() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        let given = |name| query.with(|query| query.get(name)).unwrap_or_default();
        JobFilter {
            queue: given("queue"),
            state: given("state"),
            worker: given("worker"),
            text: given("text"),
            before: given("before"),
        }
    });
    let page = Resource::new(move || filter.get(), calls::read_queue);
    loaded(page, move |page| view! { <Jobs page filter=filter.get_untracked() /> })
}

/// Calls `ask` whenever `moved` changes, but never twice at once; `take` gets what it brings.
fn read_again<S, M>(moved: impl Fn() -> M + 'static, ask: impl Fn() -> S + 'static, take: impl Fn(S::Output) + 'static)
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
    M: PartialEq + 'static,
{
    let asked = ServerAction::<S>::new();
    let stale = RwSignal::new(false);
    Effect::new(move |before: Option<M>| {
        let now = moved();
        if before.is_some_and(|before| before != now) {
            stale.set(true);
        }
        now
    });
    Effect::new(move |_| {
        if stale.get() && !asked.pending().get() {
            stale.set(false);
            asked.dispatch(ask());
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(brought)) = asked.value().get() {
            take(brought);
        }
    });
}

#[component]
fn Jobs(page: QueuePage, filter: JobFilter) -> impl IntoView {
    let QueuePage { overview, seq, jobs } = page;
    let live = use_live::<QueueOverview>(Place::queue(seq), overview, |_| ());
    view! {
        <Title text="Jobs" />
        <PageHead back="/".to_owned() back_name="Postings".to_owned() title="Jobs".to_owned()>
            <ConnectionState />
        </PageHead>
        <Queues overview=live.state />
        <JobList jobs filter overview=live.state seq=live.seq />
        <div class="panes">
            <Nodes overview=live.state />
            <Crons overview=live.state />
        </div>
    }
}
