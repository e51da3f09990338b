//! What the tasks of one node share: its pools, its running attempts, its pace.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use db::{Clock, Db};
use tokio::sync::{Notify, broadcast, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    completer::CompletionBatch,
    context::Context,
    cron::Cron,
    handler::WorkerRegistry,
    job::{JobId, State},
    leader::Leadership,
    limits::Limits,
    metrics::Metrics,
    millis,
    rescuer::Observations,
    retention::Retention,
    slot_pool::{Permits, SlotPool},
    stager::NextDue,
    trace::Link,
    unsupported::UnsupportedJobs,
};

/// Endings that a slow listener may lag behind.
const BACKLOG: usize = 1_024;

/// An attempt that ended on this node; heard through [`Running::events`](crate::Running::endings).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptEnded {
    /// The job.
    pub id: JobId,
    /// Its worker.
    pub worker: String,
    /// Which attempt ended.
    pub attempt: u32,
    /// What the job is now.
    pub state: State,
}

/// What is not needed for claiming begins so much later, so that the first jobs do not wait for it.
pub(crate) const STARTUP_DELAY: Duration = Duration::from_millis(100);

/// How often a node looks, and for how long it may be silent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intervals {
    pub poll: Duration,
    pub lease: Duration,
    pub beat: Duration,
    pub rescue: Duration,
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(5),
            lease: Duration::from_secs(10),
            beat: Duration::from_secs(3),
            rescue: Duration::from_secs(2),
        }
    }
}

/// One process's share of the queue.
pub(crate) struct Node {
    pub db: Db,
    /// The database's time, as of the last beat, and on from there evenly: it matters to nobody how the
    /// clock of this machine is set. Of an SQLite file this machine's.
    pub clock: Clock,
    pub name: String,
    pub pace: Intervals,
    pub registry: WorkerRegistry,
    pub pools: Vec<Arc<SlotPool>>,
    pub metrics: Metrics,
    pub link: Option<Link>,
    /// When it was made, by its clock.
    pub started_at: i64,
    pub due: NextDue,
    pub completions: CompletionBatch,
    pub observations: Observations,
    pub unsupported: UnsupportedJobs,
    /// Asks for a beat out of turn.
    pub heartbeat_now: Notify,
    /// Queues were told something.
    pub overrides_changed: Notify,
    /// How often it did what they were told.
    pub overrides_applied: watch::Sender<u64>,
    pub crons: Vec<Cron>,
    /// A recurring job was told something.
    pub crons_changed: Notify,
    pub crons_registered: watch::Sender<bool>,
    pub lead: Leadership,
    pub retention: Retention,
    /// Claim nothing more.
    pub stopping: CancellationToken,
    /// Give back what still runs.
    pub handing_back: CancellationToken,
    pub attempts: TaskTracker,
    pub events: broadcast::Sender<AttemptEnded>,
    /// When the last beat was written, by [`Clock::elapsed_ms`].
    heartbeat_at: watch::Sender<Option<i64>>,
    running: Mutex<HashMap<JobId, Context>>,
}

impl Node {
    pub(crate) fn new(
        db: Db,
        clock: Clock,
        name: String,
        pace: Intervals,
        registry: WorkerRegistry,
        limits: BTreeMap<String, Limits>,
    ) -> Self {
        let metrics = Metrics::default();
        let pool = |(queue, limits): (String, Limits)| {
            let meter = metrics.meter(&queue);
            Arc::new(SlotPool::new(queue, limits, meter))
        };
        let pools: Vec<_> = limits.into_iter().map(pool).collect();
        let slots = pools.iter().map(|pool| pool.slots()).sum();
        let clock = clock.steady();
        let started_at = clock.now_ms();
        Self {
            db,
            clock,
            name,
            pace,
            registry,
            pools,
            metrics,
            link: None,
            started_at,
            due: NextDue::default(),
            completions: CompletionBatch::new(slots),
            observations: Observations::default(),
            unsupported: UnsupportedJobs::default(),
            heartbeat_now: Notify::new(),
            overrides_changed: Notify::new(),
            overrides_applied: watch::Sender::new(0),
            crons: Vec::new(),
            crons_changed: Notify::new(),
            crons_registered: watch::Sender::new(false),
            lead: Leadership::default(),
            retention: Retention::default(),
            stopping: CancellationToken::new(),
            handing_back: CancellationToken::new(),
            attempts: TaskTracker::new(),
            events: broadcast::Sender::new(BACKLOG),
            heartbeat_at: watch::Sender::new(None),
            running: Mutex::default(),
        }
    }

