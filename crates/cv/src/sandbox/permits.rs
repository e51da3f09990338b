//! Limits how many child processes run at the same time.
//!
//! Each kind of request has a semaphore of its own, so that a burst of uploads cannot starve jobs or
//! page images. Nobody waits for a permit longer than the timeout.

use std::{io, time::Duration};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::ReadError;

/// What a child process is started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestKind {
    /// Checking an upload.
    Check,
    /// Reading a document for a job or the command line.
    Read,
    /// Rendering a page as an image.
    Render,
    /// One OCR pass over one page, which takes seconds.
    Ocr,
}

const KINDS: usize = 4;
/// OCR passes are long, and a request that waits for one has already done much work.
const OCR_TIMEOUT_FACTOR: u32 = 6;

/// One semaphore for each [`RequestKind`].
#[derive(Debug)]
pub(super) struct Permits {
    semaphores: [Semaphore; KINDS],
    timeout: Duration,
}

impl Permits {
    /// Allows `concurrency` processes of each kind, at least one.
    pub(super) fn new(concurrency: usize, timeout: Duration) -> Self {
        Self { semaphores: std::array::from_fn(|_| Semaphore::new(concurrency.max(1))), timeout }
    }

    /// Waits for a permit, which is returned when it is dropped.
    ///
    /// # Errors
    /// [`ReadError::Busy`] when none becomes free in time.
    pub(super) async fn acquire(&self, kind: RequestKind) -> Result<SemaphorePermit<'_>, ReadError> {
        let (index, timeout) = match kind {
            RequestKind::Check => (0, self.timeout),
            RequestKind::Read => (1, self.timeout),
            RequestKind::Render => (2, self.timeout),
            RequestKind::Ocr => (3, self.timeout * OCR_TIMEOUT_FACTOR),
        };
        let semaphore = self.semaphores.get(index).ok_or(ReadError::Busy)?;
        match tokio::time::timeout(timeout, semaphore.acquire()).await {
            Ok(permit) => permit.map_err(|closed| ReadError::Unavailable(io::Error::other(closed))),
            Err(_) => Err(ReadError::Busy),
        }
    }
}
