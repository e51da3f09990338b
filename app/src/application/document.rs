//! The document: pictures of its pages, or its text; the passage of the selected line lit up.

use domain::{ApplicationId, Evidence, Page, Rect, Summary, Written, view::DocumentCard};
use leptos::{html, prelude::*, task::spawn_local};

use super::highlight::pieces;
use crate::calls;

/// All pages.
#[component]
pub fn DocumentPane(
    id: ApplicationId,
    document: DocumentCard,
    pages: Vec<Page>,
    pictures: bool,
    #[prop(into)] summary: Signal<Summary>,
    evidence: Memo<Vec<Evidence>>,
) -> impl IntoView {
    let pages = RwSignal::new(pages);
    let as_text = RwSignal::new(!pictures);
    let has_both = move || pictures && pages.with(|pages| pages.iter().any(|page| !page.text.is_empty()));
    let original = format!("/documents/{id}/original");
    view! {
        <section class="document" aria-labelledby="document-title">
            <div class="document-head">
                <h2 id="document-title">"CV"</h2>
                <span class="quiet-text">{document.format} ", " {size(document.size)}</span>
                <Show when=has_both>
                    <button class="quiet" aria-pressed=move || as_text.get().to_string() on:click=move |_| as_text.update(|on| *on = !*on)>
                        "As text"
                    </button>
                </Show>
                <a href=original rel="external" download title=document.file_name>
                    "Original"
                </a>
            </div>
            <MissingPages id summary pages />
            <For each=move || pages.get() key=|page| page.number let:page>
                <PageView id page pictures as_text evidence />
            </For>
        </section>
    }
}

/// What stands in the place of pages that are not there yet; fetches them once they were read.
#[component]
fn MissingPages(id: ApplicationId, summary: Signal<Summary>, pages: RwSignal<Vec<Page>>) -> impl IntoView {
    let failed = RwSignal::new(false);
    let fetch = move || {
        failed.set(false);
        spawn_local(async move {
            match calls::document_pages(id).await {
                Ok(read) => pages.set(read),
                Err(_) => failed.set(true),
            }
        });
    };
    // Every state and attempt after the reading asks again, so that a call that was lost heals.
    let read =
        Memo::new(move |_| summary.with(|summary| (summary.pages > 0).then_some((summary.attempt, summary.state))));
    Effect::new(move |_| {
        if read.get().is_some() && pages.with_untracked(Vec::is_empty) {
            fetch();
        }
    });
    let words =
        move || if read.get().is_some() { "Fetching the pages" } else { "The pages appear once the CV was read." };
    view! {
        <Show when=move || pages.with(Vec::is_empty)>
            <Show when=move || failed.get() fallback=move || view! { <p class="hint">{words}</p> }>
                <p class="hint" role="alert">
                    "The pages could not be fetched. "
                    <button class="quiet" on:click=move |_| fetch()>
                        "Try again"
                    </button>
                </p>
            </Show>
        </Show>
    }
}

/// One page, scrolled to when a passage on it lights up.
#[component]
fn PageView(
    id: ApplicationId,
    page: Page,
    pictures: bool,
    as_text: RwSignal<bool>,
    evidence: Memo<Vec<Evidence>>,
) -> impl IntoView {
    let number = page.number;
    let mine = Memo::new(move |_| {
        evidence.with(|all| all.iter().filter(|evidence| evidence.page() == number).cloned().collect::<Vec<_>>())
    });
    let place = NodeRef::<html::Div>::new();
    scroll_to_first(evidence, number, place);
    let shape = (page.width, page.height);
    let text = StoredValue::new((page.text, page.written));
    view! {
        <div class="page" id=format!("page-{number}") node_ref=place data-testid="document-page" data-page=number>
            <Show
                when=move || pictures && !as_text.get()
                fallback=move || view! { <PageText text mine /> }
            >
                <Picture id number shape mine />
            </Show>
        </div>
    }
}

#[component]
fn Picture(id: ApplicationId, number: u32, shape: (f32, f32), mine: Memo<Vec<Evidence>>) -> impl IntoView {
    let (width, height) = shape;
    let boxes = move || mine.with(|mine| mine.iter().flat_map(Evidence::boxes).copied().collect::<Vec<_>>());
    let lit = move |lit: Rect| {
        view! {
            <rect
                data-testid="evidence-highlight"
                x=lit.x - 2.0
                y=lit.y - 1.5
                width=lit.w + 4.0
                height=lit.h + 3.0
                rx="2"
            ></rect>
        }
    };
    view! {
        <figure>
            <img
                src=format!("/documents/{id}/pages/{number}.png")
                alt=format!("Page {number} of the CV")
                width=width.round()
                height=height.round()
                loading="lazy"
            />
            <svg viewBox=format!("0 0 {width} {height}") preserveAspectRatio="none" aria-hidden="true">
                {move || boxes().into_iter().map(lit).collect_view()}
            </svg>
        </figure>
    }
}

#[component]
fn PageText(text: StoredValue<(String, Vec<Written>)>, mine: Memo<Vec<Evidence>>) -> impl IntoView {
    let shown = move || {
        let spans = mine.with(|mine| mine.iter().map(Evidence::span).collect::<Vec<_>>());
        let cut = text.with_value(|(text, written)| pieces(text, written, &spans));
        let piece = |piece: super::highlight::Piece| {
            let language = piece.language.map(String::from);
            if piece.lit {
                view! {
                    <mark lang=language data-testid="evidence-highlight">
                        {piece.text}
                    </mark>
                }
                .into_any()
            } else {
                view! { <span lang=language>{piece.text}</span> }.into_any()
            }
        };
        cut.into_iter().map(piece).collect_view()
    };
    view! {
        <div class="page-text" dir="auto" tabindex="0">
            {shown}
        </div>
    }
}

/// Brings the first passage into view, where the document scrolls beside the summary. Below it, on
/// a small screen, nothing moves under the reader: the quote itself leads there.
fn scroll_to_first(evidence: Memo<Vec<Evidence>>, number: u32, place: NodeRef<html::Div>) {
    Effect::new(move |_| {
        let first = evidence.with(|evidence| evidence.first().map(Evidence::page));
        if first == Some(number)
            && let Some(page) = place.get()
        {
            scroll(page);
        }
    });
}

#[cfg(target_arch = "wasm32")]
fn scroll(page: leptos::web_sys::HtmlDivElement) {
    // Once the highlight is drawn.
    request_animation_frame(move || {
        let Ok(Some(pane)) = page.closest(".document") else { return };
        if pane.scroll_height() <= pane.client_height() {
            return;
        }
        let lit = page.query_selector("[data-testid=evidence-highlight]").ok().flatten();
        let target = lit.map_or_else(|| page.get_bounding_client_rect(), |lit| lit.get_bounding_client_rect());
        let shown = pane.get_bounding_client_rect();
        if target.top() < shown.top() || target.bottom() > shown.bottom() {
            let middle = target.top() - shown.top() - shown.height() / 2.0;
            pane.set_scroll_top(pane.scroll_top() + middle as i32);
        }
    });
}

#[cfg(not(target_arch = "wasm32"))]
fn scroll<T>(_page: T) {}

/// "38 kB", "1.2 MB".
fn size(bytes: u64) -> String {
    if bytes < 1_000_000 { format!("{} kB", bytes.div_ceil(1_000)) } else { format!("{:.1} MB", bytes as f64 / 1e6) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_written_in_decimal_units() {
        assert_eq!(size(37_543), "38 kB");
        assert_eq!(size(2_238_381), "2.2 MB");
    }
}
