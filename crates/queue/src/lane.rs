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

use crate::{limits::Limits, metrics::Meter, store::LaneReport};

/// A claim for a few slots of many waits so long for more, because it costs as much as a large one.
const GATHERING: Duration = Duration::from_millis(1);
/// So many slots are worth two claims at once, each for a half of them.
const MANY: usize = 100;
/// No global limit.
const NONE: usize = 0;

pub(crate) struct Lane {
    pub queue: String,
    /// What the program says.
    limits: Limits,
    told: Mutex<Told>,
    /// What holds now: the program's word, or people's.
    slots: AtomicUsize,
    global: AtomicUsize,
    paused: AtomicBool,
    busy: AtomicUsize,
    freed: Notify,
    /// Grows with everything that may have brought jobs.
    asked: AtomicU64,
    /// What `asked` was before the last claim that found fewer jobs than slots.
    answered: AtomicU64,
    /// When a limit lets more jobs start, in milliseconds since 1970.
    again_at: AtomicI64,
    wake: Notify,
    /// When its claim loop last went round: in milliseconds since 1970, and by [`Clock::elapsed_ms`].
    pub looked_at: watch::Sender<Option<(i64, i64)>>,
    rounds: watch::Sender<u64>,
    pub meter: Meter,
}

/// What people told a queue; `None` leaves what the program says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub paused: bool,
    pub slots: Option<usize>,
    pub global: Option<usize>,
}

impl Lane {
    pub(crate) fn new(queue: String, limits: Limits, meter: Meter) -> Self {
        Self {
            queue,
            slots: AtomicUsize::new(limits.slots),
            global: AtomicUsize::new(limits.global.unwrap_or(NONE)),
            limits,
            told: Mutex::default(),
            paused: AtomicBool::new(false),
            busy: AtomicUsize::new(0),
            freed: Notify::new(),
            asked: AtomicU64::new(1),
            answered: AtomicU64::new(0),
            again_at: AtomicI64::new(i64::MAX),
            wake: Notify::new(),
            looked_at: watch::Sender::new(None),
            rounds: watch::Sender::new(0),
            meter,
        }
    }

    /// Attempts that run at once here, at most.
    pub(crate) fn slots(&self) -> usize {
        self.slots.load(Ordering::Acquire)
    }

