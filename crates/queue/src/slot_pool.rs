//! The slots of one queue on one node, and whether jobs may wait for them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use db::Clock;
use tokio::sync::{Notify, watch};

use crate::{
    limits::Limits,
    metrics::Meter,
    store::{NodeQueue, Overrides},
};

/// How long a claim for a few of many slots waits for more of them, because it costs as much as a large one.
const GATHER_TIMEOUT: Duration = Duration::from_millis(1);
/// With this many slots, two claims run concurrently, each for one half of them.
const WIDE_THRESHOLD: usize = 100;
/// Stands for no global limit.
const UNLIMITED: usize = 0;

pub(crate) struct SlotPool {
    pub queue: String,
    /// The limits that the program sets.
    limits: Limits,
    overrides: Mutex<Overrides>,
    /// The effective limits: the overrides, or else those of the program.
    slots: AtomicUsize,
    global: AtomicUsize,
    paused: AtomicBool,
    busy: AtomicUsize,
    freed: Notify,
    /// Incremented by everything that may have brought jobs.
    signals: AtomicU64,
    /// The value of `signals` before the last claim that found fewer jobs than slots.
    acknowledged: AtomicU64,
    /// When a rate allows more jobs to start, in milliseconds since 1970.
    retry_at: AtomicI64,
    wake: Notify,
    /// When the claim loop last polled: in milliseconds since 1970, and by [`Clock::elapsed_ms`].
    pub polled_at: watch::Sender<Option<(i64, i64)>>,
    polls: watch::Sender<u64>,
    pub meter: Meter,
}

impl SlotPool {
    pub(crate) fn new(queue: String, limits: Limits, meter: Meter) -> Self {
        Self {
            queue,
            slots: AtomicUsize::new(limits.slots),
            global: AtomicUsize::new(limits.global.unwrap_or(UNLIMITED)),
            limits,
            overrides: Mutex::default(),
            paused: AtomicBool::new(false),
            busy: AtomicUsize::new(0),
            freed: Notify::new(),
            signals: AtomicU64::new(1),
            acknowledged: AtomicU64::new(0),
            retry_at: AtomicI64::new(i64::MAX),
            wake: Notify::new(),
            polled_at: watch::Sender::new(None),
            polls: watch::Sender::new(0),
            meter,
        }
    }

    /// How many attempts may run at once on this node.
    pub(crate) fn slots(&self) -> usize {
        self.slots.load(Ordering::Acquire)
    }

