//! Queries over jobs, queues and nodes, and manual changes to single jobs.

use db::{Db, Tx};

pub use crate::store::{Bucket, Filter, JobDetails, NodeQueue, NodeReport, QueueCounts};
use crate::{error::Error, job::JobId, store};

/// The most jobs that [`list`] returns.
pub const MAX_LIST_LEN: usize = 200;

/// Lists the jobs that match the filter, newest first, at most `limit` and at most [`MAX_LIST_LEN`].
///
/// # Errors
/// [`Error::Database`]; [`Error::Unreadable`] when a row holds a state that this version does not know.
pub async fn list(db: &Db, filter: &Filter, limit: usize) -> Result<Vec<JobDetails>, Error> {
    store::list(db, filter, limit.min(MAX_LIST_LEN)).await
}

/// Returns everything that the database holds about a job, or `None` if there is no such job.
///
/// # Errors
/// [`Error::Database`]; [`Error::Unreadable`] when the row holds a state that this version does not know.
pub async fn details(db: &Db, id: JobId) -> Result<Option<JobDetails>, Error> {
    store::details(db, id).await
}

/// Counts the jobs of each queue by state, in the order of the queues' names. Completed jobs are not counted,
/// because there may be millions of them.
///
/// # Errors
/// [`Error::Database`].
pub async fn counts(db: &Db) -> Result<Vec<QueueCounts>, Error> {
    store::counts(db).await
}

/// Returns the outcomes of attempts since `since` (milliseconds since 1970), for each queue in buckets of ten
/// seconds. The database keeps them for a day.
///
/// # Errors
/// [`Error::Database`].
pub async fn statistics(db: &Db, since: i64) -> Result<Vec<Bucket>, Error> {
    store::statistics(db, since).await
}

/// Lists the nodes that are alive and says which of them is the leader.
///
/// # Errors
/// [`Error::Database`].
pub async fn nodes(db: &Db) -> Result<Vec<NodeReport>, Error> {
    store::nodes(db).await
}

/// Makes a job available again, unless it is executing or waits for another job; a final job may be retried
/// too. It keeps its history and gets one more attempt if it has used up all of them. Jobs that were canceled
/// because of it wait for it again. Returns whether the job was changed.
///
/// # Errors
/// [`Error::Database`], which holds [`db::Error::Unique`] when another job has taken its unique key.
pub async fn retry(tx: &mut Tx, id: JobId, now: i64) -> Result<bool, Error> {
    store::retry(tx, id, None, now).await
}

/// Replaces a job's arguments with this JSON text and makes it available, as [`retry`] does.
///
/// # Errors
/// [`Error::Edit`] when `args` is not JSON; otherwise as [`retry`].
pub async fn edit(tx: &mut Tx, id: JobId, args: &str, now: i64) -> Result<bool, Error> {
    serde_json::from_str::<serde_json::Value>(args).map_err(|source| Error::Edit { id, source })?;
    store::retry(tx, id, Some(args), now).await
}

/// Deletes a job unless it is executing, and returns whether it was deleted. If the job had not ended, the
/// jobs that depend on it are canceled.
///
/// # Errors
/// [`Error::Database`].
pub async fn delete(tx: &mut Tx, id: JobId, now: i64) -> Result<bool, Error> {
    store::delete(tx, id, now).await
}
