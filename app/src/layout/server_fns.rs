//! Server functions of the page header.

use domain::view;
use leptos::prelude::*;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::use_case_context::use_case_context;

/// Loads the signed-in user; fails with `sign_in` without a session.
#[server(endpoint = "viewer")]
pub async fn viewer() -> Result<view::Viewer, AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.viewer(&actor).await?)
}