    /// Any queue may have jobs.
    pub(crate) fn notify_all(&self) {
        self.pools.iter().for_each(|pool| pool.notify());
    }

    pub(crate) fn notify(&self, queue: &str) {
        self.pools.iter().filter(|pool| pool.queue == queue).for_each(|pool| pool.notify());
    }

    /// A slot of `queue` for a job of `worker` that is about to be inserted, so that it can start
    /// at the commit, without a claim. Only while this node is known to live and nothing waits.
    pub(crate) fn try_acquire_inline(&self, queue: &str, worker: &str) -> Option<Permits> {
        if self.stopping.is_cancelled()
            || *self.overrides_applied.borrow() == 0
            || !self.has_recent_heartbeat()
            || self.registry.find(worker).is_none()
        {
            return None;
        }
        self.pools.iter().find(|pool| pool.queue == queue)?.try_acquire_inline()
    }

    pub(crate) fn record_heartbeat(&self) {
        self.heartbeat_at.send_replace(Some(self.clock.elapsed_ms()));
    }

    /// Whether an end in this queue may let a job start on another node.
    pub(crate) fn is_limited_globally(&self, queue: &str) -> bool {
        self.pools.iter().any(|pool| pool.queue == queue && pool.is_limited_globally())
    }

    /// Waits for the first beat (what a node claims without one looks like a dead node's), and until
    /// it knows what queues are paused.
    pub(crate) async fn wait_ready(&self) {
        // The node, and with it the senders, outlives this wait.
        self.first_heartbeat().await;
        let _ = self.overrides_applied.subscribe().wait_for(|times| *times > 0).await;
    }

    /// Waits for the first beat: from then on the time is right.
    pub(crate) async fn first_heartbeat(&self) {
        // The node, and with it the sender, outlives this wait.
        let _ = self.heartbeat_at.subscribe().wait_for(Option::is_some).await;
    }

    fn has_recent_heartbeat(&self) -> bool {
        self.has_heartbeat_within(self.pace.lease / 2)
    }

    /// Whether the others do not take it for dead.
    pub(crate) fn is_alive(&self) -> bool {
        self.has_heartbeat_within(self.pace.lease)
    }

    fn has_heartbeat_within(&self, time: Duration) -> bool {
        let fresh = self.clock.elapsed_ms() - millis(time);
        self.heartbeat_at.borrow().is_some_and(|at| at >= fresh)
    }

    /// The attempts of this node that have not been written down yet.
    pub(crate) fn running(&self) -> Vec<Context> {
        self.locked().values().cloned().collect()
    }

    pub(crate) fn running_attempt(&self, id: JobId) -> Option<Context> {
        self.locked().get(&id).cloned()
    }

    /// Counts an attempt as running until the entry is dropped.
    pub(crate) fn enter(self: &Arc<Self>, context: Context) -> RunningGuard {
        self.locked().insert(context.id(), context.clone());
        RunningGuard { node: Arc::clone(self), context }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<JobId, Context>> {
        // The map is whole whenever the lock is free, even after a panic.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attempt's place among the running ones; dropping it gives it up, whatever became of the attempt.
pub(crate) struct RunningGuard {
    node: Arc<Node>,
    pub context: Context,
}

impl Drop for RunningGuard {
    fn drop(&mut self) {
        let mut running = self.node.locked();
        // A later attempt of the same job may have taken the place already.
        if running.get(&self.context.id()).is_some_and(|now| now.attempt() == self.context.attempt()) {
            running.remove(&self.context.id());
        }
    }
}
