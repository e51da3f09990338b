//! One job: what it is to do, what became of it, and setting it right.

use domain::jobs::{JobPage, QueueOverview};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;

use super::{queues::failure, read_again};
use crate::{
    calls::{self, ChangeJobs, DeleteJob, EditJob, ReadJob},
    chrome::{CallError, ConnectionState, PageHead},
    live::{Place, use_live},
    load::{by_id, loaded},
    time,
};

/// `/admin/jobs/<id>`.
#[component]
pub fn JobRoute() -> impl IntoView {
    loaded(by_id(calls::read_job), |page| view! { <Job page /> })
}

#[component]
fn Job(page: JobPage) -> impl IntoView {
    let id = page.row.id;
    let title = format!("{} {id}", page.row.worker);
    let (changed, edited) = (ServerAction::<ChangeJobs>::new(), ServerAction::<EditJob>::new());
    let (now, set_now) = signal(page.clone());
    // The overview itself is not shown here; that it moved says that this job may have.
    let queue = use_live(Place::queue(page.seq), QueueOverview::default(), |_| ());
    let moved = move || (queue.seq.get(), changed.version().get(), edited.version().get());
    read_again(moved, move || ReadJob { id }, move |page| set_now.set(page));
    let state = Memo::new(move |_| now.with(|page| page.row.state.clone()));
    view! {
        <Title text=title.clone() />
        <PageHead back="/admin/jobs".to_owned() back_name="Jobs".to_owned() title>
            <ConnectionState />
            <span class="chip" role="status" data-testid="job-state" data-job-state=move || state.get()>
                {move || state.get()}
            </span>
        </PageHead>
        <div class="job-page">
        <Changes id state changed />
        <div class="panes">
            <section aria-labelledby="timeline">
                <h2 id="timeline">"What happened"</h2>
                <Timeline page=now />
            </section>
            <section class="stack" aria-labelledby="args">
                <h2 id="args">"Arguments"</h2>
                <Arguments id args=page.args state edited />
                <Facts page=now />
            </section>
        </div>
        </div>
    }
}

#[component]
fn Changes(id: i64, state: Memo<String>, changed: ServerAction<ChangeJobs>) -> impl IntoView {
    let deleted = ServerAction::<DeleteJob>::new();
    let message = Signal::derive(move || {
        let none = matches!(changed.value().get(), Some(Ok(0)));
        let none = none.then(|| "This job cannot be changed so: it runs, has ended, or waits for others.".to_owned());
        failure(changed).or_else(|| failure(deleted)).or(none)
    });
    let runs = move || state.with(|state| state == "executing");
    let ended = move || state.with(|state| matches!(state.as_str(), "completed" | "cancelled" | "discarded"));
    view! {
        <div class="controls">
            <ActionForm action=changed attr:class="controls">
                <input type="hidden" name="ids[]" value=id />
                <button name="change" value="retry" disabled=runs>
                    "Run again"
                </button>
                <button name="change" value="cancel" disabled=ended>
                    "Cancel"
                </button>
            </ActionForm>
            <ActionForm action=deleted>
                <input type="hidden" name="id" value=id />
                <button disabled=runs>"Delete"</button>
            </ActionForm>
        </div>
        <CallError message />
    }
}

/// The text is the administrator's from the first render on: what the server says later never
/// overwrites it.
#[component]
fn Arguments(id: i64, args: String, state: Memo<String>, edited: ServerAction<EditJob>) -> impl IntoView {
    let runs = move || state.with(|state| state == "executing");
    let message = Signal::derive(move || failure(edited));
    view! {
        <ActionForm action=edited attr:class="stack">
            <input type="hidden" name="id" value=id />
            <textarea name="args" aria-labelledby="args" rows="7" spellcheck="false">
                {args}
            </textarea>
            <CallError message />
            <button disabled=move || runs() || edited.pending().get()>"Save and run again"</button>
        </ActionForm>
    }
}

/// In the order of time, the newest last.
#[component]
fn Timeline(page: ReadSignal<JobPage>) -> impl IntoView {
    let moment = |at: i64, what: String, more: Option<String>| {
        view! {
            <li>
                <time datetime=time::iso(at)>{time::precise(at)}</time>
                <span>{what}</span>
                {more.map(|text| view! { <pre>{text}</pre> })}
            </li>
        }
    };
    let moments = move || {
        page.with(|page| {
            let mut moments = vec![(page.row.inserted_at, 0, "Enqueued".to_owned(), None)];
            if page.scheduled_at > page.row.inserted_at {
                moments.push((page.scheduled_at, 1, "Due".to_owned(), None));
            }
            for failure in &page.failures {
                let what = match failure.attempt {
                    0 => "Failed before it began".to_owned(),
                    n => format!("Attempt {n} failed"),
                };
                moments.push((failure.at, 3, what, Some(failure.error.clone())));
            }
            if let Some(at) = page.attempted_at {
                let node = page.node.as_deref().unwrap_or("a node that is not known");
                moments.push((at, 2, format!("Attempt {} began on {node}", page.row.attempt), None));
            }
            if let Some(at) = page.ended_at {
                let what = match page.row.state.as_str() {
                    "completed" => "Completed",
                    "cancelled" => "Cancelled",
                    _ => "Discarded",
                };
                moments.push((at, 4, what.to_owned(), None));
            }
            moments.sort_by_key(|(at, order, ..)| (*at, *order));
            moments.into_iter().map(|(at, _, what, more)| moment(at, what, more)).collect_view()
        })
    };
    view! { <ol class="timeline" data-testid="timeline">{moments}</ol> }
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
                ("Queue", page.row.queue.clone()),
                ("Attempts", format!("{} of {}", page.row.attempt, page.row.max_attempts)),
                ("Priority", page.priority.to_string()),
            ];
            if page.waits_for > 0 {
                facts.push(("Waits for", format!("{} other jobs", page.waits_for)));
            }
            if !page.tags.is_empty() {
                facts.push(("Tags", page.tags.join(", ")));
            }
            if let Some(trace) = &page.trace {
                facts.push(("Trace", trace.clone()));
            }
            if let Some(result) = &page.result {
                facts.push(("Result", result.clone()));
            }
            facts.into_iter().map(|(name, text)| fact(name, text)).collect_view()
        })
    };
    view! { <dl class="job-facts">{facts}</dl> }
}
