//! Writes down how an attempt ended, unless it completed (`settler`).

use std::time::Duration;

use crate::{
    backoff::jittered,
    context::Context,
    error::Error,
    handler::Handler,
    job::{Job, State},
    metrics::Times,
    millis,
    node::{Ending, Node},
    store::{self, CHANNEL, Change, Owner},
    worker::Outcome,
};

/// So often a settlement is tried before it is left to the next beats.
const TRIES: u32 = 6;

/// What is to be written about an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The worker's word, or a failure put into its mouth.
    Ended(Outcome),
    /// The node stops: another one shall take it, and this attempt does not count.
    HandBack,
    /// The job is somebody else's by now.
    Lost,
}

impl From<Outcome> for Verdict {
    fn from(outcome: Outcome) -> Self {
        Self::Ended(outcome)
    }
}

/// Settles an attempt, through short troubles of the database too. What cannot be written is given
/// back by one of the next beats.
pub(crate) async fn settle(node: &Node, job: &Job, context: &Context, verdict: Verdict) {
    if verdict == Verdict::Lost {
        tracing::info!(job = %job.id, attempt = job.attempt, "an attempt stopped: it owns its job no more");
        return;
    }
    let (plan, times) = (Plan::new(node, job, &verdict, node.clock.now_ms()), context.times());
    for attempt in 1..=TRIES {
        match write(node, job, context.owner(), &plan).await {
            Ok(()) => return announce(node, job, plan.change.state, Some(times)),
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

/// The change, and why when it is a discard.
pub(crate) struct Plan {
    pub change: Change,
    pub discard: Option<String>,
}

impl Plan {
    fn new(node: &Node, job: &Job, verdict: &Verdict, now: i64) -> Self {
        let handler = node.registry.find(&job.worker).map(|handler| &**handler);
        let outcome = match verdict {
            Verdict::Ended(outcome) => outcome,
            Verdict::HandBack | Verdict::Lost => return Self::hand_back(),
        };
        match outcome {
            Outcome::Complete => Change::ended(State::Completed, now).into(),
            Outcome::CompleteWith(result) => {
                Change { result: Some(result.to_string()), ..Change::ended(State::Completed, now) }.into()
            }
            Outcome::Cancel(reason) => {
                Change { errors: Some(job.history_with(now, reason)), ..Change::ended(State::Cancelled, now) }.into()
            }
            Outcome::Snooze(pause) => {
                let scheduled_at = Some(now.saturating_add(millis(*pause)));
                Change { scheduled_at, more_attempts: 1, ..Change::waiting(State::Scheduled) }.into()
            }
            Outcome::Retry(error) if job.attempt < job.max_attempts => Self::retry(handler, job, error, now),
            Outcome::Retry(reason) | Outcome::Discard(reason) => Self::discard(job, reason, now),
        }
    }

    /// Another node may go on at once. The attempt's number stays used up, because it is the fence
    /// of a task that may still run; one more attempt is allowed instead, so that no number of
    /// restarts discards a job.
    fn hand_back() -> Self {
        Change { more_attempts: 1, ..Change::waiting(State::Available) }.into()
    }

    fn retry(handler: Option<&dyn Handler>, job: &Job, error: &str, now: i64) -> Self {
        let failures = u32::try_from(job.errors.len() + 1).unwrap_or(u32::MAX);
        let base = handler.map_or_else(|| crate::backoff::exponential(failures), |handler| handler.backoff(failures));
        let wait = jittered(base, job.id, job.attempt);
        let scheduled_at = Some(now.saturating_add(millis(wait)));
        let errors = Some(job.history_with(now, error));
        Change { scheduled_at, errors, ..Change::waiting(State::Retryable) }.into()
    }

    pub(crate) fn discard(job: &Job, reason: &str, now: i64) -> Self {
        let errors = Some(job.history_with(now, reason));
        Self { change: Change { errors, ..Change::ended(State::Discarded, now) }, discard: Some(reason.to_owned()) }
    }
}

impl From<Change> for Plan {
    fn from(change: Change) -> Self {
        Self { change, discard: None }
    }
}

/// Writes the plan, with the worker's own record of a discard, in one transaction.
pub(crate) async fn write(node: &Node, job: &Job, owner: &Owner, plan: &Plan) -> Result<(), Error> {
    let mut tx = node.db.begin().await?;
    store::settle(&mut tx, owner, &plan.change).await?;
    if let Some((reason, handler)) = plan.discard.as_deref().zip(node.registry.find(&job.worker)) {
        let told = handler.discarded(&mut tx, job.version, &job.args, reason).await;
        told.map_err(|source| Error::Hook { id: job.id, source })?;
    }
    store::announce(&mut tx, plan.change.state, &job.queue, plan.change.scheduled_at.unwrap_or(job.scheduled_at));
    if node.is_limited_globally(&job.queue) {
        tx.notify(CHANNEL, job.queue.as_str());
    }
    Ok(tx.commit().await?)
}

/// Tells whoever listens in this process.
pub(crate) fn announce(node: &Node, job: &Job, state: State, times: Option<Times>) {
    if state == State::Discarded {
        tracing::error!(job = %job.id, worker = %job.worker, attempt = job.attempt, "a job was discarded");
    } else {
        tracing::debug!(job = %job.id, worker = %job.worker, attempt = job.attempt, %state, "an attempt ended");
    }
    if let Some(lane) = node.lanes.iter().find(|lane| lane.queue == job.queue) {
        lane.meter.note(state, times);
    }
    if node.endings.receiver_count() == 0 {
        return;
    }
    // Nobody listening is no error.
    let _ = node.endings.send(Ending { id: job.id, worker: job.worker.clone(), attempt: job.attempt, state });
}
