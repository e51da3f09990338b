//! The owner of a job.

use crate::{error::Error, job::JobId};

/// What identifies the owner of a job. No two attempts have the same three values.
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
