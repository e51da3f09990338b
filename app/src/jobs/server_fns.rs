//! Server functions of the queue administration pages.

use leptos::prelude::*;
use queue::views::{JobChange, JobFilter, JobPage, JobRow, QueuePage, Switch};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::use_case_context::use_case_context;

/// Loads the queue overview and the jobs that match `filter`.
#[server(endpoint = "read_queue")]
pub async fn read_queue(filter: JobFilter) -> Result<QueuePage, AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.queue_page(&actor, &filter).await?)
}

/// Lists the jobs that match `filter`.
#[server(endpoint = "list_jobs")]
pub async fn list_jobs(filter: JobFilter) -> Result<Vec<JobRow>, AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.jobs(&actor, &filter).await?)
}

/// Loads one job.
#[server(endpoint = "read_job")]
pub async fn read_job(id: i64) -> Result<JobPage, AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.job_page(&actor, id).await?)
}

/// Retries, cancels or deletes jobs. Returns the number of jobs that it changed.
#[server(endpoint = "change_jobs")]
pub async fn change_jobs(#[server(default)] ids: Vec<i64>, change: JobChange) -> Result<usize, AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.change_jobs(&actor, &ids, change).await?)
}

/// Deletes a job and redirects to the list.
#[server(endpoint = "delete_job")]
pub async fn delete_job(id: i64) -> Result<(), AppError> {
    let (hiring, actor) = use_case_context();
    if hiring.change_jobs(&actor, &[id], JobChange::Delete).await? == 1 {
        leptos_axum::redirect("/admin/jobs");
    }
    Ok(())
}

/// Replaces the arguments of a job and retries it.
#[server(endpoint = "edit_job")]
pub async fn edit_job(id: i64, args: String) -> Result<(), AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.edit_job(&actor, id, &args).await?)
}

/// Pauses or resumes a queue.
#[server(endpoint = "switch_queue")]
pub async fn switch_queue(name: String, switch: Switch) -> Result<(), AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.switch_queue(&actor, &name, switch).await?)
}

/// Sets how many jobs of a queue run at once on each node. Empty `slots` restore the configured number.
#[server(endpoint = "scale_queue")]
pub async fn scale_queue(name: String, slots: String) -> Result<(), AppError> {
    let (hiring, actor) = use_case_context();
    // Refused like a number that is too small.
    let slots = Some(slots.trim()).filter(|slots| !slots.is_empty()).map(|slots| slots.parse().unwrap_or(0));
    Ok(hiring.scale_queue(&actor, &name, slots).await?)
}

/// Pauses or resumes a cron entry, or runs it now.
#[server(endpoint = "switch_cron")]
pub async fn switch_cron(name: String, switch: Switch) -> Result<(), AppError> {
    let (hiring, actor) = use_case_context();
    Ok(hiring.switch_cron(&actor, &name, switch).await?)
}
