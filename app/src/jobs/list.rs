//! The newest jobs that match a filter, and the form that changes selected ones.

use domain::jobs::{JobFilter, JobRow, QueueOverview, STATES};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::components::Form;

use super::{
    refetch_on_change,
    server_fns::{ChangeJobs, ListJobs},
    state_label,
};
use crate::{
    layout::{ActionError, action_error},
    time::LocalTime,
};

/// The length of a full page; after one there may be older jobs.
const PAGE_SIZE: usize = 50;

/// The jobs that match `filter`. Fetches the list again when the overview changes.
#[component]
pub fn JobList(
    jobs: Vec<JobRow>,
    filter: JobFilter,
    overview: ReadSignal<QueueOverview>,
    seq: ReadSignal<u64>,
) -> impl IntoView {
    let (rows, set_rows) = signal(jobs);
    let changed = ServerAction::<ChangeJobs>::new();
    let version = move || (seq.get(), changed.version().get());
    {
        let filter = filter.clone();
        refetch_on_change(version, move || ListJobs { filter: filter.clone() }, move |rows| set_rows.set(rows));
    }
    let ids = Memo::new(move |_| rows.with(|rows| rows.iter().map(|row| row.id).collect::<Vec<_>>()));
    let message = action_error(changed);
    let button = move |change: &'static str, label: &'static str| {
        view! {
            <button name="change" value=change disabled=move || changed.pending().get()>
                {label}
            </button>
        }
    };
    let next_page = {
        let filter = filter.clone();
        move || {
            ids.with(|ids| {
                (ids.len() >= PAGE_SIZE).then(|| ids.last().map(|id| older_jobs_href(&filter, *id))).flatten()
            })
        }
    };
    view! {
        <section aria-labelledby="jobs" class="job-list">
            <h2 id="jobs">"Recent tasks"</h2>
            <Filter filter overview />
            <Show when=move || ids.with(Vec::is_empty)>
                <div class="empty">
                    <p>"No tasks match these filters."</p>
                </div>
            </Show>
            <ActionForm action=changed>
                <div class="controls" hidden=move || ids.with(Vec::is_empty)>
                    <span class="quiet-text">"With selected:"</span>
                    {button("retry", "Retry")}
                    {button("cancel", "Cancel")}
                    {button("delete", "Delete")}
                </div>
                <ActionError message />
                <p class="quiet-text" role="status">{move || change_result(changed)}</p>
                <ul class="rows" data-testid="jobs">
                    <For each=move || ids.get() key=|id| *id let:id>
                        <JobListItem id rows />
                    </For>
                </ul>
            </ActionForm>
            {move || {
                next_page()
                    .map(|href| {
                        view! {
                            <p>
                                <a href=href>"Older tasks"</a>
                            </p>
                        }
                    })
            }}
        </section>
    }
}

/// How many jobs the last change affected.
fn change_result(changed: ServerAction<ChangeJobs>) -> Option<String> {
    let n = changed.value().get()?.ok()?;
    Some(match n {
        0 => "No tasks were changed.".to_owned(),
        1 => "1 task was changed.".to_owned(),
        n => format!("{n} tasks were changed."),
    })
}

fn older_jobs_href(filter: &JobFilter, before: i64) -> String {
    let JobFilter { queue, state, worker, text, .. } = filter;
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    format!(
        "/admin/jobs?queue={}&state={state}&worker={}&text={}&before={before}#jobs",
        escaped(queue),
        escaped(worker),
        escaped(text)
    )
}

/// A plain form, so that it works without scripts and its result can be bookmarked.
#[component]
fn Filter(filter: JobFilter, overview: ReadSignal<QueueOverview>) -> impl IntoView {
    let JobFilter { queue, state, worker, text, .. } = filter;
    let option = |value: String, label: String, chosen: &str| {
        let selected = value == chosen;
        view! {
            <option value=value selected=selected>
                {label}
            </option>
        }
    };
    let mut names =
        overview.with_untracked(|overview| overview.queues.iter().map(|queue| queue.name.clone()).collect::<Vec<_>>());
    if !queue.is_empty() && !names.contains(&queue) {
        names.push(queue.clone());
    }
    let queues = names.into_iter().map(|name| option(name.clone(), name, &queue)).collect_view();
    let states = STATES.map(|name| option(name.to_owned(), state_label(name).to_owned(), &state)).collect_view();
    view! {
        <Form method="GET" action="/admin/jobs" attr:class="filter">
            <label>
                <span>"Queue"</span>
                <select name="queue">
                    <option value="">"All"</option>
                    {queues}
                </select>
            </label>
            <label>
                <span>"State"</span>
                <select name="state">
                    <option value="">"All"</option>
                    {states}
                </select>
            </label>
            <label>
                <span>"Worker"</span>
                <input name="worker" value=worker autocomplete="off" />
            </label>
            <label>
                <span>"Arguments contain"</span>
                <input name="text" value=text autocomplete="off" />
            </label>
            <button>"Show"</button>
        </Form>
    }
}

#[component]
fn JobListItem(id: i64, rows: ReadSignal<Vec<JobRow>>) -> impl IntoView {
    let row = Memo::new(move |_| rows.with(|rows| rows.iter().find(|row| row.id == id).cloned()));
    let state = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.state.clone()).unwrap_or_default()));
    let attempts = move || {
        row.with(|row| row.as_ref().map(|row| format!("{} of {}", row.attempt, row.max_attempts)).unwrap_or_default())
    };
    let first = row.get_untracked();
    let (worker, queue, inserted_at) =
        first.map_or((String::new(), String::new(), 0), |row| (row.worker, row.queue, row.inserted_at));
    view! {
        <li class="row job" data-testid="job" data-job=id data-state=move || state.get()>
            <label>
                <span class="visually-hidden">{format!("Select task {id}")}</span>
                <input type="checkbox" name="ids[]" value=id />
            </label>
            <a href=format!("/admin/jobs/{id}")>
                <strong>{worker}</strong>
                <span class="headline">{format!("{queue} · {id}")}</span>
            </a>
            <span class="chip" data-job-state=move || state.get()>
                {move || state.with(|state| state_label(state).to_owned())}
            </span>
            <span class="quiet-text">"attempt " {attempts}</span>
            <LocalTime ms=inserted_at />
        </li>
    }
}
