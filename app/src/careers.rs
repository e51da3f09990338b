//! The public pages: the open postings, and one posting with the application form.

mod form;
mod json_ld;
mod server_fns;

use domain::Posting;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    i18n::{self, ELEMENT, careers, layout},
    notice::form_notice,
    resource_view::{path_param, resource_view},
    time::{LocalTime, TimeFormat},
    ui::EmptyState,
};
use form::ApplyForm;
use server_fns::{open_postings, public_posting};

/// The page `/careers`: all open postings.
#[component]
pub fn Careers() -> impl IntoView {
    let postings = Resource::new(|| (), |()| open_postings());
    let list = |postings: Vec<Posting>| {
        if postings.is_empty() {
            return view! {
                <EmptyState title=careers::none()>
                    <p>{careers::none_hint()}</p>
                </EmptyState>
            }
            .into_any();
        }
        view! { <ul class="openings">{postings.into_iter().map(opening).collect_view()}</ul> }.into_any()
    };
    view! {
        <Title text=careers::title() />
        <div class="public">
            <h1>{careers::open_positions()}</h1>
            <p class="lead">{careers::lead()}</p>
            {resource_view(postings, list)}
        </div>
    }
}

fn opening(posting: Posting) -> impl IntoView {
    let facts = facts(&posting);
    view! {
        <li>
            <a href=format!("/careers/{}", posting.slug)>
                <strong>{posting.title}</strong>
                <span>{posting.organization} " · " {facts}</span>
            </a>
        </li>
    }
}

fn facts(posting: &Posting) -> String {
    format!("{} · {}", posting.location, employment(&posting.employment_type))
}

/// A schema.org employment type in plain words: `FULL_TIME` is "Full-time".
fn employment(kind: &str) -> String {
    let known = match kind {
        "FULL_TIME" => careers::full_time(),
        "PART_TIME" => careers::part_time(),
        "CONTRACTOR" => careers::contractor(),
        "TEMPORARY" => careers::temporary(),
        "INTERN" => careers::intern(),
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let words = kind.to_lowercase().replace('_', "-");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The page `/careers/<slug>`: one posting.
#[component]
pub fn PostingRoute() -> impl IntoView {
    let posting = Resource::new(path_param("slug"), public_posting);
    resource_view(posting, |posting| view! { <PublicPosting posting /> })
}

#[component]
fn PublicPosting(posting: Posting) -> impl IntoView {
    let paragraphs = posting.description.split("\n\n").map(|text| view! { <p>{text.to_owned()}</p> }).collect_view();
    let must_haves = posting.must_haves.iter().map(|text| view! { <li>{text.clone()}</li> }).collect_view();
    let facts = facts(&posting);
    let (published_before, published_after) = i18n::around(&careers::published(ELEMENT));
    let form = if posting.open {
        view! { <ApplyForm slug=posting.slug.clone() /> }.into_any()
    } else {
        view! {
            <p class="closed" data-testid="closed-posting">
                {careers::closed()} " " <a href="/careers">{careers::see_open_positions()}</a>
            </p>
        }
        .into_any()
    };
    view! {
        <Title text=form_notice().page_title(&posting.title) />
        <article class="public posting">
            <nav aria-label=layout::breadcrumb()>
                <a href="/careers">"← " {careers::open_positions()}</a>
            </nav>
            <h1>{posting.title.clone()}</h1>
            <p class="lead">{posting.organization.clone()} " · " {facts}</p>
            <p class="quiet-text">
                {published_before} <LocalTime ms=posting.published_at format=TimeFormat::Day /> {published_after}
            </p>
            <div class="posting-body">
                <div class="prose">
                    {paragraphs} <h2>{careers::you_bring()}</h2> <ul>{must_haves}</ul>
                </div>
                <aside aria-label=careers::application()>{form}</aside>
            </div>
            <script type="application/ld+json" inner_html=json_ld::job_posting(&posting)></script>
        </article>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_employment_type_is_in_plain_words() {
        assert_eq!(employment("FULL_TIME"), "Full-time");
        assert_eq!(employment(""), "");
    }
}
