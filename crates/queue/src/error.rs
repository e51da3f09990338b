//! What a caller can decide on when the queue says no.

use crate::job::JobId;

/// An error of the queue.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The attempt was taken over, cancelled or ended: write nothing more and return.
    #[error("attempt {attempt} no longer owns job {id}")]
    LostLease {
        /// The job.
        id: JobId,
        /// The attempt that asked.
        attempt: u32,
    },
    /// The arguments of a new job have no JSON form.
    #[error("the arguments of {worker} cannot be written as JSON")]
    Arguments {
        /// The worker's name.
        worker: &'static str,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// A new job shall wait for a job that does not exist.
    #[error("there is no job {id} to wait for")]
    NoSuchJob {
        /// The job that there is not.
        id: JobId,
    },
    /// The new arguments of a job are no JSON.
    #[error("the new arguments of job {id} are no JSON")]
    Edit {
        /// The job.
        id: JobId,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// A recurring job's expression or time zone cannot be read.
    #[error("the schedule of {name} cannot be read: {reason}")]
    Schedule {
        /// Its name.
        name: String,
        /// Why not.
        reason: String,
    },
    /// A row of the table holds what this version cannot read.
    #[error("job {id} cannot be read: {what}")]
    Unreadable {
        /// The job.
        id: JobId,
        /// The column.
        what: &'static str,
    },
    /// The worker's `discarded` failed, so the job was not discarded either.
    #[error("the worker could not record that job {id} is discarded")]
    Hook {
        /// The job.
        id: JobId,
        /// What the worker said.
        #[source]
        source: HookError,
    },
    /// The database failed.
    #[error("the queue's database failed")]
    Database(#[from] db::Error),
}

/// Whatever error a worker's `discarded` meets.
pub type HookError = Box<dyn std::error::Error + Send + Sync>;
