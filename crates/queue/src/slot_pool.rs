//! One queue's slots on one node, and whether jobs may wait for them.

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

use crate::{limits::Limits, metrics::Meter, store::NodeQueue};

/// A claim for a few slots of many waits so long for more, because it costs as much as a large one.
const GATHER_TIMEOUT: Duration = Duration::from_millis(1);
/// So many slots are worth two claims at once, each for a half of them.
const WIDE_THRESHOLD: usize = 100;
/// No global limit.
const UNLIMITED: usize = 0;

pub(crate) struct SlotPool {
    pub queue: String,
    /// What the program says.
    limits: Limits,
    overrides: Mutex<Overrides>,
    /// What holds now: the program's word, or people's.
    slots: AtomicUsize,
    global: AtomicUsize,
    paused: AtomicBool,
    busy: AtomicUsize,
    freed: Notify,
    /// Grows with everything that may have brought jobs.
    signals: AtomicU64,
    /// What `signals` was before the last claim that found fewer jobs than slots.
    acknowledged: AtomicU64,
    /// When a limit lets more jobs start, in milliseconds since 1970.
    retry_at: AtomicI64,
    wake: Notify,
    /// When its claim loop last went round: in milliseconds since 1970, and by [`Clock::elapsed_ms`].
    pub polled_at: watch::Sender<Option<(i64, i64)>>,
    polls: watch::Sender<u64>,
    pub meter: Meter,
}

/// What people told a queue; `None` leaves what the program says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    pub paused: bool,
    pub slots: Option<usize>,
    pub global: Option<usize>,
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

    /// Attempts that run at once here, at most.
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

    /// The limits that hold over all nodes, if there are any: then a claim has to look at the others.
    pub(crate) fn shared_limits(&self) -> Option<Limits> {
        let global = Some(self.global.load(Ordering::Acquire)).filter(|slots| *slots != UNLIMITED);
        let limits = Limits { global, ..self.limits };
        limits.need_shared_claim().then_some(limits)
    }

    /// Whether a job that ends here may let one start elsewhere.
    pub(crate) fn is_limited_globally(&self) -> bool {
        self.global.load(Ordering::Acquire) != UNLIMITED
    }

    /// How it goes, where these workers serve it.
    pub(crate) fn report(&self, workers: BTreeMap<String, u32>) -> NodeQueue {
        let (slots, executing, paused) = (self.slots(), self.busy(), self.is_paused());
        NodeQueue { queue: self.queue.clone(), slots, executing, paused, workers }
    }

    pub(crate) fn overrides(&self) -> Overrides {
        *self.overrides.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what people told this queue.
    pub(crate) fn apply(&self, overrides: Overrides) {
        *self.overrides.lock().unwrap_or_else(PoisonError::into_inner) = overrides;
        self.slots.store(overrides.slots.unwrap_or(self.limits.slots), Ordering::Release);
        self.global.store(overrides.global.or(self.limits.global).unwrap_or(UNLIMITED), Ordering::Release);
        self.paused.store(overrides.paused, Ordering::Release);
        self.freed.notify_one();
        self.notify();
    }

    /// Says that jobs may wait.
    pub(crate) fn notify(&self) {
        self.signals.fetch_add(1, Ordering::AcqRel);
        self.wake.notify_one();
    }

    /// The claim loop went round: nothing that was signals is without an answer.
    pub(crate) fn record_poll(&self, clock: &Clock) {
        self.polled_at.send_replace(Some((clock.now_ms(), clock.elapsed_ms())));
        self.polls.send_modify(|polls| *polls += 1);
    }

    /// Waits for the end of a round that begins now.
    pub(crate) async fn poll(&self) {
        let mut polls = self.polls.subscribe();
        polls.mark_unchanged();
        self.notify();
        // The lane, and with it the sender, outlives this wait.
        let _ = polls.changed().await;
    }

    /// Waits until somebody says so, or until a limit lets more jobs start.
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

    /// Whether jobs may wait: what [`acknowledge`](SlotPool::acknowledge) takes once a claim found none left.
    pub(crate) fn pending(&self) -> Option<u64> {
        let signals = self.signals.load(Ordering::Acquire);
        (!self.is_paused() && signals != self.acknowledged.load(Ordering::Acquire)).then_some(signals)
    }

    /// Nothing more can start for now; perhaps `retry_at`.
    pub(crate) fn acknowledge(&self, signals: u64, retry_at: Option<i64>) {
        self.retry_at.store(retry_at.unwrap_or(i64::MAX), Ordering::Release);
        self.acknowledged.store(signals, Ordering::Release);
    }

    /// All free slots, at least one, once there are some, and at most a half of many; `None` when the
    /// queue was paused.
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

    /// A slot for a job that is about to be inserted, if none waits and most slots are free: it
    /// then needs no claim. Not where a claim has to look at the other nodes.
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

/// Slots in use; dropping them frees them.
pub(crate) struct Permits {
    pool: Arc<SlotPool>,
    count: usize,
}

impl Permits {
    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// One of them.
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
