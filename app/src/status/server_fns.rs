//! Server functions of the applicant's status page.

use domain::view;
use leptos::prelude::*;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::use_case_context::use_case_context;

/// Loads the status page of the application that `token` belongs to.
#[server(endpoint = "status_page")]
pub async fn status_page(token: String) -> Result<view::StatusPage, AppError> {
    let (hiring, _) = use_case_context();
    Ok(hiring.status_page(&token).await?)
}
