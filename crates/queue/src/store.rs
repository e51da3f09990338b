//! The queue's SQL.

mod claim;
mod insert;
mod nodes;
mod settle;

pub(crate) use claim::{claim, stage};
pub(crate) use insert::{Insert, Start, insert, insert_all};
pub(crate) use nodes::{beat, beats, executed_by, forget, forget_others, leave, owned, ownerless};
pub use settle::cancel;
pub(crate) use settle::{Beat, Change, complete, fence, settle};

use db::{Tx, params, sql};

use crate::{
    error::Error,
    job::{Job, JobId},
};

/// Where available jobs are announced; the payload is the queue's name.
pub(crate) const CHANNEL: &str = "queue";
/// Where jobs for later are announced; the payload is when, in milliseconds since 1970.
pub(crate) const DUE: &str = "queue.due";
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
    tx.optional(sql, params![id.0]).await?.map(|row| Job::read(&row)).transpose()
}
