//! The summary card: its state, its lines and the hidden text of the document.

use domain::{
    ApplicationId, Line, LineKind, Summary, SummaryState,
    summary::{HiddenText, UnreadPage},
};
use leptos::{form::ActionForm, prelude::*};

use super::{line::SummaryLine, line_keys::move_focus, server_fns::RequestSummary, stagger::Stagger};
use crate::layout::{ActionError, action_error};

/// The summary of an application. Tests read `data-state` and `data-seq`; `data-engine` names
/// the program that wrote the summary.
#[component]
pub fn SummaryCard(id: ApplicationId, #[prop(into)] summary: Signal<Summary>, seq: ReadSignal<u64>) -> impl IntoView {
    let state = Memo::new(move |_| summary.with(|summary| summary.state));
    let hidden = Memo::new(move |_| summary.with(|summary| summary.hidden.clone()));
    view! {
        <section
            class="summary"
            data-testid="summary"
            data-state=move || state.get().as_str()
            data-seq=move || seq.get()
            data-engine=move || summary.with(|summary| summary.engine.clone())
            aria-labelledby="summary-title"
            aria-busy=move || (!state.get().is_final()).to_string()
        >
            <div class="summary-head">
                <h2 id="summary-title">"Summary"</h2>
                <StateChip summary />
            </div>
            <Lines summary />
            <Footer id summary state />
            <HiddenTexts hidden />
        </section>
    }
}

#[component]
fn StateChip(summary: Signal<Summary>) -> impl IntoView {
    let text = move || {
        summary.with(|summary| match summary.state {
            SummaryState::Queued => "In the queue".to_owned(),
            SummaryState::Reading => "Reading the CV".to_owned(),
            SummaryState::Writing => format!("Writing line {}", summary.lines.len() + 1),
            SummaryState::Ready => "Ready".to_owned(),
            SummaryState::Unreadable => "No readable text".to_owned(),
            SummaryState::Failed => "Failed".to_owned(),
        })
    };
    view! {
        <span
            class="chip"
            // Announced, but not shown: a card full of lines is ready to the eye.
            class:visually-hidden=move || summary.with(|summary| summary.state == SummaryState::Ready)
            data-state=move || summary.with(|summary| summary.state.as_str())
            role="status"
        >
            {text}
        </span>
    }
}

/// The lines, grouped by kind. A new line adds one element and changes no other.
#[component]
fn Lines(summary: Signal<Summary>) -> impl IntoView {
    let kinds = Memo::new(move |_| {
        let mut kinds: Vec<_> = summary.with(|summary| summary.lines.iter().map(Line::kind).collect());
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    });
    let stagger = Stagger::new();
    view! {
        <div class="lines" aria-live="polite" aria-relevant="additions" on:keydown=|event| move_focus(&event)>
            <For each=move || kinds.get() key=|kind| *kind let:kind>
                <Group kind summary stagger />
            </For>
        </div>
    }
}

/// The lines of one kind. Tab stops at one of them; arrow keys lead to the others.
#[component]
fn Group(kind: LineKind, summary: Signal<Summary>, stagger: Stagger) -> impl IntoView {
    let focused = RwSignal::new(None);
    let tab_stop = Memo::new(move |_| {
        let is_stop = |n: &usize, line: &Line| Some(*n) == focused.get() && !line.evidence().is_empty();
        let lines = of_kind(summary, kind);
        let stop = lines.iter().find(|(n, line)| is_stop(n, line));
        stop.or_else(|| lines.iter().find(|(_, line)| !line.evidence().is_empty())).map(|(n, _)| *n)
    });
    view! {
        <section class="group" data-kind=kind.as_str()>
            <h3>{kind.title()}</h3>
            <ul>
                <For
                    each=move || of_kind(summary, kind)
                    key=|(n, line)| (*n, line.text().to_owned())
                    children=move |(n, line)| {
                        let show_pages = summary.with_untracked(|summary| summary.pages > 1);
                        let is_tab_stop = Signal::derive(move || tab_stop.get() == Some(n));
                        view! {
                            <SummaryLine
                                n
                                line
                                show_pages
                                delay=stagger.delay()
                                is_tab_stop
                                on_focus=move || focused.set(Some(n))
                            />
                        }
                    }
                />
            </ul>
        </section>
    }
}

