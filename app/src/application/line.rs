//! One line of the summary and its quotes from the document.

use domain::{Evidence, Line, LineKind};
use leptos::prelude::*;

use super::{SelectedLine, document::scroll_to_highlight};

use crate::i18n::{self, application as texts};

/// A summary line. Clicking it highlights its evidence in the document; without scripts, the quotes
/// are in a `<details>` element.
#[component]
pub fn SummaryLine(
    n: usize,
    line: Line,
    /// Whether to name the pages of the quotes; useless for a document of one page.
    show_pages: bool,
    /// The fade-in delay in milliseconds; `None` for a line of the first rendering.
    delay: Option<f64>,
    /// Whether Tab stops at this line.
    #[prop(into)]
    is_tab_stop: Signal<bool>,
    /// Called when the line gets the focus.
    on_focus: impl Fn() + Clone + 'static,
) -> impl IntoView {
    let kind = line.kind();
    let quotes = line.evidence().to_vec();
    let text = line.text_in(i18n::current().into());
    let page = line.page();
    let body = if quotes.is_empty() {
        view! { <p class="line-text">{text}</p> }.into_any()
    } else {
        view! { <QuotedLine n text kind quotes show_pages is_tab_stop on_focus /> }.into_any()
    };
    view! {
        <li
            id=format!("line-{n}")
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
fn QuotedLine(
    n: usize,
    text: String,
    kind: LineKind,
    quotes: Vec<Evidence>,
    show_pages: bool,
    is_tab_stop: Signal<bool>,
    on_focus: impl Fn() + 'static,
) -> impl IntoView {
    let selected = expect_context::<SelectedLine>().0;
    let is_selected = move || selected.get() == Some(n);
    let toggle = move |_| selected.update(|line| *line = if *line == Some(n) { None } else { Some(n) });
    let pages = show_pages.then(|| page_numbers(&quotes)).map(|pages| view! { <span class="place">{pages}</span> });
    let quote = |evidence: &Evidence| {
        let page = evidence.page();
        view! {
            <blockquote dir="auto" lang=evidence.language().map(String::from)>
                {evidence.quote().to_owned()} " "
                <cite lang=i18n::current().tag()>
                    <a href=format!("#page-{page}") rel="external" on:click=move |_| scroll_to_highlight(page)>
                        {texts::page(&page.to_string())}
                    </a>
                </cite>
            </blockquote>
        }
    };
    // A highlight repeats words of the CV, in the CV's language; other lines are in the page's.
    let language =
        quotes.first().filter(|_| kind == LineKind::Highlight).and_then(Evidence::language).map(String::from);
    let quoted = quotes.iter().map(quote).collect_view();
    view! {
        <button class="line-text" class:words=kind == LineKind::Highlight aria-pressed=move || is_selected().to_string() tabindex=move || if is_tab_stop.get() { "0" } else { "-1" } on:focus=move |_| on_focus() on:click=toggle>
            <span dir="auto" lang=language>
                {text}
            </span>
            {pages}
        </button>
        <details class="quotes" open=is_selected>
            <summary>{texts::quote()}</summary>
            {quoted}
        </details>
    }
}

/// The pages of the quotes: "p. 1" or "p. 1, 2".
fn page_numbers(quotes: &[Evidence]) -> String {
    let mut pages: Vec<_> = quotes.iter().map(Evidence::page).collect();
    pages.sort_unstable();
    pages.dedup();
    let pages: Vec<_> = pages.iter().map(ToString::to_string).collect();
    texts::pages_short(&pages.join(", "))
}
