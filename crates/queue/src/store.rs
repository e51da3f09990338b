//! The queue's SQL.

/// `select_jobs!("where ...")`: the columns that [`Job::from_row`] reads.
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
mod dependencies;
mod insert;
mod leader;
mod limited;
mod nodes;
mod prune;
mod statistics;
mod transition;

pub use admin::{JobDetails, NodeQueue, NodeReport, QueueCounts};
pub(crate) use admin::{counts, delete, details, list, nodes, retry};
pub(crate) use claim::{claim, has_available, stage};
pub(crate) use control::{overrides, set_global_slots, set_paused, set_slots};
pub use cron::CronReport;
pub(crate) use cron::{advance_cron, crons, register_cron, request_cron_run, set_cron_paused};
pub use dependencies::Dependency;
pub(crate) use dependencies::{
    DependencyState, NewDependency, dependencies_of, insert_batch_dependencies, insert_dependencies, lock_dependencies,
    open_jobs, set_workflow,
};
pub use insert::Field;
pub(crate) use insert::{Duplicate, Insert, Inserted, Start, announce, insert, insert_all};
pub(crate) use leader::{Leader, leadership, renew_leadership, resign, take_leadership};
pub(crate) use limited::{Claimed, claim_limited};
pub(crate) use nodes::{
    HeartbeatResult, deregister, executing_on, heartbeat, heartbeats, orphaned, other_nodes, rebase_waits,
    remove_other_nodes, remove_silent_node,
};
pub(crate) use prune::{prune, prune_statistics_and_overrides, reindex, vacuum};
pub use statistics::Bucket;
pub(crate) use statistics::{add_statistics, note_available, statistics};
pub use transition::cancel;
pub(crate) use transition::{JobUpdate, complete, fence, transition};

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
pub(crate) const CANCELED: &str = "queue.cancelled";
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
    tx.optional(select_jobs!("where id = $1"), params![id.0]).await?.map(|row| Job::from_row(&row)).transpose()
}
