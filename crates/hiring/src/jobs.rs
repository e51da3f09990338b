//! Administration of the job queue.

use db::Tx;
use domain::jobs::{
    CronRow, JobChange, JobFailure, JobFilter, JobPage, JobRow, NodeRow, QueueCard, QueueOverview, QueuePage,
    QueueTick, Switch,
};
use queue::{
    JobId, State, Worker,
    admin::{self, Bucket, Filter, JobDetails},
    control::{self, Scope},
    cron,
};
use serde_json::Value;

use crate::{
    Hiring,
    actor::Actor,
    error::{Error, Problem},
    policy,
    summaries::{self, SummarizeCv},
    topics::queue_topic,
};

/// Number of jobs on a page of the list.
const PAGE_SIZE: usize = 50;
/// Maximum number of jobs that one request changes.
const MAX_CHANGED_JOBS: usize = 200;
/// Time span of the charts, in milliseconds.
const HISTORY_MS: i64 = 10 * 60 * 1_000;
/// Time span of one bar of the charts, in milliseconds.
const TICK_MS: i64 = 10_000;

impl Hiring {
    /// Returns the overview of the queues and the newest 50 jobs that match the filter.
    ///
    /// # Errors
    /// [`Error::SignIn`] when nobody is signed in; [`Error::NotFound`] when the user is not an
    /// administrator; [`Error::Invalid`] for an unknown state or a malformed job id in the filter.
    pub async fn queue_page(&self, actor: &Actor, filter: &JobFilter) -> Result<QueuePage, Error> {
        policy::require_admin(actor)?;
        let seq = self.queue_seq().await?;
        Ok(QueuePage { overview: self.overview().await?, seq, jobs: self.jobs(actor, filter).await? })
    }

    /// Returns the newest 50 jobs that match the filter.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`].
    pub async fn jobs(&self, actor: &Actor, filter: &JobFilter) -> Result<Vec<JobRow>, Error> {
        policy::require_admin(actor)?;
        let jobs = admin::list(self.db(), &filter_of(filter)?, PAGE_SIZE).await?;
        Ok(jobs.iter().map(row_of).collect())
    }

    /// Returns the data of a job's page.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`]; [`Error::NotFound`] when the job does not exist.
    pub async fn job_page(&self, actor: &Actor, id: i64) -> Result<JobPage, Error> {
        policy::require_admin(actor)?;
        let seq = self.queue_seq().await?;
        let details = admin::details(self.db(), JobId(id)).await?.ok_or(Error::NotFound { what: "job" })?;
        Ok(page_of(details, seq))
    }

    /// Retries, cancels or deletes up to 200 jobs. Jobs in a state that does not allow the change stay
    /// as they are. Returns how many were changed.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`].
    pub async fn change_jobs(&self, actor: &Actor, ids: &[i64], change: JobChange) -> Result<usize, Error> {
        policy::require_admin(actor)?;
        let mut changed = 0;
        // One transaction per job: a job that cannot be changed does not prevent changing the others.
        for id in ids.iter().take(MAX_CHANGED_JOBS) {
            let mut tx = self.db().begin().await?;
            match self.change_job(&mut tx, JobId(*id), change).await {
                Ok(true) => {
                    tx.commit().await?;
                    changed += 1;
                }
                Err(Error::Db(error @ db::Error::Stored { .. })) => {
                    tracing::error!(job = id, cause = ?error, "a job was not changed");
                }
                Ok(false) | Err(Error::Busy | Error::Queue(queue::Error::Database(db::Error::Unique { .. }))) => {}
                Err(error) => return Err(error),
            }
        }
        tracing::info!(who = policy::log_name(actor), ?change, changed, "administrator changed jobs");
        Ok(changed)
    }

    /// Changes a job and updates the summary that it writes: a retried one is queued again, a canceled
    /// or deleted one has failed.
    async fn change_job(&self, tx: &mut Tx, id: JobId, change: JobChange) -> Result<bool, Error> {
        let now = self.now_ms();
        let Some(before) = queue::find(tx, id).await? else { return Ok(false) };
        let changed = match change {
            JobChange::Retry => admin::retry(tx, id, now).await?,
            JobChange::Cancel => queue::cancel(tx, id, now).await?,
            JobChange::Delete => admin::delete(tx, id, now).await?,
        };
        if changed && before.worker == SummarizeCv::NAME {
            match change {
                JobChange::Retry => {
                    summaries::record_retried(self, tx, summaries::stored_args(&before)?, before.state).await?;
                }
                JobChange::Cancel | JobChange::Delete if !before.state.is_final() => {
                    summaries::record_abandoned(self, tx, &before).await?;
                }
                JobChange::Cancel | JobChange::Delete => {}
            }
        }
        Ok(changed)
    }

