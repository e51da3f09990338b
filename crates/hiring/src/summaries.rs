//! Summarizing CVs: the worker, and requesting a summary again.

mod attempt;

use std::time::Duration;

use db::{Tx, params, sql};
use domain::{
    ApplicationId, DocumentId, SummaryDelta, SummaryState, UserId,
    applicant::{Reading, StatusEvent},
    application::ApplicationEvent,
    posting::PostingEvent,
    user::UserEvent,
};
use queue::{Context, HookError, Job, Outcome, State, Worker};
use serde::{Deserialize, Serialize};

use crate::{
    Hiring,
    actor::Actor,
    applications::{self, LockedApplication},
    documents,
    error::Error,
    policy, status,
    topics::{posting_topic, user_topic},
};
use attempt::{Attempt, Stop};

/// How long a job snoozes when the sandbox has no free permit.
const BUSY_SNOOZE: Duration = Duration::from_secs(2);

/// Reads the document of an application and writes its summary, line by line.
#[derive(Clone, Debug)]
pub struct SummarizeCv {
    hiring: Hiring,
}

/// The arguments of [`SummarizeCv`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct SummarizeCvArgs {
    /// The application to summarize.
    pub application: ApplicationId,
    /// The application's document.
    pub document: DocumentId,
    /// The user who requested the summary and is notified of its end; `None` for the first summary of
    /// an application.
    #[serde(rename = "asked_by", default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<UserId>,
}

impl SummarizeCv {
    /// Creates the worker.
    #[must_use]
    pub fn new(hiring: Hiring) -> Self {
        Self { hiring }
    }
}

impl Worker for SummarizeCv {
    type Args = SummarizeCvArgs;
    const NAME: &'static str = "SummarizeCv";
    const QUEUE: &'static str = "summaries";
    const MAX_ATTEMPTS: u32 = 5;

    async fn perform(&self, args: SummarizeCvArgs, job: &Context) -> Outcome {
        match Attempt::new(&self.hiring, args, job).run().await {
            Ok(()) | Err(Stop::Refused) => Outcome::Complete,
            Err(Stop::LostLease) => Outcome::Retry("the lease was taken over".into()),
            Err(Stop::Busy) => Outcome::Snooze(BUSY_SNOOZE),
            Err(Stop::Failed(Error::NotFound { what })) => Outcome::Cancel(format!("the {what} is gone")),
            Err(Stop::Failed(error)) => Outcome::retry(&error),
        }
    }

