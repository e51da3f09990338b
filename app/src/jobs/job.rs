//! The page of one job: its arguments, its history, and forms that run it again, cancel or delete it.

use domain::Topic;
use leptos::{
    attr::{any_attribute::IntoAnyAttribute, spellcheck},
    form::ActionForm,
    prelude::*,
};
use leptos_meta::Title;
use queue::views::JobPage;

use super::{
    QueueState, refetch_on_change,
    server_fns::{ChangeJobs, DeleteJob, EditJob, ReadJob, read_job},
    state_label,
};
use crate::{
    i18n::jobs,
    layout::{ActionError, ConnectionStatus, PageHeader, action_error},
    live::{TopicRef, use_live},
    resource_view::{resource_by_id, resource_view},
    time::{LocalTime, TimeFormat},
    tone::job_tone,
    ui::{Button, Chip, TextArea},
};

/// The page `/admin/jobs/<id>`.
#[component]
pub fn JobRoute() -> impl IntoView {
    resource_view(resource_by_id(read_job), |page| view! { <Job page /> })
}

#[component]
fn Job(page: JobPage) -> impl IntoView {
    let id = page.row.id;
    let title = format!("{} {id}", page.row.worker);
    let (changed, edited) = (ServerAction::<ChangeJobs>::new(), ServerAction::<EditJob>::new());
    let (job, set_job) = signal(page.clone());
    // The overview is not shown here. When it changes, this job may have changed too.
    let queue = use_live(TopicRef::new(Topic::Queue, page.seq), QueueState::default(), |_| ());
    let version = move || (queue.seq.get(), changed.version().get(), edited.version().get());
    refetch_on_change(version, move || ReadJob { id }, move |page| set_job.set(page));
    let state = Memo::new(move |_| job.with(|page| page.row.state.clone()));
    view! {
        <Title text=title.clone() />
        <PageHeader back="/admin/jobs".to_owned() back_name=jobs::title().to_owned() title>
            <ConnectionStatus />
            <Chip
                tone=Signal::derive(move || state.with(|state| job_tone(state)))
                attr:role="status"
                attr:data-testid="job-state"
            >
                {move || state.with(|state| state_label(state).to_owned())}
            </Chip>
        </PageHeader>
        <div class="job-page">
        <JobActions id state changed />
        <div class="panes">
            <section aria-labelledby="timeline">
                <h2 id="timeline">{jobs::history()}</h2>
                <Timeline page=job />
            </section>
            <section class="stack" aria-labelledby="args">
                <h2 id="args">{jobs::arguments()}</h2>
                <Arguments id args=page.args state edited />
                <Facts page=job />
            </section>
        </div>
        </div>
    }
}

#[component]
fn JobActions(id: i64, state: Memo<String>, changed: ServerAction<ChangeJobs>) -> impl IntoView {
    let deleted = ServerAction::<DeleteJob>::new();
    let (change_error, delete_error) = (action_error(changed), action_error(deleted));
    let message = Signal::derive(move || {
        let unchanged = matches!(changed.value().get(), Some(Ok(0)));
        let unchanged = unchanged.then(|| jobs::unchanged().to_owned());
        change_error.get().or_else(|| delete_error.get()).or(unchanged)
    });
    let is_running = move || state.with(|state| state == "executing");
    let has_ended = move || state.with(|state| matches!(state.as_str(), "completed" | "cancelled" | "discarded"));
    view! {
        <div class="controls">
            <ActionForm action=changed attr:class="controls">
                <input type="hidden" name="ids[]" value=id />
                <Button kind="submit" disabled=is_running attr:name="change" attr:value="retry">
                    {jobs::retry()}
                </Button>
                <Button kind="submit" disabled=has_ended attr:name="change" attr:value="cancel">
                    {jobs::cancel()}
                </Button>
            </ActionForm>
            <ActionForm action=deleted>
                <input type="hidden" name="id" value=id />
                <Button kind="submit" disabled=is_running>
                    {jobs::delete()}
                </Button>
            </ActionForm>
        </div>
        <ActionError message />
    }
}

/// The arguments as editable JSON. A later update from the server never overwrites the text.
#[component]
fn Arguments(id: i64, args: String, state: Memo<String>, edited: ServerAction<EditJob>) -> impl IntoView {
    let is_running = move || state.with(|state| state == "executing");
    let message = action_error(edited);
    view! {
        <ActionForm action=edited attr:class="stack">
            <input type="hidden" name="id" value=id />
            <TextArea
                label=jobs::arguments()
                label_hidden=true
                name="args"
                id="args-text"
                rows=7
                value=args
                attributes=vec![spellcheck("false").into_any_attr()]
            />
            <ActionError message />
            <Button kind="submit" disabled=is_running busy=edited.pending()>
                {jobs::save_and_retry()}
            </Button>
        </ActionForm>
    }
}

/// What happened to the job, oldest first.
#[component]
fn Timeline(page: ReadSignal<JobPage>) -> impl IntoView {
    let item = |at: i64, what: String, details: Option<String>| {
        view! {
            <li>
                <LocalTime ms=at format=TimeFormat::Second />
                <span>{what}</span>
                {details.map(|text| view! { <pre>{text}</pre> })}
            </li>
        }
    };
    let items = move || {
        page.with(|page| {
            let mut entries = vec![(page.row.inserted_at, 0, jobs::enqueued().to_owned(), None)];
            if page.scheduled_at > page.row.inserted_at {
                entries.push((page.scheduled_at, 1, jobs::due().to_owned(), None));
            }
            for failure in &page.failures {
                let what = match failure.attempt {
                    0 => jobs::failed_before_start().to_owned(),
                    n => jobs::attempt_failed(&n.to_string()),
                };
                entries.push((failure.at, 3, what, Some(failure.error.clone())));
            }
            if let Some(at) = page.attempted_at {
                let node = page.node.as_deref().unwrap_or(jobs::unknown_node());
                entries.push((at, 2, jobs::attempt_started(&page.row.attempt.to_string(), node), None));
            }
            if let Some(at) = page.ended_at {
                entries.push((at, 4, state_label(&page.row.state).to_owned(), None));
            }
            entries.sort_by_key(|(at, order, ..)| (*at, *order));
            entries.into_iter().map(|(at, _, what, details)| item(at, what, details)).collect_view()
        })
    };
    view! { <ol class="timeline" data-testid="timeline">{items}</ol> }
}

#[component]
fn Facts(page: ReadSignal<JobPage>) -> impl IntoView {
    let fact = |name: &'static str, text: String| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{text}</dd>
            </div>
        }
    };
    let facts = move || {
        page.with(|page| {
            let mut facts = vec![
                (jobs::queue(), page.row.queue.clone()),
                (jobs::attempts(), jobs::of(&page.row.max_attempts.to_string(), &page.row.attempt.to_string())),
                (jobs::priority(), page.priority.to_string()),
            ];
            if page.waits_for > 0 {
                facts.push((jobs::waits_for(), jobs::other_tasks(i64::try_from(page.waits_for).unwrap_or(i64::MAX))));
            }
            if !page.tags.is_empty() {
                facts.push((jobs::tags(), page.tags.join(", ")));
            }
            if let Some(trace) = &page.trace {
                facts.push((jobs::trace(), trace.clone()));
            }
            if let Some(result) = &page.result {
                facts.push((jobs::result(), result.clone()));
            }
            facts.into_iter().map(|(name, text)| fact(name, text)).collect_view()
        })
    };
    view! { <dl class="job-facts">{facts}</dl> }
}
