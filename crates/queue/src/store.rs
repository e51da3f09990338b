//! The queue's SQL.

/// `select_jobs!("where ...")`: the columns that [`Job::read`] reads.
macro_rules! select_jobs {
    ($rest:literal) => {
        db::sql!(
            "select id, queue, worker, version, args, state, attempt, max_attempts, scheduled_at, node, errors, trace
             from jobs ",
            $rest
        )
    };
}

mod admin;
mod claim;
mod control;
mod cron;
mod insert;
mod leader;
mod limited;
mod needs;
mod nodes;
mod prune;
mod settle;
mod statistics;

pub use admin::{JobDetails, LaneReport, NodeReport, QueueCounts};
pub(crate) use admin::{counts, delete, details, list, nodes, retry};
pub(crate) use claim::{claim, stage, waits};
pub(crate) use control::{set_global_slots, set_paused, set_slots, told};
pub use cron::CronReport;
pub(crate) use cron::{advance_cron, ask_cron, crons, register_cron, set_cron_paused};
pub use insert::Field;
pub(crate) use insert::{Duplicate, Insert, Inserted, Start, announce, insert, insert_all};
pub(crate) use leader::{Leadership, keep_lead, leadership, resign, take_lead};
pub(crate) use limited::{Claimed, claim_limited};
pub use needs::Needed;
pub(crate) use needs::{Need, Standing, follow, follow_batch, hold, join, needs_of, open_jobs};
pub(crate) use nodes::{Beaten, beat, beats, forget, forget_others, leave, others, owned, ownerless, wait_anew};
pub(crate) use prune::{prune, prune_others, reindex, vacuum};
pub use settle::cancel;
pub(crate) use settle::{Change, complete, fence, settle};
pub use statistics::Bucket;
pub(crate) use statistics::{add_statistics, note_available, statistics};

use db::{Tx, params};

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
/// Where it is said that a queue was told something; the payload is the queue's name.
pub(crate) const CONTROL: &str = "queue.control";

/// Where it is said that a recurring job was told something; the payload is its name.
pub(crate) const CRON: &str = "queue.cron";
/// Where a leader says that it resigned.
pub(crate) const LEADER: &str = "queue.leader";

/// A number of things, as the database counts them.
pub(crate) fn count(n: i64) -> usize {
    usize::try_from(n).unwrap_or(0)
}

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
    tx.optional(select_jobs!("where id = $1"), params![id.0]).await?.map(|row| Job::read(&row)).transpose()
}
