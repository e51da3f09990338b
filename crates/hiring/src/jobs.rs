//! Administration of the job queue.

use db::Tx;
use queue::{
    JobId, Worker, admin,
    control::{self, Scope},
    dashboard,
    views::{JobChange, JobFilter, JobPage, JobRow, QueueOverview, QueuePage, Switch},
};

use crate::{
    Hiring,
    actor::Actor,
    error::{Error, Problem},
    policy,
    summaries::{self, SummarizeCv},
    topics::queue_topic,
};

/// Maximum number of jobs that one request changes.
const MAX_CHANGED_JOBS: usize = 200;

impl Hiring {
    /// Returns the overview of the queues and the newest 50 jobs that match the filter.
    ///
    /// # Errors
    /// [`Error::SignIn`] when nobody is signed in; [`Error::NotFound`] when the user is not an
    /// administrator; [`Error::Invalid`] for an unknown state or a malformed job id in the filter.
    pub async fn queue_page(&self, actor: &Actor, filter: &JobFilter) -> Result<QueuePage, Error> {
        policy::require_admin(actor)?;
        let seq = self.queue_seq().await?;
        let overview = dashboard::overview(self.db(), self.now_ms()).await?;
        Ok(QueuePage { overview, seq, jobs: self.jobs(actor, filter).await? })
    }

    /// Returns the newest 50 jobs that match the filter.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`].
    pub async fn jobs(&self, actor: &Actor, filter: &JobFilter) -> Result<Vec<JobRow>, Error> {
        policy::require_admin(actor)?;
        dashboard::list_jobs(self.db(), filter).await.map_err(|error| match error {
            queue::Error::InvalidFilter { field } => Error::Invalid { field, problem: Problem::Unknown },
            error => error.into(),
        })
    }

    /// Returns the data of a job's page.
    ///
    /// # Errors
    /// As [`Hiring::queue_page`]; [`Error::NotFound`] when the job does not exist.
    pub async fn job_page(&self, actor: &Actor, id: i64) -> Result<JobPage, Error> {
        policy::require_admin(actor)?;
        let seq = self.queue_seq().await?;
        dashboard::job_page(self.db(), JobId(id), seq).await?.ok_or(Error::NotFound { what: "job" })
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
        let changed = dashboard::change_job(tx, id, change, now).await?;
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
        if !dashboard::switch_queue(&mut tx, name, switch).await? {
            return Err(Error::NotFound { what: "recurring job" });
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
        if !dashboard::switch_cron(&mut tx, name, switch).await? {
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
        let overview = dashboard::overview(self.db(), self.now_ms()).await?;
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
}
