//! The server functions: get the actor, call the use-case, map the error.

use domain::{ApplicationId, Page, Posting, PostingId, Stage, view};
use leptos::prelude::*;

use crate::error::AppError;

#[cfg(feature = "ssr")]
fn server() -> (hiring::Hiring, hiring::Actor) {
    (expect_context(), use_context().unwrap_or(hiring::Actor::Anonymous))
}

/// Who is signed in.
#[server(endpoint = "viewer")]
pub async fn viewer() -> Result<view::Viewer, AppError> {
    let (hiring, actor) = server();
    Ok(hiring.viewer(&actor).await?)
}

/// The postings that take applications.
#[server(endpoint = "open_postings")]
pub async fn open_postings() -> Result<Vec<Posting>, AppError> {
    let (hiring, _) = server();
    Ok(hiring.postings_open().await?)
}

/// One posting, for everybody.
#[server(endpoint = "public_posting")]
pub async fn public_posting(slug: String) -> Result<Posting, AppError> {
    let (hiring, _) = server();
    Ok(hiring.posting_public(&slug).await?)
}

/// A recruiter's postings.
#[server(endpoint = "posting_cards")]
pub async fn posting_cards() -> Result<Vec<view::PostingCard>, AppError> {
    let (hiring, actor) = server();
    Ok(hiring.posting_cards(&actor).await?)
}

/// A posting with its applications.
#[server(endpoint = "posting_page")]
pub async fn posting_page(id: PostingId) -> Result<view::PostingPage, AppError> {
    let (hiring, actor) = server();
    Ok(hiring.posting_page(&actor, id).await?)
}

/// One application.
#[server(endpoint = "application_page")]
pub async fn application_page(id: ApplicationId) -> Result<view::ApplicationPage, AppError> {
    let (hiring, actor) = server();
    Ok(hiring.application_page(&actor, id).await?)
}

/// The transcript of an application's document.
#[server(endpoint = "document_pages")]
pub async fn document_pages(id: ApplicationId) -> Result<Vec<Page>, AppError> {
    let (hiring, actor) = server();
    Ok(hiring.document_pages(&actor, id).await?)
}

/// Moves an application.
#[server(endpoint = "move_application")]
pub async fn move_application(id: ApplicationId, stage: Stage) -> Result<(), AppError> {
    let (hiring, actor) = server();
    Ok(hiring.move_application(&actor, id, stage).await?)
}

/// Has a CV summarised again.
#[server(endpoint = "request_summary")]
pub async fn request_summary(id: ApplicationId) -> Result<(), AppError> {
    let (hiring, actor) = server();
    Ok(hiring.request_summary(&actor, id).await?)
}

/// The applicant's own page.
#[server(endpoint = "status_page")]
pub async fn status_page(token: String) -> Result<view::StatusPage, AppError> {
    let (hiring, _) = server();
    Ok(hiring.status_page(&token).await?)
}
