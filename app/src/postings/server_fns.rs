//! Server functions of the postings pages.

use domain::{PostingId, view};
use leptos::prelude::*;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::use_case_context::use_case_context;

/// Lists all postings with the numbers of their applications.
#[server(endpoint = "posting_cards")]
pub async fn posting_cards() -> Result<Vec<view::PostingCard>, AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.posting_cards(&actor).await?)
}

/// Loads a posting with its applications.
#[server(endpoint = "posting_page")]
pub async fn posting_page(id: PostingId) -> Result<view::PostingPage, AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.posting_page(&actor, id).await?)
}
