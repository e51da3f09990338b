//! The queues, nodes and cron entries of the live overview.

use leptos::{
    attr::{any_attribute::IntoAnyAttribute, inputmode, max, min, placeholder},
    form::ActionForm,
    prelude::*,
};
use queue::views::{CronRow, NodeRow, QueueCard, Switch};

use super::{
    QueueState,
    chart::{Chart, per_second},
    server_fns::{ScaleQueue, SwitchCron, SwitchQueue},
};
use crate::{
    i18n::{self, ELEMENT, jobs},
    layout::{ActionError, action_error},
    time::{self, LocalTime},
    ui::{Button, Chip, ColumnHead, EmptyState, Field, Rank, Table, Tone},
};

/// One card for each queue.
#[component]
pub fn Queues(overview: ReadSignal<QueueState>) -> impl IntoView {
    let names = Memo::new(move |_| {
        overview.with(|overview| overview.queues.iter().map(|queue| queue.name.clone()).collect::<Vec<_>>())
    });
    view! {
        <section aria-labelledby="queues">
            <h2 id="queues" class="visually-hidden">{jobs::queues()}</h2>
            <Show when=move || names.with(Vec::is_empty)>
                <EmptyState title=jobs::no_queues()>
                    <p>{jobs::no_queues_hint()}</p>
                </EmptyState>
            </Show>
            <ul class="cards queues">
                <For each=move || names.get() key=Clone::clone let:name>
                    <QueueItem name overview />
                </For>
            </ul>
        </section>
    }
}

#[component]
fn QueueItem(name: String, overview: ReadSignal<QueueState>) -> impl IntoView {
    let card = {
        let name = name.clone();
        Memo::new(move |_| {
            let found = overview.with(|overview| overview.queues.iter().find(|queue| queue.name == name).cloned());
            found.unwrap_or_default()
        })
    };
    let count_of = move |part: fn(&QueueCard) -> usize| Memo::new(move |_| card.with(part));
    let number = move |title: &'static str, state: &'static str, part: fn(&QueueCard) -> usize| {
        let count = count_of(part);
        let href = format!("/admin/jobs?queue={}&state={state}#jobs", card.with_untracked(|card| card.name.clone()));
        view! {
            <div data-state=state data-some=move || (count.get() > 0).to_string()>
                <dt>
                    <a href=href>{title}</a>
                </dt>
                <dd data-testid=format!("count-{state}")>{count}</dd>
            </div>
        }
    };
    let ticks = Memo::new(move |_| card.with(|card| card.history.clone()));
    let ends_at = Memo::new(move |_| overview.with(|overview| overview.at));
    let paused = Memo::new(move |_| card.with(|card| card.paused));
    let running = count_of(|card| card.executing);
    let slots = count_of(|card| card.slots);
    view! {
        <li class="card queue" data-testid="queue" data-queue=name.clone() data-paused=move || paused.get().to_string()>
            <div class="queue-head">
                <h3>{name.clone()}</h3>
                <Show when=move || paused.get()>
                    <Chip tone=Tone::Warn>{jobs::paused()}</Chip>
                </Show>
                <span class="quiet-text">{move || jobs::slots_in_use(&slots.get().to_string(), &running.get().to_string())}</span>
            </div>
            <Chart ticks ends_at />
            <p class="quiet-text">{move || card.with(|card| recent_activity(card, ends_at.get()))}</p>
            <dl class="numbers small">
                {number(jobs::available(), "available", |card| card.available)}
                {number(jobs::executing(), "executing", |card| card.executing)}
                {number(jobs::scheduled(), "scheduled", |card| card.scheduled)}
                {number(jobs::retryable(), "retryable", |card| card.retryable)}
                {number(jobs::discarded(), "discarded", |card| card.discarded)}
                {number(jobs::cancelled(), "cancelled", |card| card.canceled)}
            </dl>
            <Controls name=name.clone() paused slots />
        </li>
    }
}

/// Throughput and times of the last ten seconds that are complete, or else of the current ones.
fn recent_activity(card: &QueueCard, now: i64) -> String {
    let complete = card.history.iter().rev().find(|tick| tick.at < now);
    let Some(tick) = complete.or(card.history.last()) else { return jobs::nothing_ran().to_owned() };
    jobs::activity(
        &time::duration(tick.run_ms),
        &per_second(tick.completed + tick.failed),
        &time::duration(tick.wait_ms),
    )
}

#[component]
fn Controls(name: String, paused: Memo<bool>, slots: Memo<usize>) -> impl IntoView {
    let (switched, scaled) = (ServerAction::<SwitchQueue>::new(), ServerAction::<ScaleQueue>::new());
    let (switch_error, scale_error) = (action_error(switched), action_error(scaled));
    let message = Signal::derive(move || switch_error.get().or_else(|| scale_error.get()));
    let queue = name.clone();
    view! {
        <div class="controls">
            <ActionForm action=switched>
                <input type="hidden" name="name" value=queue />
                <input type="hidden" name="switch" value=move || if paused.get() { "resume" } else { "pause" } />
                <Button kind="submit" busy=switched.pending()>
                    {move || if paused.get() { jobs::resume() } else { jobs::pause() }}
                </Button>
            </ActionForm>
            <ActionForm action=scaled attr:class="scale">
                <input type="hidden" name="name" value=name.clone() />
                <Field
                    label=jobs::slots()
                    name="slots"
                    id=format!("slots-{name}")
                    kind="number"
                    attributes=vec![
                        min("1").into_any_attr(),
                        max("1000").into_any_attr(),
                        inputmode("numeric").into_any_attr(),
                        placeholder(move || slots.get().to_string()).into_any_attr(),
                    ]
                />
                <Button kind="submit" busy=scaled.pending()>
                    {jobs::set()}
                </Button>
            </ActionForm>
        </div>
        <ActionError message />
    }
}

