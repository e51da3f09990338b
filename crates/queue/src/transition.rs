//! Writes the outcome of an attempt, unless it completed (see `completer`).

use std::{sync::Arc, time::Duration};

use crate::{
    backoff::with_jitter,
    context::Context,
    convert::millis,
    error::Error,
    events::Events,
    handler::{Handler, WorkerRegistry},
    job::{Job, State},
    node::Node,
    slot_pools::SlotPools,
    store::{self, CHANNEL, JobUpdate, Owner},
    worker::Outcome,
};

/// How often a transition is tried before it is left to a later heartbeat.
const MAX_TRIES: u32 = 6;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AttemptResult {
    /// The outcome that the worker returned, or that the queue assigned to a failure.
    Outcome(Outcome),
    /// The node stops: another node shall take the job, and the attempt does not count.
    HandBack,
    /// The attempt no longer owns its job.
    LostLease,
}

impl From<Outcome> for AttemptResult {
    fn from(outcome: Outcome) -> Self {
        Self::Outcome(outcome)
    }
}

/// A job's next state at the end of an attempt, and the reason if that discards the job.
pub(crate) struct Transition {
    pub update: JobUpdate,
    pub discard_reason: Option<String>,
}

impl Transition {
    fn new(handler: Option<&dyn Handler>, job: &Job, result: &AttemptResult, now: i64) -> Self {
        let outcome = match result {
            AttemptResult::Outcome(outcome) => outcome,
            AttemptResult::HandBack | AttemptResult::LostLease => return Self::hand_back(),
        };
        match outcome {
            Outcome::Complete => JobUpdate::ended(State::Completed, now).into(),
            Outcome::CompleteWith(result) => {
                JobUpdate { result: Some(result.to_string()), ..JobUpdate::ended(State::Completed, now) }.into()
            }
            Outcome::Cancel(reason) => {
                JobUpdate { errors: Some(job.history_with(now, reason)), ..JobUpdate::ended(State::Canceled, now) }
                    .into()
            }
            Outcome::Snooze(pause) => {
                let scheduled_at = Some(now.saturating_add(millis(*pause)));
                JobUpdate { scheduled_at, more_attempts: 1, ..JobUpdate::waiting(State::Scheduled) }.into()
            }
            Outcome::Retry(error) if job.attempt < job.max_attempts => Self::retry(handler, job, error, now),
            Outcome::Retry(reason) | Outcome::Discard(reason) => Self::discard(job, reason, now),
        }
    }

    /// Another node may continue immediately. The attempt's number stays used up, because it is the fence
    /// of a task that may still run. One more attempt is allowed instead, so that no number of restarts
    /// discards a job.
    fn hand_back() -> Self {
        JobUpdate { more_attempts: 1, ..JobUpdate::waiting(State::Available) }.into()
    }

    fn retry(handler: Option<&dyn Handler>, job: &Job, error: &str, now: i64) -> Self {
        let failures = u32::try_from(job.errors.len() + 1).unwrap_or(u32::MAX);
        let base = handler.map_or_else(|| crate::backoff::exponential(failures), |handler| handler.backoff(failures));
        let wait = with_jitter(base, job.id, job.attempt);
        let scheduled_at = Some(now.saturating_add(millis(wait)));
        let errors = Some(job.history_with(now, error));
        JobUpdate { scheduled_at, errors, ..JobUpdate::waiting(State::Retryable) }.into()
    }

    pub(crate) fn discard(job: &Job, reason: &str, now: i64) -> Self {
        let errors = Some(job.history_with(now, reason));
        let update = JobUpdate { errors, ..JobUpdate::ended(State::Discarded, now) };
        Self { update, discard_reason: Some(reason.to_owned()) }
    }
}

impl From<JobUpdate> for Transition {
    fn from(update: JobUpdate) -> Self {
        Self { update, discard_reason: None }
    }
}

/// Writes transitions and reports them.
pub(crate) struct Transitions {
    pub node: Arc<Node>,
    pub workers: Arc<WorkerRegistry>,
    pub pools: Arc<SlotPools>,
    pub events: Arc<Events>,
}

impl Transitions {
    /// Writes the result of an attempt, and tries again if the database fails. If it cannot be written, a
    /// later heartbeat gives the job back.
    pub(crate) async fn finish(&self, job: &Job, context: &Context, result: AttemptResult) {
        if result == AttemptResult::LostLease {
            tracing::info!(job = %job.id, attempt = job.attempt, "an attempt stopped because it lost its job");
            return;
        }
        let handler = self.workers.find(&job.worker).map(|handler| &**handler);
        let transition = Transition::new(handler, job, &result, self.node.clock.now_ms());
        let times = context.times();
        for attempt in 1..=MAX_TRIES {
            match self.apply(job, context.owner(), &transition).await {
                Ok(()) => return self.events.report(job, transition.update.state, Some(times)),
                Err(error @ (Error::LostLease { .. } | Error::Hook { .. })) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(job = %job.id, error, "the outcome of an attempt was not written");
                    return;
                }
                Err(error) => {
                    tracing::warn!(job = %job.id, error = &error as &dyn std::error::Error, "trying to write an outcome again");
                    tokio::time::sleep(Duration::from_millis(50) * 2_u32.pow(attempt)).await;
                }
            }
        }
        tracing::error!(job = %job.id, "the outcome of an attempt could not be written; the job runs again");
    }

    /// Writes the transition, and calls the worker's hook for a discard, in one transaction.
    pub(crate) async fn apply(&self, job: &Job, owner: &Owner, transition: &Transition) -> Result<(), Error> {
        let Transition { update, discard_reason } = transition;
        let mut tx = self.node.db.begin().await?;
        store::transition(&mut tx, owner, update).await?;
        if let Some((reason, handler)) = discard_reason.as_deref().zip(self.workers.find(&job.worker)) {
            let recorded = handler.discarded(&mut tx, job.version, &job.args, reason).await;
            recorded.map_err(|source| Error::Hook { id: job.id, source })?;
        }
        store::announce(&mut tx, update.state, &job.queue, update.scheduled_at.unwrap_or(job.scheduled_at));
        if self.pools.is_limited_globally(&job.queue) {
            tx.notify(CHANNEL, job.queue.as_str());
        }
        Ok(tx.commit().await?)
    }
}
