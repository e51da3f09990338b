//! The document as page images or as text, with the evidence of the selected line highlighted.

use domain::{ApplicationId, Evidence, LanguageSpan, Page, Rect, Summary, view::DocumentCard};
use leptos::{html, prelude::*, task::spawn_local};

use super::{
    SelectedLine,
    highlight::{TextRun, text_runs},
    scroll,
    server_fns::document_pages,
};
use crate::{
    i18n::{self, application as texts, common},
    ui::{Button, Rank},
};

/// The pages of a document, and a switch between images and text if there are both. `pictures` says
/// whether the server has page images.
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
    let selected = expect_context::<SelectedLine>().0;
    let original = format!("/documents/{id}/original");
    view! {
        <section class="document" aria-labelledby="document-title">
            <div class="document-head">
                <h2 id="document-title">{texts::cv()}</h2>
                <span class="quiet-text">{document.format} ", " {file_size(document.size)}</span>
                <Show when=has_both>
                    <Button
                        rank=Rank::Quiet
                        on_press=move |_| as_text.update(|on| *on = !*on)
                        attr:aria-pressed=move || as_text.get().to_string()
                    >
                        {texts::as_text()}
                    </Button>
                </Show>
                <a href=original rel="external" download title=document.file_name>
                    {texts::original()}
                </a>
            </div>
            <MissingPages id summary pages />
            <For each=move || pages.get() key=|page| page.number let:page>
                <PageView id page pictures as_text evidence />
            </For>
            // On a small screen the line is far above.
            {move || {
                selected
                    .get()
                    .map(|n| {
                        view! {
                            <a class="button back-to-line" href=format!("#line-{n}") rel="external">
                                {texts::back_to_line()}
                            </a>
                        }
                    })
            }}
        </section>
    }
}

/// A placeholder until there are pages; fetches them once the CV has been read.
#[component]
fn MissingPages(id: ApplicationId, summary: Signal<Summary>, pages: RwSignal<Vec<Page>>) -> impl IntoView {
    let failed = RwSignal::new(false);
    let fetch = move || {
        failed.set(false);
        spawn_local(async move {
            match document_pages(id).await {
                Ok(fetched) => pages.set(fetched),
                Err(_) => failed.set(true),
            }
        });
    };
    // Every later state and attempt fetches again, so that a failed call is repeated.
    let read =
        Memo::new(move |_| summary.with(|summary| (summary.pages > 0).then_some((summary.attempt, summary.state))));
    Effect::new(move |_| {
        if read.get().is_some() && pages.with_untracked(Vec::is_empty) {
            fetch();
        }
    });
    let message = move || {
        if read.get().is_some() { texts::loading_pages() } else { texts::pages_later() }
    };
    view! {
        <Show when=move || pages.with(Vec::is_empty)>
            <Show when=move || failed.get() fallback=move || view! { <p class="hint">{message}</p> }>
                <p class="hint" role="alert">
                    {texts::pages_failed()} " "
                    <Button rank=Rank::Quiet on_press=move |_| fetch()>
                        {texts::try_again()}
                    </Button>
                </p>
            </Show>
        </Show>
    }
}

/// One page. It scrolls into view when it holds the first highlighted passage.
#[component]
fn PageView(
    id: ApplicationId,
    page: Page,
    pictures: bool,
    as_text: RwSignal<bool>,
    evidence: Memo<Vec<Evidence>>,
) -> impl IntoView {
    let number = page.number;
    let on_page = Memo::new(move |_| {
        evidence.with(|all| all.iter().filter(|evidence| evidence.page() == number).cloned().collect::<Vec<_>>())
    });
    let element = NodeRef::<html::Div>::new();
    scroll_to_first(evidence, number, element);
    let size = (page.width, page.height);
    let text = StoredValue::new((page.text, page.languages));
    view! {
        <div class="page" id=format!("page-{number}") node_ref=element data-testid="document-page" data-page=number>
            <Show
                when=move || pictures && !as_text.get()
                fallback=move || view! { <PageText text evidence=on_page /> }
            >
                <PageImage id number size evidence=on_page />
            </Show>
        </div>
    }
}

#[component]
fn PageImage(id: ApplicationId, number: u32, size: (f32, f32), evidence: Memo<Vec<Evidence>>) -> impl IntoView {
    let (width, height) = size;
    let boxes =
        move || evidence.with(|evidence| evidence.iter().flat_map(Evidence::boxes).copied().collect::<Vec<_>>());
    let highlight = move |area: Rect| {
        view! {
            <rect
                data-testid="evidence-highlight"
                x=area.x - 2.0
                y=area.y - 1.5
                width=area.w + 4.0
                height=area.h + 3.0
                rx="2"
            ></rect>
        }
    };
    view! {
        <figure>
            <img
                src=format!("/documents/{id}/pages/{number}.png")
                alt=texts::page_image(&number.to_string())
                width=width.round()
                height=height.round()
                loading="lazy"
            />
            <svg viewBox=format!("0 0 {width} {height}") preserveAspectRatio="none" aria-hidden="true">
                {move || boxes().into_iter().map(highlight).collect_view()}
            </svg>
        </figure>
    }
}

#[component]
fn PageText(text: StoredValue<(String, Vec<LanguageSpan>)>, evidence: Memo<Vec<Evidence>>) -> impl IntoView {
    let content = move || {
        let spans = evidence.with(|evidence| evidence.iter().map(Evidence::span).collect::<Vec<_>>());
        let runs = text.with_value(|(text, written)| text_runs(text, written, &spans));
        let element = |run: TextRun| {
            let language = run.language.map(String::from);
            if run.highlighted {
                view! {
                    <mark lang=language data-testid="evidence-highlight">
                        {run.text}
                    </mark>
                }
                .into_any()
            } else {
                view! { <span lang=language>{run.text}</span> }.into_any()
            }
        };
        runs.into_iter().map(element).collect_view()
    };
    view! {
        <div class="page-text" dir="auto" tabindex="0">
            {content}
        </div>
    }
}

/// Scrolls to the first passage if the document is next to the summary. On a small screen, where it is
/// below the summary, nothing scrolls: the quote links to the passage.
fn scroll_to_first(evidence: Memo<Vec<Evidence>>, number: u32, element: NodeRef<html::Div>) {
    let selected = expect_context::<SelectedLine>().0;
    Effect::new(move |_| {
        // Two lines may have the same evidence.
        selected.track();
        let first = evidence.with(|evidence| evidence.first().map(Evidence::page));
        if first == Some(number)
            && let Some(page) = element.get()
        {
            // Waits until the highlight has been drawn.
            request_animation_frame(move || scroll::to_passage(&page));
        }
    });
}

/// Scrolls the window to the first highlighted passage on a page, after the link to the page has been
/// followed.
pub fn scroll_to_highlight(page: u32) {
    request_animation_frame(move || {
        let selector = format!("#page-{page} {}", scroll::HIGHLIGHT);
        if let Ok(Some(passage)) = document().query_selector(&selector) {
            passage.scroll_into_view();
        }
    });
}

/// A number of bytes for people, in decimal units: "38 kB", "1.2 MB".
fn file_size(bytes: u64) -> String {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    if bytes < 1_000_000 {
        common::kilobytes(&i18n::integer(number(bytes.div_ceil(1_000))))
    } else {
        common::megabytes(&i18n::decimal(number((bytes + 50_000) / 100_000)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_size_has_decimal_units() {
        assert_eq!(file_size(37_543), "38 kB");
        assert_eq!(file_size(2_238_381), "2.2 MB");
    }
}