/// The processes that run jobs.
#[component]
pub fn Nodes(overview: ReadSignal<QueueState>) -> impl IntoView {
    let no_nodes = StoredValue::new(i18n::around(&jobs::no_nodes(ELEMENT)));
    let nodes = Memo::new(move |_| overview.with(|overview| overview.nodes.clone()));
    let row = |node: NodeRow| {
        view! {
            <tr data-testid="node">
                <th scope="row">
                    <code>{node.name}</code>
                    {node.leads.then(|| view! { <Chip tone=Tone::Good>{jobs::leader()}</Chip> })}
                </th>
                <td>{jobs::of(&node.slots.to_string(), &node.executing.to_string())}</td>
                <td>
                    <LocalTime ms=node.started_at />
                </td>
            </tr>
        }
    };
    view! {
        <section aria-labelledby="nodes">
            <h2 id="nodes">{jobs::nodes()}</h2>
            <Show when=move || nodes.with(Vec::is_empty)>
                <p class="quiet-text">{no_nodes.get_value().0} <code translate="no">"verbatim work"</code> {no_nodes.get_value().1}</p>
            </Show>
            <Table id="nodes-table" caption=jobs::nodes() caption_hidden=true>
                <thead>
                    <tr>
                        <ColumnHead label=jobs::node() />
                        <ColumnHead label=jobs::executing() />
                        <ColumnHead label=jobs::since() />
                    </tr>
                </thead>
                <tbody>{move || nodes.get().into_iter().map(row).collect_view()}</tbody>
            </Table>
        </section>
    }
}

/// The cron entries, and buttons that pause them or run them now.
#[component]
pub fn Crons(overview: ReadSignal<QueueState>) -> impl IntoView {
    let names = Memo::new(move |_| {
        overview.with(|overview| overview.crons.iter().map(|cron| cron.name.clone()).collect::<Vec<_>>())
    });
    let switched = ServerAction::<SwitchCron>::new();
    let message = action_error(switched);
    view! {
        <section aria-labelledby="crons">
            <h2 id="crons">{jobs::recurring()}</h2>
            <Show when=move || names.with(Vec::is_empty)>
                <p class="quiet-text">{jobs::no_recurring()}</p>
            </Show>
            <Table id="crons-table" caption=jobs::recurring() caption_hidden=true>
                <thead>
                    <tr>
                        <ColumnHead label=jobs::task() />
                        <ColumnHead label=jobs::when() />
                        <ColumnHead label=jobs::next() />
                        <th scope="col">
                            <span class="visually-hidden">{jobs::change()}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || names.get() key=Clone::clone let:name>
                        <CronTableRow name overview switched />
                    </For>
                </tbody>
            </Table>
            <ActionError message />
        </section>
    }
}

#[component]
fn CronTableRow(name: String, overview: ReadSignal<QueueState>, switched: ServerAction<SwitchCron>) -> impl IntoView {
    let cron = {
        let name = name.clone();
        Memo::new(move |_| overview.with(|overview| overview.crons.iter().find(|cron| cron.name == name).cloned()))
    };
    let text = move |part: fn(&CronRow) -> String| move || cron.with(|cron| cron.as_ref().map(part));
    let paused = Memo::new(move |_| cron.with(|cron| cron.as_ref().is_some_and(|cron| cron.paused)));
    let next = |cron: &CronRow| match cron.next_at {
        _ if cron.paused => jobs::paused().into_any(),
        Some(at) => view! { <LocalTime ms=at /> }.into_any(),
        None => jobs::never().into_any(),
    };
    let button = move |switch: Switch, word: &'static str| {
        let name = name.clone();
        view! {
            <Button
                rank=Rank::Quiet
                busy=switched.pending()
                on_press=move |_| {
                    switched.dispatch(SwitchCron { name: name.clone(), switch });
                }
            >
                {word}
            </Button>
        }
    };
    let run_now = button.clone()(Switch::RunNow, jobs::run_now());
    view! {
        <tr data-testid="cron">
            <th scope="row">{text(|cron| cron.name.clone())}<span class="quiet-text">{text(|cron| cron.worker.clone())}</span></th>
            <td>
                <code class="expression">{text(|cron| cron.expression.clone())}</code>
                <span class="quiet-text">{text(|cron| cron.time_zone.clone())}</span>
            </td>
            <td>{move || cron.with(|cron| cron.as_ref().map(next))}</td>
            <td class="changes">
                {run_now}
                {move || {
                    if paused.get() { button(Switch::Resume, jobs::resume()) } else { button(Switch::Pause, jobs::pause()) }
                }}
            </td>
        </tr>
    }
}
