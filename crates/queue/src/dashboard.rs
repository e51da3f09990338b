//! Reads the [views](crate::views) of an administration page, and makes the changes that it offers.

use db::{Db, Tx};
use serde_json::Value;

use crate::{
    admin::{self, Bucket, Filter, JobDetails, NodeReport, QueueCounts},
    control::{self, Scope},
    cron::{self, CronReport},
    error::Error,
    job::{JobId, State},
    store,
    views::{
        CronRow, JobChange, JobFailure, JobFilter, JobPage, JobRow, NodeRow, QueueCard, QueueOverview, QueueTick,
        Switch,
    },
};

/// The number of jobs on a page of the list.
const PAGE_SIZE: usize = 50;
/// The time span of a queue's history, in milliseconds.
const HISTORY_MS: i64 = 10 * 60 * 1_000;
/// The time span of one [`QueueTick`], in milliseconds.
const TICK_MS: i64 = 10_000;

/// Reads the queues, the nodes and the recurring jobs. `now_ms` is the time, in milliseconds since 1970.
///
/// # Errors
/// [`Error::Database`].
pub async fn overview(db: &Db, now_ms: i64) -> Result<QueueOverview, Error> {
    let tick = now_ms - now_ms.rem_euclid(TICK_MS);
    let nodes = admin::nodes(db).await?;
    let buckets = admin::statistics(db, tick - HISTORY_MS).await?;
    Ok(QueueOverview {
        at: if buckets.is_empty() { 0 } else { tick },
        queues: cards(admin::counts(db).await?, &nodes, &buckets),
        nodes: nodes.into_iter().map(node_row).collect(),
        crons: cron::crons(db).await?.into_iter().map(cron_row).collect(),
    })
}

/// Lists the newest 50 jobs that match the filter.
///
/// # Errors
/// [`Error::InvalidFilter`] for an unknown state or a malformed id; [`Error::Database`];
/// [`Error::Unreadable`].
pub async fn list_jobs(db: &Db, filter: &JobFilter) -> Result<Vec<JobRow>, Error> {
    let jobs = admin::list(db, &parse_filter(filter)?, PAGE_SIZE).await?;
    Ok(jobs.iter().map(job_row).collect())
}

/// Returns the page of a job, or `None` if there is no such job. `seq` is passed through.
///
/// # Errors
/// [`Error::Database`]; [`Error::Unreadable`].
pub async fn job_page(db: &Db, id: JobId, seq: u64) -> Result<Option<JobPage>, Error> {
    Ok(admin::details(db, id).await?.map(|details| page(details, seq)))
}

/// Retries, cancels or deletes a job. Returns whether its state allowed the change.
///
/// # Errors
/// [`Error::Database`], which holds [`db::Error::Unique`] when another job has taken the unique key of a
/// retried one.
pub async fn change_job(tx: &mut Tx, id: JobId, change: JobChange, now_ms: i64) -> Result<bool, Error> {
    match change {
        JobChange::Retry => admin::retry(tx, id, now_ms).await,
        JobChange::Cancel => store::cancel(tx, id, now_ms).await,
        JobChange::Delete => admin::delete(tx, id, now_ms).await,
    }
}

/// Pauses or resumes a queue on all nodes. Returns false for [`Switch::RunNow`], which does not apply to
/// queues.
///
/// # Errors
/// [`Error::Database`].
pub async fn switch_queue(tx: &mut Tx, queue: &str, switch: Switch) -> Result<bool, Error> {
    match switch {
        Switch::Pause => control::pause(tx, queue, Scope::AllNodes).await?,
        Switch::Resume => control::resume(tx, queue, Scope::AllNodes).await?,
        Switch::RunNow => return Ok(false),
    }
    Ok(true)
}

/// Pauses, resumes or runs a recurring job. Returns whether there is one of this name.
///
/// # Errors
/// [`Error::Database`].
pub async fn switch_cron(tx: &mut Tx, name: &str, switch: Switch) -> Result<bool, Error> {
    match switch {
        Switch::Pause => cron::pause(tx, name).await,
        Switch::Resume => cron::resume(tx, name).await,
        Switch::RunNow => cron::run_now(tx, name).await,
    }
}

