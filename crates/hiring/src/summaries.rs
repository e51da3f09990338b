//! Reading a CV and writing its summary: the worker, and asking for it again.

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
    applications::{self, Locked},
    error::Error,
    policy, status,
    topics::{posting_topic, user_topic},
};
use attempt::{Attempt, Stop};

/// A job that found no place to read its CV looks again after this time.
const TURN: Duration = Duration::from_secs(2);

/// Reads the document of an application and writes its summary, line by line.
#[derive(Clone, Debug)]
pub struct SummarizeCv {
    hiring: Hiring,
}

/// Of which document.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct SummarizeCvArgs {
    /// The application.
    pub application: ApplicationId,
    /// Its document.
    pub document: DocumentId,
    /// Who asked for it and is told of its end; nobody when the application came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<UserId>,
}

impl SummarizeCv {
    /// The worker over these use-cases.
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
            Err(Stop::Busy) => Outcome::Snooze(TURN),
            Err(Stop::Failed(Error::NotFound { what })) => Outcome::Cancel(format!("the {what} is gone")),
            Err(Stop::Failed(error)) => Outcome::retry(&error),
        }
    }

    async fn discarded(&self, tx: &mut Tx, args: SummarizeCvArgs, _reason: &str) -> Result<(), HookError> {
        match tell_of_failure(&self.hiring, tx, args).await {
            // The application is gone: there is nobody to tell.
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(5 * 60)
    }
}

impl Hiring {
    /// Has the CV summarised again.
    ///
    /// # Errors
    /// [`Error::SignIn`], [`Error::NotFound`]; [`Error::Busy`] while it is being summarised.
    pub async fn request_summary(&self, actor: &Actor, id: ApplicationId) -> Result<(), Error> {
        let asked_by = Some(policy::may_recruit(actor)?.id);
        let mut tx = self.db().begin().await?;
        let mut locked = applications::lock(&mut tx, id).await?;
        if !locked.state.summary.state.is_final() {
            return Err(Error::Busy);
        }
        let row = tx.one(sql!("select id from documents where application_id = $1"), params![id.to_string()]).await?;
        let document = row.text("id")?.parse().map_err(|_| Error::NotFound { what: "document" })?;
        let now = self.now_ms();
        let args = SummarizeCvArgs { application: id, document, asked_by };
        queue::enqueue::<SummarizeCv>(&mut tx, &args, now).await?;
        record(&mut tx, &mut locked, asked_by, vec![SummaryDelta::Queued], now).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Writes deltas of a summary and, where its state or headline changes, tells the list of the
/// posting, the applicant and whoever asked for it. The topics are locked in the order of their names.
async fn record(
    tx: &mut Tx,
    locked: &mut Locked,
    asked_by: Option<UserId>,
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
    match asked_by {
        Some(user) if ended => tell_who_asked(tx, user, locked.id, summary, now).await,
        _ => Ok(()),
    }
}

async fn tell_who_asked(
    tx: &mut Tx,
    user: UserId,
    application: ApplicationId,
    summary: SummaryState,
    now: i64,
) -> Result<(), Error> {
    let find = sql!(
        "select candidates.name from applications join candidates on candidates.id = applications.candidate_id
         where applications.id = $1"
    );
    let name = tx.one(find, params![application.to_string()]).await?.text("name")?;
    let ended = UserEvent::SummaryEnded { application, name, summary };
    live::publish(tx, &user_topic(user), &ended, now).await?;
    Ok(())
}

/// What an applicant is told of a delta.
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

/// The job of a summary was taken away: the application says that it failed, unless another job has
/// finished it meanwhile.
pub(crate) async fn give_up(hiring: &Hiring, tx: &mut Tx, job: &Job) -> Result<(), Error> {
    let Ok(args) = serde_json::from_str::<SummarizeCvArgs>(&job.args) else { return Ok(()) };
    match applications::lock(tx, args.application).await {
        Ok(locked) if locked.state.summary.state.is_final() => Ok(()),
        Ok(_) => tell_of_failure(hiring, tx, args).await,
        Err(Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The job of a summary with these arguments runs again by hand, after it was in the state `before`:
/// so the application waits again.
///
/// # Errors
/// [`Error::Busy`] when another job writes its summary; then nothing may be committed.
pub(crate) async fn wait_again(hiring: &Hiring, tx: &mut Tx, args: &str, before: State) -> Result<(), Error> {
    let Ok(args) = serde_json::from_str::<SummarizeCvArgs>(args) else { return Ok(()) };
    let mut locked = match applications::lock(tx, args.application).await {
        Err(Error::NotFound { .. }) => return Ok(()),
        locked => locked?,
    };
    if locked.state.summary.state.is_final() {
        return record(tx, &mut locked, args.asked_by, vec![SummaryDelta::Queued], hiring.now_ms()).await;
    }
    // A job that waited for its back-off is the one that the application waits for.
    if before.is_final() { Err(Error::Busy) } else { Ok(()) }
}

async fn tell_of_failure(hiring: &Hiring, tx: &mut Tx, args: SummarizeCvArgs) -> Result<(), Error> {
    let mut locked = applications::lock(tx, args.application).await?;
    record(tx, &mut locked, args.asked_by, vec![SummaryDelta::Failed { refusal: None }], hiring.now_ms()).await
}
