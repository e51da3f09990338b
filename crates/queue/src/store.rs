//! The SQL statements of the queue.

/// `select_jobs!("where ...")` selects the columns that [`Job::from_row`] reads.
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
mod channels;
mod claim;
mod control;
mod cron;
mod dependencies;
mod insert;
mod leader;
mod limited;
mod nodes;
mod owner;
mod prune;
mod statistics;
mod transition;

pub use admin::{Filter, JobDetails, NodeQueue, NodeReport, QueueCounts};
pub(crate) use admin::{counts, delete, details, list, nodes, retry};
pub(crate) use channels::{CANCELED, CHANNEL, CONTROL, CRON, DUE, LEADER};
pub(crate) use claim::{claim, has_available, stage};
pub use control::Scope;
pub(crate) use control::{Overrides, overrides, set_global_slots, set_paused, set_slots};
pub use cron::CronReport;
pub(crate) use cron::{advance_cron, crons, register_cron, request_cron_run, set_cron_paused};
pub use dependencies::Dependency;
pub(crate) use dependencies::{
    DependencyState, NewDependency, dependencies_of, insert_batch_dependencies, insert_dependencies, lock_dependencies,
    open_jobs, set_workflow,
};
pub use insert::Field;
pub(crate) use insert::{Duplicate, Insert, Inserted, Start, announce, insert, insert_all};
pub(crate) use leader::{Leader, ROLE, leadership, renew_leadership, resign, take_leadership};
pub(crate) use limited::{Claimed, claim_limited};
pub(crate) use nodes::{
    HeartbeatResult, deregister, executing_on, heartbeat, heartbeats, orphaned, other_nodes, rebase_waits,
    remove_other_nodes, remove_silent_node,
};
pub(crate) use owner::Owner;
pub(crate) use prune::{Cutoffs, prune, prune_statistics_and_overrides, reindex, vacuum};
pub use statistics::Bucket;
pub(crate) use statistics::{Totals, add_statistics, record_available, statistics};
pub use transition::cancel;
pub(crate) use transition::{JobUpdate, complete, fence, transition};

use db::{Tx, params};

use crate::{
    error::Error,
    job::{Job, JobId},
};

/// Returns the job `id`, or `None` if there is no such job.
///
/// # Errors
/// [`Error::Database`]; [`Error::Unreadable`] when the row holds a state that this version does not know.
pub async fn find(tx: &mut Tx, id: JobId) -> Result<Option<Job>, Error> {
    tx.optional(select_jobs!("where id = $1"), params![id.0]).await?.map(|row| Job::from_row(&row)).transpose()
}
