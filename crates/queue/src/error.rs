//! The errors of the queue, one variant for each decision that a caller can make.

use crate::job::JobId;

/// An error of the queue.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The attempt no longer owns its job, which was taken over, canceled or ended. Write nothing more and
    /// return.
    #[error("attempt {attempt} no longer owns job {id}")]
    LostLease {
        /// The job's id.
        id: JobId,
        /// The number of the attempt that lost the job.
        attempt: u32,
    },
    /// The arguments of a new job cannot be serialized.
    #[error("the arguments of {worker} cannot be written as JSON")]
    Arguments {
        /// The worker's name.
        worker: &'static str,
        /// The error of the serializer.
        #[source]
        source: serde_json::Error,
    },
    /// A new job depends on a job that does not exist.
    #[error("there is no job {id} to wait for")]
    NoSuchJob {
        /// The id of the missing job.
        id: JobId,
    },
    /// The new arguments for a job are not JSON.
    #[error("the new arguments of job {id} are not JSON")]
    Edit {
        /// The job's id.
        id: JobId,
        /// The error of the parser.
        #[source]
        source: serde_json::Error,
    },
    /// The cron expression or the time zone of a recurring job is invalid.
    #[error("the schedule of {name} cannot be read: {reason}")]
    Schedule {
        /// The recurring job's name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A list is filtered by a value that no job can have.
    #[error("the filter's field {field} is invalid")]
    InvalidFilter {
        /// The name of the field.
        field: &'static str,
    },
    /// A row holds a value that this version cannot read.
    #[error("job {id} cannot be read: {what}")]
    Unreadable {
        /// The job's id.
        id: JobId,
        /// The column that holds the value.
        what: &'static str,
    },
    /// The worker's `discarded` hook failed, so the job was not discarded either.
    #[error("the discarded hook of job {id} failed")]
    Hook {
        /// The job's id.
        id: JobId,
        /// The error that the hook returned.
        #[source]
        source: HookError,
    },
    /// The database failed.
    #[error("the queue's database failed")]
    Database(#[from] db::Error),
}

/// The error of a worker's [`discarded`](crate::Worker::discarded) hook.
pub type HookError = Box<dyn std::error::Error + Send + Sync>;
