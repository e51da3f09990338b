//! The slot pools of all queues that a node serves.

use std::{collections::BTreeMap, sync::Arc};

use crate::{limits::Limits, metrics::Metrics, slot_pool::SlotPool};

/// One pool for each queue, in the order of their names.
pub(crate) struct SlotPools(Vec<Arc<SlotPool>>);

impl SlotPools {
    pub(crate) fn new(limits: BTreeMap<String, Limits>, metrics: &Metrics) -> Self {
        let pool = |(queue, limits): (String, Limits)| {
            let meter = metrics.meter(&queue);
            Arc::new(SlotPool::new(queue, limits, meter))
        };
        Self(limits.into_iter().map(pool).collect())
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Arc<SlotPool>> {
        self.0.iter()
    }

    pub(crate) fn find(&self, queue: &str) -> Option<&Arc<SlotPool>> {
        self.iter().find(|pool| pool.queue == queue)
    }

    /// The slots of all queues together.
    pub(crate) fn slots(&self) -> usize {
        self.iter().map(|pool| pool.slots()).sum()
    }

    /// Wakes the claim loop of `queue`.
    pub(crate) fn notify(&self, queue: &str) {
        self.iter().filter(|pool| pool.queue == queue).for_each(|pool| pool.notify());
    }

    /// Wakes all claim loops.
    pub(crate) fn notify_all(&self) {
        self.iter().for_each(|pool| pool.notify());
    }

    /// Whether a job that ends in this queue may let one start on another node.
    pub(crate) fn is_limited_globally(&self, queue: &str) -> bool {
        self.find(queue).is_some_and(|pool| pool.is_limited_globally())
    }
}
