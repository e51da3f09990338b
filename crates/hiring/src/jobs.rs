//! The job queue, looked at and set right by administrators.

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
    error::Error,
    policy,
    summaries::{self, SummarizeCv},
    topics::queue_topic,
};

/// Jobs on a page of the list.
const PAGE: usize = 50;
/// Jobs that are changed with one request.
const MOST_AT_ONCE: usize = 200;
/// How far back the charts go, in milliseconds.
const HISTORY: i64 = 10 * 60 * 1_000;
const TICK: i64 = 10_000;

impl Hiring {
    /// The queues, and the newest jobs that the filter lets through.
    ///
    /// # Errors
    /// [`Error::SignIn`]; [`Error::NotFound`] for others than administrators.
    pub async fn queue_page(&self, actor: &Actor, filter: &JobFilter) -> Result<QueuePage, Error> {
        policy::may_administer(actor)?;
        let seq = self.queue_seq().await?;
        Ok(QueuePage { overview: self.overview().await?, seq, jobs: self.jobs(actor, filter).await? })
    }

    /// The newest jobs that the filter lets through.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`].
    pub async fn jobs(&self, actor: &Actor, filter: &JobFilter) -> Result<Vec<JobRow>, Error> {
        policy::may_administer(actor)?;
        let jobs = admin::list(self.db(), &filter_of(filter)?, PAGE).await?;
        Ok(jobs.iter().map(row_of).collect())
    }

    /// All of one job.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`].
    pub async fn job_page(&self, actor: &Actor, id: i64) -> Result<JobPage, Error> {
        policy::may_administer(actor)?;
        let seq = self.queue_seq().await?;
        let details = admin::details(self.db(), JobId(id)).await?.ok_or(Error::NotFound { what: "job" })?;
        Ok(page_of(details, seq))
    }

    /// Runs jobs again, cancels or deletes them; those that are in no state for it stay as they are.
    /// How many were changed.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`].
    pub async fn change_jobs(&self, actor: &Actor, ids: &[i64], change: JobChange) -> Result<usize, Error> {
        policy::may_administer(actor)?;
        let mut changed = 0;
        // A transaction each: one that cannot be changed keeps no other from it.
        for id in ids.iter().take(MOST_AT_ONCE) {
            let mut tx = self.db().begin().await?;
            match self.change_job(&mut tx, JobId(*id), change).await {
                Ok(true) => {
                    tx.commit().await?;
                    changed += 1;
                }
                Ok(false) | Err(Error::Busy | Error::Queue(queue::Error::Database(db::Error::Unique { .. }))) => {}
                Err(error) => return Err(error),
            }
        }
        tracing::info!(who = policy::name_of(actor), ?change, changed, "jobs were changed by hand");
        Ok(changed)
    }