fn of_kind(summary: Signal<Summary>, kind: LineKind) -> Vec<(usize, Line)> {
    let lines_of_kind =
        |summary: &Summary| summary.lines.iter().cloned().enumerate().filter(|(_, line)| line.kind() == kind).collect();
    summary.with(lines_of_kind)
}

/// What follows the lines: progress, the next step, or why there is no summary.
#[component]
fn Footer(id: ApplicationId, summary: Signal<Summary>, state: Memo<SummaryState>) -> impl IntoView {
    let content = move || match state.get() {
        SummaryState::Queued => {
            view! { <p class="hint">"The CV is in the queue. Lines will appear here as it is read."</p> }.into_any()
        }
        SummaryState::Reading | SummaryState::Writing => {
            view! { <progress class="writing" aria-label="The summary is being written"></progress> }.into_any()
        }
        SummaryState::Ready => view! {
            <p class="hint">
                "Every line quotes the CV. Nothing is scored."
            </p>
            <ReadAgain id label="Read again" />
        }
        .into_any(),
        SummaryState::Unreadable => view! { <Unreadable id summary /> }.into_any(),
        SummaryState::Failed => view! { <Failed id summary /> }.into_any(),
    };
    view! { <div class="ending">{content}</div> }
}

#[component]
fn Unreadable(id: ApplicationId, summary: Signal<Summary>) -> impl IntoView {
    let item = |unread: UnreadPage| {
        view! {
            <li data-testid="unread-page" data-page=unread.page>
                <strong>"Page " {unread.page}</strong>
                " could not be read: "
                {unread.reason.sentence()}
            </li>
        }
    };
    let pages = summary.with_untracked(|summary| summary.unread.iter().copied().map(item).collect_view());
    view! {
        <p>"This CV has no text that software can read, so there is no summary."</p>
        <ul class="unread">{pages}</ul>
        <div class="actions">
            <a class="button" href=format!("/documents/{id}/original") rel="external" download>
                "Download the original"
            </a>
            <ReadAgain id label="Try again" />
        </div>
    }
}

#[component]
fn Failed(id: ApplicationId, summary: Signal<Summary>) -> impl IntoView {
    let reason = summary.with_untracked(|summary| summary.refusal.as_ref().map(ToString::to_string));
    view! {
        <p>{reason.unwrap_or_else(|| "Reading this CV failed several times.".to_owned())}</p>
        <p>
            "Download the " <a href=format!("/documents/{id}/original") rel="external" download>
                "original"
            </a> ", or try again."
        </p>
        <ReadAgain id label="Try again" />
    }
}

#[component]
fn ReadAgain(id: ApplicationId, label: &'static str) -> impl IntoView {
    let request = ServerAction::<RequestSummary>::new();
    let message = action_error(request);
    view! {
        <ActionForm action=request>
            <input type="hidden" name="id" value=id.to_string() />
            <button class="quiet" disabled=move || request.pending().get()>
                {label}
            </button>
        </ActionForm>
        <ActionError message />
    }
}

/// The text of the document that no reader can see. No other part of the page shows it.
#[component]
fn HiddenTexts(hidden: Memo<Vec<HiddenText>>) -> impl IntoView {
    let item = |hidden: HiddenText| {
        view! {
            <li>
                <p>"Page " {hidden.page} ": " {hidden.reason.description()}</p>
                <blockquote dir="auto">{hidden.text}</blockquote>
            </li>
        }
    };
    move || {
        let found = hidden.get();
        (!found.is_empty()).then(|| {
            view! {
                <details class="hidden-text" data-testid="hidden-text">
                    <summary>"Hidden text (" {found.len()} ")"</summary>
                    <p class="hint">"This text is in the file but not visible on the page. The summary leaves it out."</p>
                    <ul>{found.into_iter().map(item).collect_view()}</ul>
                </details>
            }
        })
    }
}
