//! What the tasks of one node share: its lanes (a queue's slots), its running attempts, its pace.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use db::{Clock, Db};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, broadcast, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    context::Context,
    handler::Registry,
    job::{JobId, State},
};

/// Endings that a slow listener may lag behind.
const BACKLOG: usize = 1_024;

/// An attempt that ended on this node; heard through [`Running::endings`](crate::Running::endings).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The job.
    pub id: JobId,
    /// Its worker.
    pub worker: String,
    /// Which attempt ended.
    pub attempt: u32,
    /// What the job is now.
    pub state: State,
}

/// How often a node looks, and for how long its leases hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub poll: Duration,
    pub lease: Duration,
    pub beat: Duration,
    pub rescue: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(5),
            lease: Duration::from_secs(10),
            beat: Duration::from_secs(3),
            rescue: Duration::from_secs(2),
        }
    }
}

/// The slots of one queue on this node.
pub(crate) struct Lane {
    pub queue: String,
    pub limit: usize,
    slots: Arc<Semaphore>,
    /// Whether jobs may wait: hinted at, due, or more than the last claim had slots for.
    more: AtomicBool,
}

impl Lane {
    pub(crate) fn new(queue: String, limit: usize) -> Self {
        Self { queue, limit, slots: Arc::new(Semaphore::new(limit)), more: AtomicBool::new(true) }
    }

    pub(crate) fn free(&self) -> usize {
        self.slots.available_permits()
    }

    pub(crate) fn expect_more(&self) {
        self.more.store(true, Ordering::Release);
    }

    /// The slots to claim for, if any are free and jobs may wait.
    pub(crate) fn wanted(&self) -> Option<usize> {
        let free = self.free();
        (free > 0 && self.more.swap(false, Ordering::AcqRel)).then_some(free)
    }

    /// Takes a slot. Only the claim loop does, and only what it found free.
    pub(crate) fn take(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.slots).try_acquire_owned().ok()
    }
}

/// One process's share of the queue.
pub(crate) struct Node {
    pub db: Db,
    pub clock: Clock,
    pub name: String,
    pub pace: Pace,
    pub registry: Registry,
    pub lanes: Vec<Lane>,
    /// Says that a slot became free or somebody wants a look.
    pub wake: Notify,
    /// Claim nothing more.
    pub stopping: CancellationToken,
    /// Give back what still runs.
    pub handing_back: CancellationToken,
    pub attempts: TaskTracker,
    pub endings: broadcast::Sender<Ending>,
    /// When the claim loop last went round.
    pub looked_at: watch::Sender<Option<i64>>,
    running: Mutex<HashMap<JobId, Context>>,
}

impl Node {
    pub(crate) fn new(db: Db, clock: Clock, name: String, pace: Pace, registry: Registry, lanes: Vec<Lane>) -> Self {
        Self {
            db,
            clock,
            name,
            pace,
            registry,
            lanes,
            wake: Notify::new(),
            stopping: CancellationToken::new(),
            handing_back: CancellationToken::new(),
            attempts: TaskTracker::new(),
            endings: broadcast::Sender::new(BACKLOG),
            looked_at: watch::Sender::new(None),
            running: Mutex::default(),
        }
    }

    /// Any queue may have jobs.
    pub(crate) fn expect_anything(&self) {
        self.lanes.iter().for_each(Lane::expect_more);
    }

    pub(crate) fn expect(&self, queue: &str) {
        self.lanes.iter().filter(|lane| lane.queue == queue).for_each(Lane::expect_more);
    }

    pub(crate) fn has_free_slots(&self) -> bool {
        self.lanes.iter().any(|lane| lane.free() > 0)
    }

    pub(crate) fn lease_until(&self) -> i64 {
        self.clock.now_ms() + crate::millis(self.pace.lease)
    }

    pub(crate) fn note_progress(&self) {
        self.looked_at.send_replace(Some(self.clock.now_ms()));
    }

    /// The running attempts at this moment.
    pub(crate) fn running(&self) -> Vec<Context> {
        self.locked().values().cloned().collect()
    }

    pub(crate) fn running_attempt(&self, id: JobId) -> Option<Context> {
        self.locked().get(&id).cloned()
    }

    /// Counts an attempt as running until the slot is dropped.
    pub(crate) fn occupy(self: &Arc<Self>, context: Context, permit: OwnedSemaphorePermit) -> Slot {
        self.locked().insert(context.id(), context.clone());
        Slot { node: Arc::clone(self), context, permit: Some(permit) }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<JobId, Context>> {
        // The map is whole whenever the lock is free, even after a panic.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A slot in use; dropping it frees the slot, whatever became of the attempt.
pub(crate) struct Slot {
    node: Arc<Node>,
    context: Context,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut running = self.node.locked();
        // A later attempt of the same job may have taken the place already.
        if running.get(&self.context.id()).is_some_and(|now| now.attempt() == self.context.attempt()) {
            running.remove(&self.context.id());
        }
        drop(running);
        drop(self.permit.take());
        self.node.wake.notify_one();
    }
}
