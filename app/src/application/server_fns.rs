//! Server functions of the application page.

use domain::{ApplicationId, Page, Stage, view};
use leptos::prelude::*;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::use_case_context::use_case_context;

/// Loads the page of an application.
#[server(endpoint = "application_page")]
pub async fn application_page(id: ApplicationId) -> Result<view::ApplicationPage, AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.application_page(&actor, id).await?)
}

/// Loads the text of all pages of an application's document.
#[server(endpoint = "document_pages")]
pub async fn document_pages(id: ApplicationId) -> Result<Vec<Page>, AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.document_pages(&actor, id).await?)
}

/// Moves an application to another stage.
#[server(endpoint = "move_application")]
pub async fn move_application(id: ApplicationId, stage: Stage) -> Result<(), AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.move_application(&actor, id, stage).await?)
}

/// Adds a note to an application.
#[server(endpoint = "add_note")]
pub async fn add_note(id: ApplicationId, text: String) -> Result<(), AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.add_note(&actor, id, &text).await?)
}

/// Requests a new summary of an application's CV.
#[server(endpoint = "request_summary")]
pub async fn request_summary(id: ApplicationId) -> Result<(), AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.request_summary(&actor, id).await?)
}
