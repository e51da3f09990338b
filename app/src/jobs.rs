//! Administration of the job queue: live queues, nodes and cron entries, and the list of jobs.

mod chart;
mod job;
mod list;
mod queues;
mod server_fns;

use std::ops::Deref;

use domain::{Fold, Topic};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use queue::views::{JobFilter, QueueOverview, QueuePage, STATES};
use serde::Deserialize;

use crate::{
    error::AppError,
    i18n::{jobs, postings},
    layout::{ConnectionStatus, PageHeader},
    live::{TopicRef, use_live},
    resource_view::resource_view,
};
pub use job::JobRoute;
use list::JobList;
use queues::{Crons, Nodes, Queues};
use server_fns::read_queue;

/// The page `/admin/jobs`, filtered by its query string.
#[component]
pub fn JobsRoute() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        // An unknown state or id filters nothing, so that an old bookmark still shows the list.
        let value = |name| query.with(|query| query.get(name)).unwrap_or_default();
        JobFilter {
            queue: value("queue"),
            state: Some(value("state")).filter(|state| STATES.contains(&state.as_str())).unwrap_or_default(),
            worker: value("worker"),
            text: value("text"),
            before: Some(value("before")).filter(|id| id.parse::<i64>().is_ok()).unwrap_or_default(),
        }
    });
    let page = Resource::new(move || filter.get(), read_queue);
    resource_view(page, move |page| view! { <Jobs page filter=filter.get_untracked() /> })
}

/// The state of the topic `queue`. Each of its events is a complete overview.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
struct QueueState(QueueOverview);

impl Fold for QueueState {
    type Event = QueueOverview;

    fn apply(&mut self, overview: QueueOverview) {
        self.0 = overview;
    }
}

impl Deref for QueueState {
    type Target = QueueOverview;

    fn deref(&self) -> &QueueOverview {
        &self.0
    }
}

/// Calls the server function `request` whenever `version` changes, one call at a time, and passes its
/// value to `on_value`. Errors are ignored: the page keeps what it shows.
fn refetch_on_change<S, M>(
    version: impl Fn() -> M + 'static,
    request: impl Fn() -> S + 'static,
    on_value: impl Fn(S::Output) + 'static,
) where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
    M: PartialEq + 'static,
{
    let action = ServerAction::<S>::new();
    let stale = RwSignal::new(false);
    Effect::new(move |before: Option<M>| {
        let current = version();
        if before.is_some_and(|before| before != current) {
            stale.set(true);
        }
        current
    });
    Effect::new(move |_| {
        if stale.get() && !action.pending().get() {
            stale.set(false);
            action.dispatch(request());
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(value)) = action.value().get() {
            on_value(value);
        }
    });
}

/// The label of a job's state, which is one of the queue's names.
fn state_label(state: &str) -> &str {
    match state {
        "available" => jobs::available(),
        "scheduled" => jobs::scheduled(),
        "executing" => jobs::executing(),
        "retryable" => jobs::retryable(),
        "completed" => jobs::completed(),
        "cancelled" => jobs::cancelled(),
        "discarded" => jobs::discarded(),
        other => other,
    }
}

#[component]
fn Jobs(page: QueuePage, filter: JobFilter) -> impl IntoView {
    let QueuePage { overview, seq, jobs } = page;
    let live = use_live(TopicRef::new(Topic::Queue, seq), QueueState(overview), |_| ());
    view! {
        <Title text=jobs::title() />
        <PageHeader back="/".to_owned() back_name=postings::title().to_owned() title=jobs::title().to_owned()>
            <ConnectionStatus />
        </PageHeader>
        <Queues overview=live.state />
        <JobList jobs filter overview=live.state seq=live.seq />
        <div class="panes">
            <Nodes overview=live.state />
            <Crons overview=live.state />
        </div>
    }
}
