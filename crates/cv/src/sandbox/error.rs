//! The error of the sandbox.

use std::io;

use domain::Refusal;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is the cause; another try gives the same result.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No permit became available in time; try again.
    #[error("too many files are being read")]
    Busy,
    /// The child process could not be started or did not respond; try again.
    #[error("the reading process could not be started or did not respond")]
    Unavailable(#[source] io::Error),
}
