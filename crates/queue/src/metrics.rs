//! Counters of a node's queues, for Prometheus and for the statistics in the database.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::{
    job::State,
    store::{QueueCounts, Totals},
};

/// The upper bounds of the histograms' buckets, in seconds, from 1 ms to 5 minutes.
const BUCKETS_S: [f64; 17] =
    [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueueLabels {
    queue: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    queue: String,
    state: &'static str,
}

type Histograms = Family<QueueLabels, Histogram, fn() -> Histogram>;

/// The metrics of a node.
pub(crate) struct Metrics {
    attempts: Family<StateLabels, Counter>,
    waits: Histograms,
    runs: Histograms,
    executing: Family<QueueLabels, Gauge>,
    slots: Family<QueueLabels, Gauge>,
    jobs: Family<StateLabels, Gauge>,
    leads: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let histograms = || Histograms::new_with_constructor(|| Histogram::new(BUCKETS_S));
        Self {
            attempts: Family::default(),
            waits: histograms(),
            runs: histograms(),
            executing: Family::default(),
            slots: Family::default(),
            jobs: Family::default(),
            leads: Gauge::default(),
        }
    }
}

impl Metrics {
    /// Creates the meter of one queue.
    pub(crate) fn meter(&self, queue: &str) -> Meter {
        let of = QueueLabels { queue: queue.to_owned() };
        let attempts = |state| self.attempts.get_or_create(&StateLabels { queue: queue.to_owned(), state }).clone();
        Meter {
            completed: attempts("completed"),
            failed: attempts("failed"),
            discarded: attempts("discarded"),
            canceled: attempts("cancelled"),
            wait: self.waits.get_or_create(&of).clone(),
            run: self.runs.get_or_create(&of).clone(),
            executing: self.executing.get_or_create(&of).clone(),
            slots: self.slots.get_or_create(&of).clone(),
            wait_ms: AtomicU64::new(0),
            run_ms: AtomicU64::new(0),
            written: Mutex::default(),
        }
    }

    /// Sets the number of jobs on all nodes; `None` when this node is not the leader and does not count them.
    pub(crate) fn set_jobs(&self, counts: Option<&[QueueCounts]>) {
        self.leads.set(i64::from(counts.is_some()));
        self.jobs.clear();
        for of in counts.unwrap_or_default() {
            let states = [
                (State::Available, of.available),
                (State::Scheduled, of.scheduled),
                (State::Executing, of.executing),
                (State::Retryable, of.retryable),
                (State::Canceled, of.canceled),
                (State::Discarded, of.discarded),
            ];
            for (state, n) in states {
                let labels = StateLabels { queue: of.queue.clone(), state: state.as_str() };
                self.jobs.get_or_create(&labels).set(i64::try_from(n).unwrap_or(i64::MAX));
            }
        }
    }

    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("queue_attempts", "Attempts that ended on this node, by how", self.attempts.clone());
        registry.register_with_unit(
            "queue_wait",
            "From when a job could start to the start of its attempt",
            Unit::Seconds,
            self.waits.clone(),
        );
        registry.register_with_unit("queue_run", "How long attempts ran", Unit::Seconds, self.runs.clone());
        registry.register("queue_executing", "Slots of this node that are in use", self.executing.clone());
        registry.register("queue_slots", "Slots of this node", self.slots.clone());
        registry.register("queue_jobs", "Jobs on all nodes, by state; reported by the leader", self.jobs.clone());
        registry.register("queue_leads", "1 while this node leads", self.leads.clone());
    }
}

/// The counters of one queue on one node.
pub(crate) struct Meter {
    completed: Counter,
    failed: Counter,
    discarded: Counter,
    canceled: Counter,
    wait: Histogram,
    run: Histogram,
    executing: Gauge,
    slots: Gauge,
    wait_ms: AtomicU64,
    run_ms: AtomicU64,
    /// What the database already contains.
    written: Mutex<Totals>,
}

/// How long a job waited for an attempt and how long the attempt ran, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub wait: u64,
    pub run: u64,
}

impl Meter {
    /// Counts an attempt that moved its job to `state`.
    pub(crate) fn record(&self, state: State, times: Option<Times>) {
        match state {
            State::Completed => self.completed.inc(),
            State::Discarded => self.discarded.inc(),
            State::Canceled => self.canceled.inc(),
            State::Retryable => self.failed.inc(),
            // A snooze or a hand-back is neither a success nor a failure.
            State::Scheduled | State::Available | State::Executing => return,
        };
        if let Some(Times { wait, run }) = times {
            self.wait.observe(seconds(wait));
            self.run.observe(seconds(run));
            self.wait_ms.fetch_add(wait, Ordering::Relaxed);
            self.run_ms.fetch_add(run, Ordering::Relaxed);
        }
    }

    pub(crate) fn set_slots(&self, executing: usize, slots: usize) {
        self.executing.set(i64::try_from(executing).unwrap_or(i64::MAX));
        self.slots.set(i64::try_from(slots).unwrap_or(i64::MAX));
    }

    /// Returns what is not in the database yet, and the totals to pass to [`Meter::mark_written`]; `None` if
    /// there is nothing new.
    pub(crate) fn unwritten(&self) -> Option<(Totals, Totals)> {
        let now = Totals {
            completed: self.completed.get(),
            failed: self.failed.get(),
            discarded: self.discarded.get(),
            canceled: self.canceled.get(),
            wait_ms: self.wait_ms.load(Ordering::Relaxed),
            run_ms: self.run_ms.load(Ordering::Relaxed),
        };
        let more = now.less(*self.written.lock().unwrap_or_else(PoisonError::into_inner));
        (more != Totals::default()).then_some((more, now))
    }

    pub(crate) fn mark_written(&self, totals: Totals) {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = totals;
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a job's life are far below 2^52")]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}