    async fn discarded(&self, tx: &mut Tx, args: SummarizeCvArgs, _reason: &str) -> Result<(), HookError> {
        match record_failure(&self.hiring, tx, args).await {
            // The application was deleted: there is nothing to update.
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(5 * 60)
    }
}

impl Hiring {
    /// Enqueues a job that summarizes the CV again.
    ///
    /// # Errors
    /// [`Error::SignIn`] for other actors than users; [`Error::NotFound`]; [`Error::Busy`] while the CV
    /// is being summarized.
    pub async fn request_summary(&self, actor: &Actor, id: ApplicationId) -> Result<(), Error> {
        let requested_by = Some(policy::require_recruiter(actor)?.id);
        let mut tx = self.db().begin().await?;
        let mut locked = applications::lock(&mut tx, id).await?;
        if !locked.state.summary.state.is_final() {
            return Err(Error::Busy);
        }
        let document = documents::of_application(&mut tx, id).await?.ok_or(Error::NotFound { what: "document" })?;
        let now = self.now_ms();
        let args = SummarizeCvArgs { application: id, document, requested_by };
        self.enqueuer().enqueue::<SummarizeCv>(&mut tx, &args, now).await?;
        record(&mut tx, &mut locked, requested_by, vec![SummaryDelta::Queued], now).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Writes deltas of a summary and publishes changes of its state or headline to the posting's list,
/// the applicant and the user who requested it, in the order of the topics' names to avoid deadlocks.
async fn record(
    tx: &mut Tx,
    locked: &mut LockedApplication,
    requested_by: Option<UserId>,
    deltas: Vec<SummaryDelta>,
    now: i64,
) -> Result<(), Error> {
    let before = (locked.state.summary.state, applications::headline(&locked.state));
    let readings: Vec<_> = deltas.iter().filter_map(reading).collect();
    let events = deltas.into_iter().map(|delta| ApplicationEvent::Summary { delta }).collect();
    applications::record(tx, locked, events, now).await?;
    let summary = locked.state.summary.state;
    let ended = summary.is_final() && summary != before.0;
    let after = (summary, applications::headline(&locked.state));
    if before != after {
        let moved = PostingEvent::SummaryMoved { id: locked.id, summary, headline: after.1 };
        live::publish(tx, &posting_topic(locked.posting), &moved, now).await?;
    }
    for reading in readings {
        status::record(tx, locked.id, StatusEvent::Reading { reading }, now).await?;
    }
    match requested_by {
        Some(user) if ended => notify_requester(tx, user, locked.id, summary, now).await,
        _ => Ok(()),
    }
}

async fn notify_requester(
    tx: &mut Tx,
    user: UserId,
    application: ApplicationId,
    summary: SummaryState,
    now: i64,
) -> Result<(), Error> {
    let find = sql!(
        "select candidates.name from applications join candidates on candidates.id = applications.candidate_id
         where applications.id = $1"
        => String
    );
    let name = tx.one(find, params![application.to_string()]).await?;
    let ended = UserEvent::SummaryEnded { application, name, summary };
    live::publish(tx, &user_topic(user), &ended, now).await?;
    Ok(())
}

/// Returns the progress that the applicant sees after a delta; `None` if it does not change.
fn reading(delta: &SummaryDelta) -> Option<Reading> {
    let count = |pages: usize| u32::try_from(pages).unwrap_or(u32::MAX);
    match delta {
        SummaryDelta::Queued => Some(Reading::Waiting),
        SummaryDelta::Reading { .. } => Some(Reading::Started),
        SummaryDelta::Read { pages, unread, .. } => Some(Reading::Done { pages: *pages, unread: count(unread.len()) }),
        SummaryDelta::Unreadable { .. } | SummaryDelta::Failed { .. } => Some(Reading::Failed),
        SummaryDelta::Line { .. } | SummaryDelta::Ready { .. } => None,
    }
}

/// Decodes the arguments of a stored job.
pub(crate) fn stored_args(job: &Job) -> Result<SummarizeCvArgs, db::Error> {
    let stored = |error| db::Error::Stored { column: "jobs.args", source: Box::new(error) };
    serde_json::from_str(&job.args).map_err(stored)
}

/// Marks the summary of a canceled or deleted job as failed, unless another job has completed it.
pub(crate) async fn record_abandoned(hiring: &Hiring, tx: &mut Tx, job: &Job) -> Result<(), Error> {
    let args = match stored_args(job) {
        Ok(args) => args,
        // The job must not stay because it is unclear which application it was for.
        Err(error) => {
            tracing::error!(job = job.id.0, cause = ?error, "a removed job has arguments that cannot be decoded");
            return Ok(());
        }
    };
    match applications::lock(tx, args.application).await {
        Ok(locked) if locked.state.summary.state.is_final() => Ok(()),
        Ok(_) => record_failure(hiring, tx, args).await,
        Err(Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Marks a summary as queued again when an administrator retries its job, which was in the state
/// `before`.
///
/// # Errors
/// [`Error::Busy`] when another job writes the summary; the caller must roll back.
pub(crate) async fn record_retried(
    hiring: &Hiring,
    tx: &mut Tx,
    args: SummarizeCvArgs,
    before: State,
) -> Result<(), Error> {
    let mut locked = match applications::lock(tx, args.application).await {
        Err(Error::NotFound { .. }) => return Ok(()),
        locked => locked?,
    };
    if locked.state.summary.state.is_final() {
        return record(tx, &mut locked, args.requested_by, vec![SummaryDelta::Queued], hiring.now_ms()).await;
    }
    // A job that waits for its retry is the one that writes this summary.
    if before.is_final() { Err(Error::Busy) } else { Ok(()) }
}

async fn record_failure(hiring: &Hiring, tx: &mut Tx, args: SummarizeCvArgs) -> Result<(), Error> {
    let mut locked = applications::lock(tx, args.application).await?;
    record(tx, &mut locked, args.requested_by, vec![SummaryDelta::Failed { refusal: None }], hiring.now_ms()).await
}
