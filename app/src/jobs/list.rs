//! The newest jobs that match a filter, and the form that changes selected ones.

use leptos::{
    attr::{any_attribute::IntoAnyAttribute, autocomplete},
    form::ActionForm,
    prelude::*,
};
use leptos_router::components::Form;
use queue::views::{JobFilter, JobRow, STATES};

use super::{
    QueueState, refetch_on_change,
    server_fns::{ChangeJobs, ListJobs},
    state_label,
};
use crate::{
    i18n::jobs,
    layout::{ActionError, action_error},
    time::LocalTime,
    tone::job_tone,
    ui::{Button, Chip, Choice, ColumnHead, EmptyState, Field, Select, SelectCell, SelectHead, Selection, Table},
};

/// The length of a full page; after one there may be older jobs.
const PAGE_SIZE: usize = 50;

/// The jobs that match `filter`. Fetches the list again when the overview changes.
#[component]
pub fn JobList(
    jobs: Vec<JobRow>,
    filter: JobFilter,
    overview: ReadSignal<QueueState>,
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
            <Button kind="submit" busy=changed.pending() attr:name="change" attr:value=change>
                {label}
            </Button>
        }
    };
    let keys = Signal::derive(move || ids.with(|ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>()));
    let selection = Selection::new();
    let selected = move || keys.with(|keys| keys.iter().filter(|key| selection.contains(key)).count());
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
            <h2 id="jobs">{jobs::recent()}</h2>
            <Filter filter overview />
            <Show when=move || ids.with(Vec::is_empty)>
                <EmptyState title=jobs::no_match() level=3 />
            </Show>
            <ActionForm action=changed>
                <div class="controls" hidden=move || ids.with(Vec::is_empty)>
                    <span class="quiet-text" data-testid="selected">
                        {move || jobs::with_selected(i64::try_from(selected()).unwrap_or(i64::MAX))}
                    </span>
                    {button("retry", jobs::retry())}
                    {button("cancel", jobs::cancel())}
                    {button("delete", jobs::delete())}
                </div>
                <ActionError message />
                <p class="quiet-text" role="status">{move || change_result(changed)}</p>
                <div hidden=move || ids.with(Vec::is_empty)>
                    <Table id="jobs-table" caption=jobs::recent() caption_hidden=true keys selection stacks=true>
                        <thead>
                            <tr>
                                <SelectHead label=jobs::select_all() />
                                <ColumnHead label=jobs::task() />
                                <ColumnHead label=jobs::state() />
                                <ColumnHead label=jobs::attempts() />
                                <ColumnHead label=jobs::enqueued() />
                            </tr>
                        </thead>
                        <tbody data-testid="jobs">
                            <For each=move || ids.get() key=|id| *id let:id>
                                <JobTableRow id rows />
                            </For>
                        </tbody>
                    </Table>
                </div>
            </ActionForm>
            {move || {
                next_page()
                    .map(|href| {
                        view! {
                            <p>
                                <a href=href>{jobs::older()}</a>
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
    Some(jobs::changed(i64::try_from(n).unwrap_or(i64::MAX)))
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
fn Filter(filter: JobFilter, overview: ReadSignal<QueueState>) -> impl IntoView {
    let JobFilter { queue, state, worker, text, .. } = filter;
    let mut names =
        overview.with_untracked(|overview| overview.queues.iter().map(|queue| queue.name.clone()).collect::<Vec<_>>());
    if !queue.is_empty() && !names.contains(&queue) {
        names.push(queue.clone());
    }
    let all = || Choice::new("", jobs::all());
    let queues: Vec<_> =
        std::iter::once(all()).chain(names.into_iter().map(|name| Choice::new(name.clone(), name))).collect();
    let states: Vec<_> =
        std::iter::once(all()).chain(STATES.map(|name| Choice::new(name, state_label(name)))).collect();
    let not_completed = || vec![autocomplete("off").into_any_attr()];
    view! {
        <Form method="GET" action="/admin/jobs" attr:class="filter">
            <Select label=jobs::queue() name="queue" id="filter-queue" choices=queues value=queue />
            <Select label=jobs::state() name="state" id="filter-state" choices=states value=state />
            <Field label=jobs::worker() name="worker" id="filter-worker" value=worker attributes=not_completed() />
            <Field label=jobs::arguments_contain() name="text" id="filter-text" value=text attributes=not_completed() />
            <Button kind="submit">{jobs::show()}</Button>
        </Form>
    }
}

#[component]
fn JobTableRow(id: i64, rows: ReadSignal<Vec<JobRow>>) -> impl IntoView {
    let row = Memo::new(move |_| rows.with(|rows| rows.iter().find(|row| row.id == id).cloned()));
    let state = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.state.clone()).unwrap_or_default()));
    let attempts = move || {
        row.with(|row| {
            row.as_ref()
                .map(|row| jobs::attempt_of(&row.max_attempts.to_string(), &row.attempt.to_string()))
                .unwrap_or_default()
        })
    };
    let first = row.get_untracked();
    let (worker, queue, inserted_at) =
        first.map_or((String::new(), String::new(), 0), |row| (row.worker, row.queue, row.inserted_at));
    view! {
        <tr data-testid="job" data-job=id data-state=move || state.get()>
            <SelectCell key=id.to_string() name="ids[]" label=jobs::select(&id.to_string()) />
            <th scope="row">
                <a class="job-name" href=format!("/admin/jobs/{id}")>
                    <strong>{worker}</strong>
                    <span>{format!("{queue} · {id}")}</span>
                </a>
            </th>
            <td>
                <Chip tone=Signal::derive(move || state.with(|state| job_tone(state)))>
                    {move || state.with(|state| state_label(state).to_owned())}
                </Chip>
            </td>
            <td class="wide">{attempts}</td>
            <td class="wide">
                <LocalTime ms=inserted_at />
            </td>
        </tr>
    }
}
