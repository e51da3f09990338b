//! The postings of a recruiter, and the live board of one posting.

mod board;
mod server_fns;

use domain::view::PostingCard;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{resource_view::resource_view, ui::EmptyState};
pub use board::PostingBoard;
use server_fns::posting_cards;

use crate::i18n::{self, ELEMENT, postings};

/// The page `/`: all postings with the numbers of their applications.
#[component]
pub fn Home() -> impl IntoView {
    let cards = Resource::new(|| (), |()| posting_cards());
    let list = |cards: Vec<PostingCard>| {
        if cards.is_empty() {
            let (before, after) = i18n::around(&postings::none_hint(ELEMENT));
            return view! {
                <EmptyState title=postings::none()>
                    <p>{before} <code translate="no">"verbatim seed --demo"</code> {after}</p>
                </EmptyState>
            }
            .into_any();
        }
        view! { <ul class="cards">{cards.into_iter().map(card).collect_view()}</ul> }.into_any()
    };
    view! {
        <Title text=postings::title() />
        <div class="page-head">
            <h1>{postings::title()}</h1>
        </div>
        {resource_view(cards, list)}
    }
}

fn card(card: PostingCard) -> impl IntoView {
    let posting = card.posting;
    view! {
        <li class="card" class:closed=!posting.open>
            <a href=format!("/postings/{}", posting.id)>
                <strong>{posting.title}</strong>
                <span>{posting.location}</span>
            </a>
            <dl class="numbers">
                <div>
                    <dt>{postings::applications()}</dt>
                    <dd>{card.applications}</dd>
                </div>
                <div class:some=card.untouched != 0>
                    <dt>{postings::new()}</dt>
                    <dd>{card.untouched}</dd>
                </div>
            </dl>
            <p class="quiet-text">
                {if posting.open { postings::open() } else { postings::closed() }} " · "
                <a href=format!("/careers/{}", posting.slug) rel="external">
                    {postings::public_page()}
                </a>
            </p>
        </li>
    }
}