/// One card for each queue that has jobs, is served by a node or had attempts recently.
fn cards(counts: Vec<QueueCounts>, nodes: &[NodeReport], buckets: &[Bucket]) -> Vec<QueueCard> {
    let served = || nodes.iter().flat_map(|node| &node.queues);
    let mut cards: Vec<_> = counts.into_iter().map(card).collect();
    for name in served().map(|queue| &queue.queue).chain(buckets.iter().map(|bucket| &bucket.queue)) {
        if !cards.iter().any(|card| card.name == *name) {
            cards.push(QueueCard { name: name.clone(), ..QueueCard::default() });
        }
    }
    for card in &mut cards {
        card.slots = served().filter(|queue| queue.queue == card.name).map(|queue| queue.slots).sum();
        card.history = buckets.iter().filter(|bucket| bucket.queue == card.name).map(tick).collect();
    }
    cards.sort_by(|one, other| one.name.cmp(&other.name));
    cards
}

fn card(counts: QueueCounts) -> QueueCard {
    QueueCard {
        name: counts.queue,
        available: counts.available,
        scheduled: counts.scheduled,
        executing: counts.executing,
        retryable: counts.retryable,
        canceled: counts.canceled,
        discarded: counts.discarded,
        paused: counts.paused,
        ..QueueCard::default()
    }
}

fn tick(bucket: &Bucket) -> QueueTick {
    let failed = bucket.failed + bucket.discarded;
    let attempts = i64::try_from(bucket.completed + failed + bucket.canceled).unwrap_or(i64::MAX).max(1);
    QueueTick {
        at: bucket.at,
        completed: bucket.completed,
        failed,
        wait_ms: bucket.wait_ms / attempts,
        run_ms: bucket.run_ms / attempts,
    }
}

fn node_row(node: NodeReport) -> NodeRow {
    NodeRow {
        slots: node.queues.iter().map(|queue| queue.slots).sum(),
        name: node.name,
        started_at: node.started_at,
        executing: node.executing,
        leads: node.leads,
    }
}

fn cron_row(cron: CronReport) -> CronRow {
    CronRow {
        name: cron.name,
        expression: cron.expression,
        time_zone: cron.time_zone,
        worker: cron.worker,
        paused: cron.paused,
        next_at: cron.next_at,
    }
}

fn parse_filter(filter: &JobFilter) -> Result<Filter, Error> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let state = given(&filter.state)
        .map(|name| State::parse(&name).ok_or(Error::InvalidFilter { field: "state" }))
        .transpose()?;
    let before =
        given(&filter.before).map(|id| id.parse().map_err(|_| Error::InvalidFilter { field: "before" })).transpose()?;
    Ok(Filter {
        queue: given(&filter.queue),
        worker: given(&filter.worker),
        state,
        text: given(&filter.text),
        before,
        ..Filter::default()
    })
}

fn job_row(details: &JobDetails) -> JobRow {
    let job = &details.job;
    JobRow {
        id: job.id.0,
        queue: job.queue.clone(),
        worker: job.worker.clone(),
        state: job.state.as_str().to_owned(),
        attempt: job.attempt,
        max_attempts: job.max_attempts,
        inserted_at: details.inserted_at,
    }
}

fn page(details: JobDetails, seq: u64) -> JobPage {
    let indented = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let row = job_row(&details);
    let JobDetails { job, priority, tags, result, attempted_at, ended_at, waits_for, .. } = details;
    let tags = tags.as_array().into_iter().flatten().filter_map(|tag| tag.as_str().map(str::to_owned)).collect();
    JobPage {
        seq,
        row,
        args: serde_json::from_str(&job.args).map_or(job.args, |args| indented(&args)),
        result: result.as_ref().map(indented),
        priority,
        tags,
        node: job.node,
        trace: job.trace,
        scheduled_at: job.scheduled_at,
        attempted_at,
        ended_at,
        waits_for,
        failures: job
            .errors
            .into_iter()
            .map(|failure| JobFailure { attempt: failure.attempt, at: failure.at, error: failure.error })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::STATES;

    #[test]
    fn the_views_name_every_state() {
        assert!(STATES.iter().all(|name| State::parse(name).is_some_and(|state| state.as_str() == *name)));
        assert_eq!(STATES.len(), State::ALL.len());
    }

    #[test]
    fn a_filter_with_an_unknown_state_or_a_malformed_id_is_refused() {
        let invalid = |filter: JobFilter| match parse_filter(&filter) {
            Err(Error::InvalidFilter { field }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(invalid(JobFilter { state: "lost".to_owned(), ..JobFilter::default() }), "state");
        assert_eq!(invalid(JobFilter { before: "x".to_owned(), ..JobFilter::default() }), "before");
        assert_eq!(parse_filter(&JobFilter::default()).ok(), Some(Filter::default()));
    }
}
