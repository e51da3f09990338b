//! How long jobs are kept after they have ended.

use std::time::Duration;

use crate::{convert::millis, store::Cutoffs};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// How long ended jobs are kept, by state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    completed: Duration,
    canceled: Duration,
    discarded: Duration,
    archive: bool,
}

impl Default for Retention {
    /// Completed jobs are deleted after a day, canceled ones after a week, discarded ones after 30 days.
    fn default() -> Self {
        Self { completed: DAY, canceled: DAY * 7, discarded: DAY * 30, archive: false }
    }
}

impl Retention {
    /// Sets how long completed jobs are kept.
    #[must_use]
    pub const fn completed(self, time: Duration) -> Self {
        Self { completed: time, ..self }
    }

    /// Sets how long canceled jobs are kept.
    #[must_use]
    pub const fn canceled(self, time: Duration) -> Self {
        Self { canceled: time, ..self }
    }

    /// Sets how long discarded jobs are kept.
    #[must_use]
    pub const fn discarded(self, time: Duration) -> Self {
        Self { discarded: time, ..self }
    }

    /// Moves jobs to the table `jobs_archive` instead of deleting them. The queue never reads that table.
    #[must_use]
    pub const fn archive(self) -> Self {
        Self { archive: true, ..self }
    }

    pub(crate) const fn archives(&self) -> bool {
        self.archive
    }

    pub(crate) fn cutoffs(&self, now: i64) -> Cutoffs {
        let before = |time| now.saturating_sub(millis(time));
        Cutoffs {
            completed: before(self.completed),
            canceled: before(self.canceled),
            discarded: before(self.discarded),
        }
    }
}
