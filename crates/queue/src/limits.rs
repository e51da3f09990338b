//! Limits of a queue: how many jobs run at once, and how fast they start.

use std::time::Duration;

/// The slots of a queue for which no limit is set.
pub const DEFAULT_LIMIT: usize = 10;

/// The limits of one queue; see [`Queue::limits`](crate::Queue::limits). All but the slots apply to all nodes
/// together, and make each claim lock the queue's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(crate) slots: usize,
    pub(crate) global: Option<usize>,
    pub(crate) rate: Option<Rate>,
    pub(crate) fair: bool,
}

/// At most `jobs` starts in any window of length `period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub jobs: usize,
    pub period: Duration,
    /// Whether each partition key has its own rate.
    pub per_key: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(DEFAULT_LIMIT)
    }
}

impl Limits {
    /// Runs at most `slots` jobs at once on this node; 0 counts as 1.
    #[must_use]
    pub const fn new(slots: usize) -> Self {
        Self { slots: if slots == 0 { 1 } else { slots }, global: None, rate: None, fair: false }
    }

    /// Runs at most `slots` jobs at once on all nodes together; 0 counts as 1.
    #[must_use]
    pub const fn global(self, slots: usize) -> Self {
        Self { global: Some(if slots == 0 { 1 } else { slots }), ..self }
    }

    /// Starts at most `jobs` jobs within any `period` on all nodes together; 0 counts as 1
    /// (`a_rate_applies_to_all_nodes_together`).
    #[must_use]
    pub const fn rate(self, jobs: usize, period: Duration) -> Self {
        Self { rate: Some(Rate { jobs: if jobs == 0 { 1 } else { jobs }, period, per_key: false }), ..self }
    }

    /// Starts at most `jobs` jobs within any `period` for each [partition key](crate::NewJob::partition), on
    /// all nodes together; 0 counts as 1.
    #[must_use]
    pub const fn rate_per_key(self, jobs: usize, period: Duration) -> Self {
        Self { rate: Some(Rate { jobs: if jobs == 0 { 1 } else { jobs }, period, per_key: true }), ..self }
    }

    /// Shares the slots fairly between partition keys: the next slot goes to the key with the fewest running
    /// jobs, so that a key with thousands of jobs does not delay a key with a single one.
    #[must_use]
    pub const fn fair_partitions(self) -> Self {
        Self { fair: true, ..self }
    }

    /// Whether a claim has to look at the jobs of all nodes.
    pub(crate) const fn need_shared_claim(&self) -> bool {
        self.global.is_some() || self.rate.is_some() || self.fair
    }

    /// Whether a claim has to choose jobs by partition key.
    pub(crate) const fn are_partitioned(&self) -> bool {
        self.fair || matches!(self.rate, Some(Rate { per_key: true, .. }))
    }
}
