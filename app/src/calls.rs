//! The server functions: get the actor, call the use-case, map the error.

use domain::{
    ApplicationId, Page, Posting, PostingId, Stage,
    jobs::{JobChange, JobFilter, JobPage, JobRow, QueuePage, Switch},
    view,
};
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

/// Writes a note down.
#[server(endpoint = "add_note")]
pub async fn add_note(id: ApplicationId, text: String) -> Result<(), AppError> {
    let (hiring, actor) = server();
    Ok(hiring.add_note(&actor, id, &text).await?)
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

/// The queues, and the jobs that the filter lets through.
#[server(endpoint = "read_queue")]
pub async fn read_queue(filter: JobFilter) -> Result<QueuePage, AppError> {
    let (hiring, actor) = server();
    Ok(hiring.queue_page(&actor, &filter).await?)
}

/// The jobs that the filter lets through.
#[server(endpoint = "list_jobs")]
pub async fn list_jobs(filter: JobFilter) -> Result<Vec<JobRow>, AppError> {
    let (hiring, actor) = server();
    Ok(hiring.jobs(&actor, &filter).await?)
}

/// One job.
#[server(endpoint = "read_job")]
pub async fn read_job(id: i64) -> Result<JobPage, AppError> {
    let (hiring, actor) = server();
    Ok(hiring.job_page(&actor, id).await?)
}

/// Runs jobs again, cancels or deletes them; how many were changed.
#[server(endpoint = "change_jobs")]
pub async fn change_jobs(#[server(default)] ids: Vec<i64>, change: JobChange) -> Result<usize, AppError> {
    let (hiring, actor) = server();
    Ok(hiring.change_jobs(&actor, &ids, change).await?)
}

/// Deletes a job, and goes back to the list.
#[server(endpoint = "delete_job")]
pub async fn delete_job(id: i64) -> Result<(), AppError> {
    let (hiring, actor) = server();
    if hiring.change_jobs(&actor, &[id], JobChange::Delete).await? == 1 {
        leptos_axum::redirect("/admin/jobs");
    }
    Ok(())
}

/// Gives a job other arguments and runs it again.
#[server(endpoint = "edit_job")]
pub async fn edit_job(id: i64, args: String) -> Result<(), AppError> {
    let (hiring, actor) = server();
    Ok(hiring.edit_job(&actor, id, &args).await?)
}

/// Pauses or resumes a queue.
#[server(endpoint = "switch_queue")]
pub async fn switch_queue(name: String, switch: Switch) -> Result<(), AppError> {
    let (hiring, actor) = server();
    Ok(hiring.switch_queue(&actor, &name, switch).await?)
}

/// Changes how many jobs of a queue run at once; an empty number leaves it to the setting.
#[server(endpoint = "scale_queue")]
pub async fn scale_queue(name: String, slots: String) -> Result<(), AppError> {
    let (hiring, actor) = server();
    // What is no number is refused like one that is too small.
    let slots = Some(slots.trim()).filter(|slots| !slots.is_empty()).map(|slots| slots.parse().unwrap_or(0));
    Ok(hiring.scale_queue(&actor, &name, slots).await?)
}

/// Pauses or resumes a recurring job, or runs it now.
#[server(endpoint = "switch_cron")]
pub async fn switch_cron(name: String, switch: Switch) -> Result<(), AppError> {
    let (hiring, actor) = server();
    Ok(hiring.switch_cron(&actor, &name, switch).await?)
}
