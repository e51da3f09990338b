//! One line of the summary: what it says, and the way to what it rests on.

use domain::{Evidence, Line, LineKind};
use leptos::prelude::*;

use super::Selected;

/// Click it, and its passage lights up; without scripts the passage can be folded out.
#[component]
pub fn SummaryLine(
    n: usize,
    line: Line,
    /// Milliseconds before it fades in, for a line that has just arrived.
    delay: Option<f64>,
) -> impl IntoView {
    let kind = line.kind();
    let quotes = line.evidence().to_vec();
    let text = line.text().to_owned();
    let page = line.page();
    let body = if quotes.is_empty() {
        view! { <p class="line-text">{text}</p> }.into_any()
    } else {
        view! { <Cited n text kind quotes /> }.into_any()
    };
    view! {
        <li
            class="line"
            class:arrives=delay.is_some()
            class:not-found=line.is_not_found()
            style:animation-delay=delay.map(|delay| format!("{delay:.0}ms"))
            data-testid="summary-line"
            data-kind=kind.as_str()
            data-page=page.map(|page| page.to_string()).unwrap_or_default()
        >
            {body}
        </li>
    }
}

#[component]
fn Cited(n: usize, text: String, kind: LineKind, quotes: Vec<Evidence>) -> impl IntoView {
    let selected = expect_context::<Selected>().0;
    let is_on = move || selected.get() == Some(n);
    let toggle = move |_| selected.update(|line| *line = if *line == Some(n) { None } else { Some(n) });
    let place = pages(&quotes);
    let quote = |evidence: &Evidence| {
        let page = evidence.page();
        view! {
            <blockquote dir="auto" lang=evidence.language().map(String::from)>
                {evidence.quote().to_owned()} " "
                <cite lang="en">
                    <a href=format!("#page-{page}") rel="external">
                        "page " {page}
                    </a>
                </cite>
            </blockquote>
        }
    };
    // What the card says in words of the CV itself.
    let language =
        quotes.first().filter(|_| kind == LineKind::Highlight).and_then(Evidence::language).map(String::from);
    let folded = quotes.iter().map(quote).collect_view();
    view! {
        <button class="line-text" class:words=kind == LineKind::Highlight aria-pressed=move || is_on().to_string() on:click=toggle>
            <span dir="auto" lang=language>
                {text}
            </span>
            <span class="place">{place}</span>
        </button>
        <details class="quotes" open=is_on>
            <summary>"Quote"</summary>
            {folded}
        </details>
    }
}

/// "p. 1", or "p. 1, 2".
fn pages(quotes: &[Evidence]) -> String {
    let mut pages: Vec<_> = quotes.iter().map(Evidence::page).collect();
    pages.sort_unstable();
    pages.dedup();
    let pages: Vec<_> = pages.iter().map(ToString::to_string).collect();
    format!("p. {}", pages.join(", "))
}
