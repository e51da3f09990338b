//! The queue's SQL.

mod claim;
mod insert;
mod lease;
mod settle;

pub(crate) use claim::{claim, next_due, stage};
pub(crate) use insert::{Insert, insert};
pub(crate) use lease::{beat, expired, extend, orphaned, owned};
pub use settle::cancel;
pub(crate) use settle::{Change, settle};

use db::{Tx, params, sql};

use crate::{
    error::Error,
    job::{Job, JobId},
};

/// Where the queue's hints go; the payload is the queue's name.
pub(crate) const CHANNEL: &str = "queue";
/// Where cancelled jobs are announced; the payload is the job's id.
pub(crate) const CANCELLED: &str = "queue.cancelled";

/// An attempt's title to its job: nobody else ever has the same three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub id: JobId,
    pub attempt: u32,
    pub node: String,
}

impl Owner {
    pub(crate) fn lost(&self) -> Error {
        Error::LostLease { id: self.id, attempt: self.attempt }
    }
}

/// The job `id`, if there is one.
///
/// # Errors
/// [`Error::Database`], [`Error::Unreadable`].
pub async fn find(tx: &mut Tx, id: JobId) -> Result<Option<Job>, Error> {
    let sql = sql!(
        "select id, queue, worker, args, state, attempt, max_attempts, scheduled_at, node, errors
         from jobs where id = $1"
    );
    tx.optional(sql, params![id.to_string()]).await?.map(|row| Job::read(&row)).transpose()
}