    pub(crate) fn is_wide(&self) -> bool {
        self.slots() >= WIDE_THRESHOLD
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Acquire)
    }

    pub(crate) fn busy(&self) -> usize {
        self.busy.load(Ordering::Acquire)
    }

    /// The limits, if a claim has to look at the jobs of all nodes.
    pub(crate) fn shared_limits(&self) -> Option<Limits> {
        let global = Some(self.global.load(Ordering::Acquire)).filter(|slots| *slots != UNLIMITED);
        let limits = Limits { global, ..self.limits };
        limits.need_shared_claim().then_some(limits)
    }

    /// Whether a job that ends here may let one start on another node.
    pub(crate) fn is_limited_globally(&self) -> bool {
        self.global.load(Ordering::Acquire) != UNLIMITED
    }

    /// The state of the queue on this node, where these workers serve it.
    pub(crate) fn report(&self, workers: BTreeMap<String, u32>) -> NodeQueue {
        let (slots, executing, paused) = (self.slots(), self.busy(), self.is_paused());
        NodeQueue { queue: self.queue.clone(), slots, executing, paused, workers }
    }

    pub(crate) fn overrides(&self) -> Overrides {
        *self.overrides.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies the overrides that are now in the database.
    pub(crate) fn apply(&self, overrides: Overrides) {
        *self.overrides.lock().unwrap_or_else(PoisonError::into_inner) = overrides;
        self.slots.store(overrides.slots.unwrap_or(self.limits.slots), Ordering::Release);
        self.global.store(overrides.global.or(self.limits.global).unwrap_or(UNLIMITED), Ordering::Release);
        self.paused.store(overrides.paused, Ordering::Release);
        self.freed.notify_one();
        self.notify();
    }

    /// Signals that jobs may wait.
    pub(crate) fn notify(&self) {
        self.signals.fetch_add(1, Ordering::AcqRel);
        self.wake.notify_one();
    }

    /// Records that the claim loop has polled and acknowledged all signals.
    pub(crate) fn record_poll(&self, clock: &Clock) {
        self.polled_at.send_replace(Some((clock.now_ms(), clock.elapsed_ms())));
        self.polls.send_modify(|polls| *polls += 1);
    }

    /// Polls now, and waits until the claim loop has claimed all that it may.
    pub(crate) async fn poll(&self) {
        let mut polls = self.polls.subscribe();
        polls.mark_unchanged();
        self.notify();
        // The pool, and with it the sender, outlives this wait.
        let _ = polls.changed().await;
    }

    /// Waits for a signal, or until a rate allows more jobs to start.
    pub(crate) async fn wait_for_jobs(&self, now: i64) {
        let retry_at = self.retry_at.load(Ordering::Acquire);
        if retry_at == i64::MAX {
            return self.wake.notified().await;
        }
        let wait = Duration::from_millis(u64::try_from(retry_at - now).unwrap_or(0));
        if tokio::time::timeout(wait, self.wake.notified()).await.is_err() {
            self.notify();
        }
    }

    /// Returns the pending signal if jobs may wait. Pass it to [`acknowledge`](SlotPool::acknowledge) when a
    /// claim has found none left.
    pub(crate) fn pending(&self) -> Option<u64> {
        let signals = self.signals.load(Ordering::Acquire);
        (!self.is_paused() && signals != self.acknowledged.load(Ordering::Acquire)).then_some(signals)
    }

    /// Acknowledges that no more jobs can start until the next signal or `retry_at`.
    pub(crate) fn acknowledge(&self, signals: u64, retry_at: Option<i64>) {
        self.retry_at.store(retry_at.unwrap_or(i64::MAX), Ordering::Release);
        self.acknowledged.store(signals, Ordering::Release);
    }

    /// Waits for free slots and acquires all of them, or one half of a wide pool. Returns `None` if the queue
    /// is paused.
    pub(crate) async fn acquire(self: &Arc<Self>) -> Option<Permits> {
        let half = self.slots().div_ceil(2);
        match tokio::time::timeout(GATHER_TIMEOUT, self.acquire_at_least(half)).await {
            Ok(permits) => permits,
            Err(_) => self.acquire_at_least(1).await,
        }
    }

    async fn acquire_at_least(self: &Arc<Self>, min: usize) -> Option<Permits> {
        loop {
            if self.is_paused() {
                return None;
            }
            let free = self.slots().saturating_sub(self.busy());
            let half = self.slots().div_ceil(2);
            if free >= min.max(1)
                && let Some(permits) = self.try_acquire(if self.is_wide() { free.min(half) } else { free })
            {
                return Some(permits);
            }
            self.freed.notified().await;
        }
    }

    /// Acquires a slot for a job that is about to be inserted, so that it can start inline. Only if no job
    /// waits, most slots are free and a claim need not look at other nodes.
    pub(crate) fn try_acquire_inline(self: &Arc<Self>) -> Option<Permits> {
        let few = (self.slots() - self.busy().min(self.slots())) * 2 <= self.slots();
        if few || self.is_paused() || self.pending().is_some() || self.shared_limits().is_some() {
            return None;
        }
        self.try_acquire(1)
    }

    fn try_acquire(self: &Arc<Self>, wanted: usize) -> Option<Permits> {
        let slots = self.slots();
        let grow = |busy: usize| (busy + wanted <= slots).then_some(busy + wanted);
        let taken = self.busy.fetch_update(Ordering::AcqRel, Ordering::Acquire, grow);
        taken.ok().map(|_| Permits { pool: Arc::clone(self), count: wanted })
    }
}

/// Slots in use, which are freed when the permits are dropped.
pub(crate) struct Permits {
    pool: Arc<SlotPool>,
    count: usize,
}

impl Permits {
    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// Splits one permit off.
    pub(crate) fn split(&mut self) -> Option<Self> {
        self.count = self.count.checked_sub(1)?;
        Some(Self { pool: Arc::clone(&self.pool), count: 1 })
    }
}

impl Drop for Permits {
    fn drop(&mut self) {
        if self.count > 0 {
            self.pool.busy.fetch_sub(self.count, Ordering::AcqRel);
            self.pool.freed.notify_one();
        }
    }
}