    /// Replaces the arguments of a job and retries it.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`]; [`Error::NotFound`] when the job does not exist; [`Error::Invalid`]
    /// when the arguments are not JSON or not those of the worker; [`Error::Busy`] when the job is executing or waits for others.
    pub async fn edit_job(&self, actor: &Actor, id: i64, args: &str) -> Result<(), Error> {
        policy::require_admin(actor)?;
        let mut tx = self.db().begin().await?;
        let now = self.now_ms();
        let before = queue::find(&mut tx, JobId(id)).await?.ok_or(Error::NotFound { what: "job" })?;
        let edited = match admin::edit(&mut tx, JobId(id), args, now).await {
            Err(queue::Error::Edit { source, .. }) => {
                return Err(Error::Invalid { field: "args", problem: Problem::NotJson { error: source.to_string() } });
            }
            edited => edited?,
        };
        if !edited {
            return Err(Error::Busy);
        }
        if before.worker == SummarizeCv::NAME {
            let not_json = |error: serde_json::Error| Problem::NotJson { error: error.to_string() };
            let args = serde_json::from_str(args)
                .map_err(|error| Error::Invalid { field: "args", problem: not_json(error) })?;
            summaries::record_retried(self, &mut tx, args, before.state).await?;
        }
        tx.commit().await?;
        tracing::info!(who = policy::log_name(actor), job = id, "administrator edited a job");
        Ok(())
    }

    /// Pauses or resumes a queue on all nodes.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`].
    pub async fn switch_queue(&self, actor: &Actor, name: &str, switch: Switch) -> Result<(), Error> {
        policy::require_admin(actor)?;
        let mut tx = self.db().begin().await?;
        match switch {
            Switch::Pause => control::pause(&mut tx, name, Scope::AllNodes).await?,
            Switch::Resume => control::resume(&mut tx, name, Scope::AllNodes).await?,
            Switch::RunNow => return Err(Error::NotFound { what: "recurring job" }),
        }
        tx.commit().await?;
        tracing::info!(who = policy::log_name(actor), queue = name, ?switch, "administrator switched a queue");
        Ok(())
    }

    /// Overrides how many jobs of a queue run at once on each node; `None` removes the override.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`]; [`Error::Invalid`] for a number outside 1 to 1,000.
    pub async fn scale_queue(&self, actor: &Actor, name: &str, slots: Option<usize>) -> Result<(), Error> {
        policy::require_admin(actor)?;
        if slots.is_some_and(|slots| !(1..=1_000).contains(&slots)) {
            return Err(Error::Invalid { field: "slots", problem: Problem::OutOfRange { min: 1, max: 1_000 } });
        }
        let mut tx = self.db().begin().await?;
        control::scale(&mut tx, name, Scope::AllNodes, slots).await?;
        tx.commit().await?;
        tracing::info!(who = policy::log_name(actor), queue = name, slots, "administrator scaled a queue");
        Ok(())
    }

    /// Pauses or resumes a recurring job, or runs it once now.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`].
    pub async fn switch_cron(&self, actor: &Actor, name: &str, switch: Switch) -> Result<(), Error> {
        policy::require_admin(actor)?;
        let mut tx = self.db().begin().await?;
        let known = match switch {
            Switch::Pause => cron::pause(&mut tx, name).await?,
            Switch::Resume => cron::resume(&mut tx, name).await?,
            Switch::RunNow => cron::run_now(&mut tx, name).await?,
        };
        if !known {
            return Err(Error::NotFound { what: "recurring job" });
        }
        tx.commit().await?;
        tracing::info!(who = policy::log_name(actor), cron = name, ?switch, "administrator switched a recurring job");
        Ok(())
    }