    /// What the job was to do for the product is put right with it: an application whose summary nobody
    /// writes any more says so, and one whose summary is written again waits.
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
                JobChange::Retry => summaries::wait_again(self, tx, &before.args, before.state).await?,
                JobChange::Cancel | JobChange::Delete if !before.state.is_final() => {
                    summaries::give_up(self, tx, &before).await?;
                }
                JobChange::Cancel | JobChange::Delete => {}
            }
        }
        Ok(changed)
    }

    /// Gives a job other arguments and runs it again.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`]; [`Error::Invalid`] when the arguments are no JSON, [`Error::Busy`]
    /// when it runs or waits for other jobs.
    pub async fn edit_job(&self, actor: &Actor, id: i64, args: &str) -> Result<(), Error> {
        policy::may_administer(actor)?;
        let mut tx = self.db().begin().await?;
        let now = self.now_ms();
        let before = queue::find(&mut tx, JobId(id)).await?.ok_or(Error::NotFound { what: "job" })?;
        let edited = match admin::edit(&mut tx, JobId(id), args, now).await {
            Err(queue::Error::Edit { source, .. }) => {
                return Err(Error::Invalid {
                    field: "args",
                    message: format!("These arguments are no JSON: {source}."),
                });
            }
            edited => edited?,
        };
        if !edited {
            return Err(Error::Busy);
        }
        if before.worker == SummarizeCv::NAME {
            summaries::wait_again(self, &mut tx, args, before.state).await?;
        }
        tx.commit().await?;
        tracing::info!(who = policy::name_of(actor), job = id, "a job was edited by hand");
        Ok(())
    }

    /// Pauses or resumes a queue on all nodes.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`].
    pub async fn switch_queue(&self, actor: &Actor, name: &str, switch: Switch) -> Result<(), Error> {
        policy::may_administer(actor)?;
        let mut tx = self.db().begin().await?;
        match switch {
            Switch::Pause => control::pause(&mut tx, name, Scope::AllNodes).await?,
            Switch::Resume => control::resume(&mut tx, name, Scope::AllNodes).await?,
            Switch::RunNow => return Err(Error::NotFound { what: "recurring job" }),
        }
        tx.commit().await?;
        tracing::info!(who = policy::name_of(actor), queue = name, ?switch, "a queue was switched by hand");
        Ok(())
    }

    /// Changes how many jobs of a queue run at once on each node; `None` leaves what the program says.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`]; [`Error::Invalid`] for none or more than a thousand.
    pub async fn scale_queue(&self, actor: &Actor, name: &str, slots: Option<usize>) -> Result<(), Error> {
        policy::may_administer(actor)?;
        if slots.is_some_and(|slots| !(1..=1_000).contains(&slots)) {
            let message = "Please give a number from 1 to 1000, or nothing for the setting's.".to_owned();
            return Err(Error::Invalid { field: "slots", message });
        }
        let mut tx = self.db().begin().await?;
        control::scale(&mut tx, name, Scope::AllNodes, slots).await?;
        tx.commit().await?;
        tracing::info!(who = policy::name_of(actor), queue = name, slots, "a queue was scaled by hand");
        Ok(())
    }

    /// Pauses or resumes a recurring job, or runs it once now.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`].
    pub async fn switch_cron(&self, actor: &Actor, name: &str, switch: Switch) -> Result<(), Error> {
        policy::may_administer(actor)?;
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
        tracing::info!(who = policy::name_of(actor), cron = name, ?switch, "a recurring job was switched by hand");
        Ok(())
    }

    /// Publishes the overview if it is another one than `last`, and puts it there; whether it was. To
    /// be called by one node at a time, now and then: however many jobs run, the pages are told once.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn sample_queue(&self, last: &mut Option<QueueOverview>) -> Result<bool, Error> {
        let overview = self.overview().await?;
        if last.as_ref() == Some(&overview) {
            return Ok(false);
        }
        let mut tx = self.db().begin().await?;
        live::publish_state(&mut tx, &queue_topic(), &overview, self.now_ms()).await?;
        tx.commit().await?;
        *last = Some(overview);
        Ok(true)
    }

    /// Where `queue` stands. Asked for before what it tells of is read: what happens in between is told
    /// again, and never missed.
    async fn queue_seq(&self) -> Result<u64, Error> {
        Ok(live::seq(&mut self.db().snapshot().await?, queue_topic().name()).await?)
    }

    async fn overview(&self) -> Result<QueueOverview, Error> {
        let now = self.now_ms();
        let nodes = admin::nodes(self.db()).await?;
        let slots = |queue: &str| {
            nodes.iter().flat_map(|node| &node.queues).filter(|lane| lane.queue == queue).map(|lane| lane.slots).sum()
        };
        let buckets = admin::statistics(self.db(), now - now.rem_euclid(TICK) - HISTORY).await?;
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
        // Those that have no job just now.
        let lanes = nodes.iter().flat_map(|node| &node.queues).map(|lane| &lane.queue);
        for name in lanes.chain(buckets.iter().map(|bucket| &bucket.queue)) {
            if !queues.iter().any(|queue| queue.name == *name) {
                let history = buckets.iter().filter(|bucket| bucket.queue == *name).map(tick_of).collect();
                queues.push(QueueCard { slots: slots(name), history, name: name.clone(), ..QueueCard::default() });
            }
        }
        queues.sort_by(|one, other| one.name.cmp(&other.name));
        let at = if buckets.is_empty() { 0 } else { now - now.rem_euclid(TICK) };
        let nodes = nodes.into_iter().map(node_of).collect();
        let crons = cron::crons(self.db()).await?.into_iter().map(cron_of).collect();
        Ok(QueueOverview { at, queues, nodes, crons })
    }
}

fn filter_of(filter: &JobFilter) -> Result<Filter, Error> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let invalid = |field, message: &str| Error::Invalid { field, message: message.to_owned() };
    let state =
        given(&filter.state).map(|name| State::parse(&name).ok_or_else(|| invalid("state", "There is no such state.")));
    let before = given(&filter.before).map(|id| id.parse().map_err(|_| invalid("before", "That is no job's number.")));
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
