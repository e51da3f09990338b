//! The summary card: its state, its lines and the hidden text of the document.

use domain::{
    ApplicationId, Line, LineKind, Summary, SummaryState,
    summary::{HiddenText, UnreadPage},
};
use leptos::{form::ActionForm, prelude::*};

use super::{line::SummaryLine, line_keys::move_focus, server_fns::RequestSummary, stagger::Stagger};
use crate::{
    i18n::application as texts,
    layout::{ActionError, action_error},
    refusal_text::refusal_text,
    terms,
    tone::summary_tone,
    ui::{Button, ButtonLink, Chip, Rank},
};

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
                <h2 id="summary-title">{texts::summary()}</h2>
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
            SummaryState::Queued => texts::queued().to_owned(),
            SummaryState::Reading => texts::reading().to_owned(),
            SummaryState::Writing => texts::writing_line(&(summary.lines.len() + 1).to_string()),
            SummaryState::Ready => texts::ready().to_owned(),
            SummaryState::Unreadable => texts::no_text().to_owned(),
            SummaryState::Failed => texts::failed().to_owned(),
        })
    };
    view! {
        <span
            // Announced, but not shown: a card full of lines is ready to the eye.
            class:visually-hidden=move || summary.with(|summary| summary.state == SummaryState::Ready)
            role="status"
        >
            <Chip tone=Signal::derive(move || summary.with(|summary| summary_tone(summary.state)))>{text}</Chip>
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
            <h3>{terms::line_kind(kind)}</h3>
            <ul>
                <For
                    each=move || of_kind(summary, kind)
                    key=|(n, line)| (*n, line.text())
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
        SummaryState::Queued => view! { <p class="hint">{texts::queued_hint()}</p> }.into_any(),
        SummaryState::Reading | SummaryState::Writing => {
            view! { <progress class="writing" aria-label=texts::being_written()></progress> }.into_any()
        }
        SummaryState::Ready => view! {
            <p class="hint">
                {texts::quotes_only()}
            </p>
            <ReadAgain id label=texts::read_again() />
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
                {texts::page_unread(&unread.page.to_string(), terms::unread_reason(unread.reason))}
            </li>
        }
    };
    let pages = summary.with_untracked(|summary| summary.unread.iter().copied().map(item).collect_view());
    view! {
        <p>{texts::no_summary()}</p>
        <ul class="unread">{pages}</ul>
        <div class="actions">
            <ButtonLink href=format!("/documents/{id}/original") attr:rel="external" attr:download="">
                {texts::download_original()}
            </ButtonLink>
            <ReadAgain id label=texts::try_again() />
        </div>
    }
}

#[component]
fn Failed(id: ApplicationId, summary: Signal<Summary>) -> impl IntoView {
    let reason = summary.with_untracked(|summary| summary.refusal.as_ref().map(refusal_text));
    view! {
        <p>{reason.unwrap_or_else(|| texts::failed_often().to_owned())}</p>
        <p>
            <a href=format!("/documents/{id}/original") rel="external" download>
                {texts::download_original()}
            </a>
        </p>
        <ReadAgain id label=texts::try_again() />
    }
}

#[component]
fn ReadAgain(id: ApplicationId, label: &'static str) -> impl IntoView {
    let request = ServerAction::<RequestSummary>::new();
    let message = action_error(request);
    view! {
        <ActionForm action=request>
            <input type="hidden" name="id" value=id.to_string() />
            <Button rank=Rank::Quiet kind="submit" busy=request.pending()>
                {label}
            </Button>
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
                <p>{texts::hidden_on_page(&hidden.page.to_string(), terms::hidden_reason(hidden.reason))}</p>
                <blockquote dir="auto">{hidden.text}</blockquote>
            </li>
        }
    };
    move || {
        let found = hidden.get();
        (!found.is_empty()).then(|| {
            view! {
                <details class="hidden-text" data-testid="hidden-text">
                    <summary>{texts::hidden_texts(&found.len().to_string())}</summary>
                    <p class="hint">{texts::hidden_hint()}</p>
                    <ul>{found.into_iter().map(item).collect_view()}</ul>
                </details>
            }
        })
    }
}