    /// Publishes the overview if it differs from `last`, and replaces `last`. Returns whether it did.
    /// Call it periodically on one node, so that the number of events does not depend on the number of
    /// jobs.
    ///
    /// # Errors
    /// [`Error::Db`], [`Error::Live`] or [`Error::Queue`] when the database fails.
    pub async fn sample_queue(&self, last: &mut Option<QueueOverview>) -> Result<bool, Error> {
        let overview = self.overview().await?;
        if last.as_ref() == Some(&overview) {
            return Ok(false);
        }
        let mut tx = self.db().begin().await?;
        live::publish_snapshot(&mut tx, &queue_topic(), &overview, self.now_ms()).await?;
        tx.commit().await?;
        *last = Some(overview);
        Ok(true)
    }

    /// Returns the sequence number of the topic `queue`. Read it before the state: events in between are
    /// then delivered again instead of missed.
    async fn queue_seq(&self) -> Result<u64, Error> {
        Ok(live::last_seq(&mut self.db().snapshot().await?, queue_topic().name()).await?)
    }

    async fn overview(&self) -> Result<QueueOverview, Error> {
        let now = self.now_ms();
        let nodes = admin::nodes(self.db()).await?;
        let slots = |queue: &str| {
            nodes.iter().flat_map(|node| &node.queues).filter(|lane| lane.queue == queue).map(|lane| lane.slots).sum()
        };
        let buckets = admin::statistics(self.db(), now - now.rem_euclid(TICK_MS) - HISTORY_MS).await?;
        let mut queues: Vec<_> = admin::counts(self.db())
            .await?
            .into_iter()
            .map(|counts| QueueCard {
                slots: slots(&counts.queue),
                history: buckets.iter().filter(|bucket| bucket.queue == counts.queue).map(tick_of).collect(),
                name: counts.queue,
                available: counts.available,
                scheduled: counts.scheduled,
                executing: counts.executing,
                retryable: counts.retryable,
                cancelled: counts.canceled,
                discarded: counts.discarded,
                paused: counts.paused,
            })
            .collect();
        // Queues without jobs.
        let lanes = nodes.iter().flat_map(|node| &node.queues).map(|lane| &lane.queue);
        for name in lanes.chain(buckets.iter().map(|bucket| &bucket.queue)) {
            if !queues.iter().any(|queue| queue.name == *name) {
                let history = buckets.iter().filter(|bucket| bucket.queue == *name).map(tick_of).collect();
                queues.push(QueueCard { slots: slots(name), history, name: name.clone(), ..QueueCard::default() });
            }
        }
        queues.sort_by(|one, other| one.name.cmp(&other.name));
        let at = if buckets.is_empty() { 0 } else { now - now.rem_euclid(TICK_MS) };
        let nodes = nodes.into_iter().map(node_of).collect();
        let crons = cron::crons(self.db()).await?.into_iter().map(cron_of).collect();
        Ok(QueueOverview { at, queues, nodes, crons })
    }
}

fn filter_of(filter: &JobFilter) -> Result<Filter, Error> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let unknown = |field| Error::Invalid { field, problem: Problem::Unknown };
    let state = given(&filter.state).map(|name| State::parse(&name).ok_or_else(|| unknown("state")));
    let before = given(&filter.before).map(|id| id.parse().map_err(|_| unknown("before")));
    Ok(Filter {
        queue: given(&filter.queue),
        worker: given(&filter.worker),
        state: state.transpose()?,
        text: given(&filter.text),
        before: before.transpose()?,
        ..Filter::default()
    })
}

fn row_of(details: &JobDetails) -> JobRow {
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

fn page_of(details: JobDetails, seq: u64) -> JobPage {
    let indented = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let row = row_of(&details);
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

fn tick_of(bucket: &Bucket) -> QueueTick {
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

fn node_of(node: admin::NodeReport) -> NodeRow {
    NodeRow {
        slots: node.queues.iter().map(|lane| lane.slots).sum(),
        name: node.name,
        started_at: node.started_at,
        executing: node.executing,
        leads: node.leads,
    }
}

fn cron_of(cron: cron::CronReport) -> CronRow {
    CronRow {
        name: cron.name,
        expression: cron.expression,
        time_zone: cron.time_zone,
        worker: cron.worker,
        paused: cron.paused,
        next_at: cron.next_at,
    }
}
