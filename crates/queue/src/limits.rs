//! How much of a queue runs at once, and how fast.

use std::time::Duration;

/// Slots of a queue without a limit of its own.
pub const DEFAULT_LIMIT: usize = 10;

/// The limits of one queue; see [`Queue::limits`](crate::Queue::limits). All but the slots hold over
/// all nodes, and cost each claim a lock on the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(crate) slots: usize,
    pub(crate) global: Option<usize>,
    pub(crate) rate: Option<Rate>,
    pub(crate) fair: bool,
}

/// So many starts in any period of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub jobs: usize,
    pub period: Duration,
    /// For each partition key apart.
    pub per_key: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(DEFAULT_LIMIT)
    }
}

impl Limits {
    /// At most `slots` jobs at once on this node, at least one.
    #[must_use]
    pub const fn new(slots: usize) -> Self {
        Self { slots: if slots == 0 { 1 } else { slots }, global: None, rate: None, fair: false }
    }

    /// At most `slots` jobs at once over all nodes, at least one.
    #[must_use]
    pub const fn global(self, slots: usize) -> Self {
        Self { global: Some(if slots == 0 { 1 } else { slots }), ..self }
    }

    /// At most `jobs` starts, at least one, within any `period`, over all nodes
    /// (`a_rate_holds_over_all_nodes`). Nodes' clocks decide: keep them together.
    #[must_use]
    pub const fn rate(self, jobs: usize, period: Duration) -> Self {
        Self { rate: Some(Rate { jobs: if jobs == 0 { 1 } else { jobs }, period, per_key: false }), ..self }
    }

    /// The same, for the jobs of each [partition key](crate::NewJob::partition) apart.
    #[must_use]
    pub const fn rate_per_key(self, jobs: usize, period: Duration) -> Self {
        Self { rate: Some(Rate { jobs: if jobs == 0 { 1 } else { jobs }, period, per_key: true }), ..self }
    }

    /// Partition keys take fair: the next slot goes to the key that runs the fewest jobs, so that
    /// one with thousands of jobs does not hold up one with a single job.
    #[must_use]
    pub const fn fair_partitions(self) -> Self {
        Self { fair: true, ..self }
    }

    /// Whether a claim has to look at more than the available jobs.
    pub(crate) const fn need_shared_claim(&self) -> bool {
        self.global.is_some() || self.rate.is_some() || self.fair
    }

    /// Whether a claim has to choose by key.
    pub(crate) const fn are_partitioned(&self) -> bool {
        self.fair || matches!(self.rate, Some(Rate { per_key: true, .. }))
    }
}
