//! Writes down how an attempt ended, unless it completed (`completer`).

use std::time::Duration;

use crate::{
    backoff::with_jitter,
    context::Context,
    error::Error,
    handler::Handler,
    job::{Job, State},
    metrics::Times,
    millis,
    node::{AttemptEnded, Node},
    store::{self, CHANNEL, JobUpdate, Owner},
    worker::Outcome,
};

/// So often a settlement is tried before it is left to the next beats.
const MAX_TRIES: u32 = 6;

/// What is to be written about an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AttemptResult {
    /// The worker's word, or a failure put into its mouth.
    Outcome(Outcome),
    /// The node stops: another one shall take it, and this attempt does not count.
    HandBack,
    /// The job is somebody else's by now.
    LostLease,
}

impl From<Outcome> for AttemptResult {
    fn from(outcome: Outcome) -> Self {
        Self::Outcome(outcome)
    }
}

/// Settles an attempt, through short troubles of the database too. What cannot be written is given
/// back by one of the next beats.
pub(crate) async fn finish(node: &Node, job: &Job, context: &Context, verdict: AttemptResult) {
    if verdict == AttemptResult::LostLease {
        tracing::info!(job = %job.id, attempt = job.attempt, "an attempt stopped: it owns its job no more");
        return;
    }
    let (plan, times) = (Transition::new(node, job, &verdict, node.clock.now_ms()), context.times());
    for attempt in 1..=MAX_TRIES {
        match apply(node, job, context.owner(), &plan).await {
            Ok(()) => return report(node, job, plan.update.state, Some(times)),
            Err(error @ (Error::LostLease { .. } | Error::Hook { .. })) => {
                tracing::warn!(job = %job.id, error = &error as &dyn std::error::Error, "an attempt is not settled");
                return;
            }
            Err(error) => {
                tracing::warn!(job = %job.id, error = &error as &dyn std::error::Error, "settling again soon");
                tokio::time::sleep(Duration::from_millis(50) * 2_u32.pow(attempt)).await;
            }
        }
    }
    tracing::error!(job = %job.id, "an attempt could not be settled; the job runs again");
}

/// The update, and why when it is a discard.
pub(crate) struct Transition {
    pub update: JobUpdate,
    pub discard_reason: Option<String>,
}

impl Transition {
    fn new(node: &Node, job: &Job, verdict: &AttemptResult, now: i64) -> Self {
        let handler = node.registry.find(&job.worker).map(|handler| &**handler);
        let outcome = match verdict {
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

    /// Another node may go on at once. The attempt's number stays used up, because it is the fence
    /// of a task that may still run; one more attempt is allowed instead, so that no number of
    /// restarts discards a job.
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
        Self {
            update: JobUpdate { errors, ..JobUpdate::ended(State::Discarded, now) },
            discard_reason: Some(reason.to_owned()),
        }
    }
}

impl From<JobUpdate> for Transition {
    fn from(update: JobUpdate) -> Self {
        Self { update, discard_reason: None }
    }
}

/// Writes the plan, with the worker's own record of a discard, in one transaction.
pub(crate) async fn apply(node: &Node, job: &Job, owner: &Owner, plan: &Transition) -> Result<(), Error> {
    let mut tx = node.db.begin().await?;
    store::transition(&mut tx, owner, &plan.update).await?;
    if let Some((reason, handler)) = plan.discard_reason.as_deref().zip(node.registry.find(&job.worker)) {
        let told = handler.discarded(&mut tx, job.version, &job.args, reason).await;
        told.map_err(|source| Error::Hook { id: job.id, source })?;
    }
    store::announce(&mut tx, plan.update.state, &job.queue, plan.update.scheduled_at.unwrap_or(job.scheduled_at));
    if node.is_limited_globally(&job.queue) {
        tx.notify(CHANNEL, job.queue.as_str());
    }
    Ok(tx.commit().await?)
}

/// Tells whoever listens in this process.
pub(crate) fn report(node: &Node, job: &Job, state: State, times: Option<Times>) {
    if state == State::Discarded {
        tracing::error!(job = %job.id, worker = %job.worker, attempt = job.attempt, "a job was discarded");
    } else {
        tracing::debug!(job = %job.id, worker = %job.worker, attempt = job.attempt, %state, "an attempt ended");
    }
    if let Some(pool) = node.pools.iter().find(|pool| pool.queue == job.queue) {
        pool.meter.record(state, times);
    }
    if node.events.receiver_count() == 0 {
        return;
    }
    // Nobody listening is no error.
    let _ = node.events.send(AttemptEnded { id: job.id, worker: job.worker.clone(), attempt: job.attempt, state });
}
