//! How many processes read at the same time.
//!
//! Each purpose has places of its own, so that a flood of uploads keeps no job from its work and
//! no recruiter from a page. Refuses to let anybody wait without end.

use std::{io, time::Duration};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::ReadError;

/// What a process is started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The check of a file that arrives.
    Check,
    /// A reading, by a job or at the command line.
    Reading,
    /// The picture of a page for a person.
    Picture,
    /// One pass of recognition over one page: these take seconds.
    Recognition,
}

const PURPOSES: usize = 4;
/// Passes of recognition are long, and who waits for one has done others before.
const RECOGNITION_WAIT: u32 = 6;

/// The places of all purposes.
#[derive(Debug)]
pub(super) struct Places {
    free: [Semaphore; PURPOSES],
    wait: Duration,
}

impl Places {
    /// `each` places for each purpose; who finds none free waits so long.
    pub(super) fn new(each: usize, wait: Duration) -> Self {
        Self { free: std::array::from_fn(|_| Semaphore::new(each.max(1))), wait }
    }

    /// A place, given back when it is dropped.
    ///
    /// # Errors
    /// [`ReadError::Busy`] when none becomes free in time.
    pub(super) async fn take(&self, purpose: Purpose) -> Result<SemaphorePermit<'_>, ReadError> {
        let (number, wait) = match purpose {
            Purpose::Check => (0, self.wait),
            Purpose::Reading => (1, self.wait),
            Purpose::Picture => (2, self.wait),
            Purpose::Recognition => (3, self.wait * RECOGNITION_WAIT),
        };
        let free = self.free.get(number).ok_or(ReadError::Busy)?;
        match tokio::time::timeout(wait, free.acquire()).await {
            Ok(place) => place.map_err(|closed| ReadError::Unavailable(io::Error::other(closed))),
            Err(_) => Err(ReadError::Busy),
        }
    }
}
