//! One queue's slots on one node, and whether jobs may wait for them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

/// A slot in use; dropping it frees the slot.
pub(crate) type Seat = OwnedSemaphorePermit;

/// A claim for a few slots of many waits so long for more, because it costs as much as a large one.
const GATHERING: Duration = Duration::from_millis(1);

pub(crate) struct Lane {
    pub queue: String,
    pub limit: usize,
    slots: Arc<Semaphore>,
    /// Grows with everything that may have brought jobs.
    asked: AtomicU64,
    /// What `asked` was before the last claim that found fewer jobs than slots.
    answered: AtomicU64,
    wake: Notify,
    /// When its claim loop last went round with a working database.
    pub looked_at: watch::Sender<Option<i64>>,
}

impl Lane {
    pub(crate) fn new(queue: String, limit: usize) -> Self {
        Self {
            queue,
            limit,
            slots: Arc::new(Semaphore::new(limit)),
            asked: AtomicU64::new(1),
            answered: AtomicU64::new(0),
            wake: Notify::new(),
            looked_at: watch::Sender::new(None),
        }
    }

    /// Says that jobs may wait.
    pub(crate) fn expect_more(&self) {
        self.asked.fetch_add(1, Ordering::AcqRel);
        self.wake.notify_one();
    }

    /// Waits until somebody says so.
    pub(crate) async fn expecting(&self) {
        self.wake.notified().await;
    }

    /// Whether jobs may wait: what [`answer`](Lane::answer) takes once a claim found none left.
    pub(crate) fn question(&self) -> Option<u64> {
        let asked = self.asked.load(Ordering::Acquire);
        (asked != self.answered.load(Ordering::Acquire)).then_some(asked)
    }

    pub(crate) fn answer(&self, asked: u64) {
        self.answered.store(asked, Ordering::Release);
    }

    /// All free slots, at least one, once there are some.
    pub(crate) async fn seats(&self) -> Option<Seat> {
        let half = u32::try_from(self.limit.div_ceil(2)).unwrap_or(u32::MAX);
        let slots = Arc::clone(&self.slots);
        let mut seats = match tokio::time::timeout(GATHERING, slots.acquire_many_owned(half)).await {
            Ok(seats) => seats.ok()?,
            Err(_) => Arc::clone(&self.slots).acquire_owned().await.ok()?,
        };
        let free = u32::try_from(self.slots.available_permits()).unwrap_or(u32::MAX);
        // Somebody may have taken one just now; then the next claim gets the others.
        if let Ok(more) = Arc::clone(&self.slots).try_acquire_many_owned(free) {
            seats.merge(more);
        }
        Some(seats)
    }

    /// A slot for a job that is about to be inserted, if none waits and most slots are free: it
    /// then needs no claim.
    pub(crate) fn seat_at_once(&self) -> Option<Seat> {
        if self.question().is_some() || self.slots.available_permits() * 2 <= self.limit {
            return None;
        }
        Arc::clone(&self.slots).try_acquire_owned().ok()
    }
}
