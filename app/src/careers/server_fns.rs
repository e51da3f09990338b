//! Server functions of the public pages.

use domain::Posting;
use leptos::prelude::*;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::use_case_context::use_case_context;

/// Lists the open postings.
#[server(endpoint = "open_postings")]
pub async fn open_postings() -> Result<Vec<Posting>, AppError> {
    let (hiring, _) = use_case_context();
    Ok(hiring.open_postings().await?)
}

/// Loads an open or closed posting by its slug.
#[server(endpoint = "public_posting")]
pub async fn public_posting(slug: String) -> Result<Posting, AppError> {
    let (hiring, _) = use_case_context();
    Ok(hiring.public_posting(&slug).await?)
}
