//! Looking at jobs and queues, and setting single jobs right by hand.

use db::{Db, Tx};
use serde::Serialize;

pub use crate::store::{Bucket, JobDetails, NodeQueue, NodeReport, QueueCounts};
use crate::{
    error::Error,
    job::{JobId, State},
    store,
};

/// So many jobs are listed at most.
pub const MAX_LIST_LEN: usize = 200;

/// Which jobs to list; every condition that is set has to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// Of this queue.
    pub queue: Option<String>,
    /// Of this worker.
    pub worker: Option<String>,
    /// In this state.
    pub state: Option<State>,
    /// With this tag.
    pub tag: Option<String>,
    /// Whose arguments hold this text, in whatever case.
    pub text: Option<String>,
    /// Of this workflow or batch.
    pub workflow: Option<JobId>,
    /// Older than this one: the last of the page before.
    pub before: Option<JobId>,
}

/// The newest jobs that the filter lets through, at most [`MAX_LIST_LEN`]; newest first.
///
/// # Errors
/// [`Error::Database`], [`Error::Unreadable`].
pub async fn list(db: &Db, filter: &Filter, limit: usize) -> Result<Vec<JobDetails>, Error> {
    store::list(db, filter, limit.min(MAX_LIST_LEN)).await
}

/// All that is known of a job, if there is one.
///
/// # Errors
/// [`Error::Database`], [`Error::Unreadable`].
pub async fn details(db: &Db, id: JobId) -> Result<Option<JobDetails>, Error> {
    store::details(db, id).await
}

/// How many jobs wait, run or failed for good, by queue. Completed jobs are not counted: there may
/// be millions.
///
/// # Errors
/// [`Error::Database`].
pub async fn counts(db: &Db) -> Result<Vec<QueueCounts>, Error> {
    store::counts(db).await
}

/// What became of attempts, by queue and ten seconds, from `since` (milliseconds since 1970) on;
/// kept for a day.
///
/// # Errors
/// [`Error::Database`].
pub async fn statistics(db: &Db, since: i64) -> Result<Vec<Bucket>, Error> {
    store::statistics(db, since).await
}

/// The nodes that have not been missed, and who leads.
///
/// # Errors
/// [`Error::Database`].
pub async fn nodes(db: &Db) -> Result<Vec<NodeReport>, Error> {
    store::nodes(db).await
}

/// Makes a job available that does not run and waits for no other: also one that has ended. Its
/// history stays, and it gets one more attempt if it had used up all. What was cancelled because of it
/// waits for it again. Whether there was one.
///
/// # Errors
/// [`Error::Database`]; [`db::Error::Unique`] in it when another job has its unique key by now.
pub async fn retry(tx: &mut Tx, id: JobId, now: i64) -> Result<bool, Error> {
    store::retry(tx, id, None, now).await
}

/// Gives a job other arguments, as JSON, and makes it available, as [`retry`] does.
///
/// # Errors
/// [`Error::Edit`] when they are no JSON; others as [`retry`].
pub async fn edit(tx: &mut Tx, id: JobId, args: &str, now: i64) -> Result<bool, Error> {
    serde_json::from_str::<serde_json::Value>(args).map_err(|source| Error::Edit { id, source })?;
    store::retry(tx, id, Some(args), now).await
}

/// Deletes a job that does not run; whether there was one. If it had not ended, jobs that need it are
/// cancelled.
///
/// # Errors
/// [`Error::Database`].
pub async fn delete(tx: &mut Tx, id: JobId, now: i64) -> Result<bool, Error> {
    store::delete(tx, id, now).await
}