    pub(crate) fn is_wide(&self) -> bool {
        self.slots() >= MANY
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Acquire)
    }

    pub(crate) fn busy(&self) -> usize {
        self.busy.load(Ordering::Acquire)
    }

    /// The limits that hold over all nodes, if there are any: then a claim has to look at the others.
    pub(crate) fn shared_limits(&self) -> Option<Limits> {
        let global = Some(self.global.load(Ordering::Acquire)).filter(|slots| *slots != NONE);
        let limits = Limits { global, ..self.limits };
        limits.are_shared().then_some(limits)
    }

    /// Whether a job that ends here may let one start elsewhere.
    pub(crate) fn is_limited_globally(&self) -> bool {
        self.global.load(Ordering::Acquire) != NONE
    }

    /// How it goes, where these workers serve it.
    pub(crate) fn report(&self, workers: BTreeMap<String, u32>) -> LaneReport {
        let (slots, executing, paused) = (self.slots(), self.busy(), self.is_paused());
        LaneReport { queue: self.queue.clone(), slots, executing, paused, workers }
    }

    pub(crate) fn told(&self) -> Told {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what people told this queue.
    pub(crate) fn obey(&self, told: Told) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = told;
        self.slots.store(told.slots.unwrap_or(self.limits.slots), Ordering::Release);
        self.global.store(told.global.or(self.limits.global).unwrap_or(NONE), Ordering::Release);
        self.paused.store(told.paused, Ordering::Release);
        self.freed.notify_one();
        self.expect_more();
    }

    /// Says that jobs may wait.
    pub(crate) fn expect_more(&self) {
        self.asked.fetch_add(1, Ordering::AcqRel);
        self.wake.notify_one();
    }

    /// The claim loop went round: nothing that was asked is without an answer.
    pub(crate) fn note_round(&self, clock: &Clock) {
        self.looked_at.send_replace(Some((clock.now_ms(), clock.elapsed_ms())));
        self.rounds.send_modify(|rounds| *rounds += 1);
    }

    /// Waits for the end of a round that begins now.
    pub(crate) async fn look(&self) {
        let mut rounds = self.rounds.subscribe();
        rounds.mark_unchanged();
        self.expect_more();
        // The lane, and with it the sender, outlives this wait.
        let _ = rounds.changed().await;
    }

    /// Waits until somebody says so, or until a limit lets more jobs start.
    pub(crate) async fn expecting(&self, now: i64) {
        let again_at = self.again_at.load(Ordering::Acquire);
        if again_at == i64::MAX {
            return self.wake.notified().await;
        }
        let wait = Duration::from_millis(u64::try_from(again_at - now).unwrap_or(0));
        if tokio::time::timeout(wait, self.wake.notified()).await.is_err() {
            self.expect_more();
        }
    }

    /// Whether jobs may wait: what [`answer`](Lane::answer) takes once a claim found none left.
    pub(crate) fn question(&self) -> Option<u64> {
        let asked = self.asked.load(Ordering::Acquire);
        (!self.is_paused() && asked != self.answered.load(Ordering::Acquire)).then_some(asked)
    }

    /// Nothing more can start for now; perhaps `again_at`.
    pub(crate) fn answer(&self, asked: u64, again_at: Option<i64>) {
        self.again_at.store(again_at.unwrap_or(i64::MAX), Ordering::Release);
        self.answered.store(asked, Ordering::Release);
    }

    /// All free slots, at least one, once there are some, and at most a half of many; `None` when the
    /// queue was paused.
    pub(crate) async fn seats(self: &Arc<Self>) -> Option<Seats> {
        let half = self.slots().div_ceil(2);
        match tokio::time::timeout(GATHERING, self.take_when_free(half)).await {
            Ok(seats) => seats,
            Err(_) => self.take_when_free(1).await,
        }
    }

    async fn take_when_free(self: &Arc<Self>, least: usize) -> Option<Seats> {
        loop {
            if self.is_paused() {
                return None;
            }
            let free = self.slots().saturating_sub(self.busy());
            let half = self.slots().div_ceil(2);
            if free >= least.max(1)
                && let Some(seats) = self.take(if self.is_wide() { free.min(half) } else { free })
            {
                return Some(seats);
            }
            self.freed.notified().await;
        }
    }

    /// A slot for a job that is about to be inserted, if none waits and most slots are free: it
    /// then needs no claim. Not where a claim has to look at the other nodes.
    pub(crate) fn seat_at_once(self: &Arc<Self>) -> Option<Seats> {
        let few = (self.slots() - self.busy().min(self.slots())) * 2 <= self.slots();
        if few || self.is_paused() || self.question().is_some() || self.shared_limits().is_some() {
            return None;
        }
        self.take(1)
    }

    fn take(self: &Arc<Self>, wanted: usize) -> Option<Seats> {
        let slots = self.slots();
        let grow = |busy: usize| (busy + wanted <= slots).then_some(busy + wanted);
        let taken = self.busy.fetch_update(Ordering::AcqRel, Ordering::Acquire, grow);
        taken.ok().map(|_| Seats { lane: Arc::clone(self), count: wanted })
    }
}

/// Slots in use; dropping them frees them.
pub(crate) struct Seats {
    lane: Arc<Lane>,
    count: usize,
}

impl Seats {
    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// One of them.
    pub(crate) fn split(&mut self) -> Option<Self> {
        self.count = self.count.checked_sub(1)?;
        Some(Self { lane: Arc::clone(&self.lane), count: 1 })
    }
}

impl Drop for Seats {
    fn drop(&mut self) {
        if self.count > 0 {
            self.lane.busy.fetch_sub(self.count, Ordering::AcqRel);
            self.lane.freed.notify_one();
        }
    }
}
