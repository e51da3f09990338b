//! What the tasks of one node share: its lanes, its running attempts, its pace.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use db::{Clock, Db};
use tokio::sync::{Notify, broadcast, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    context::Context,
    cron::Cron,
    handler::Registry,
    job::{JobId, State},
    lane::{Lane, Seats},
    leader::Lead,
    limits::Limits,
    metrics::Metrics,
    millis,
    rescuer::Observations,
    retention::Retention,
    settler::Outbox,
    stager::Due,
    strangers::Strangers,
    trace::Link,
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

/// What is not needed for claiming begins so much later, so that the first jobs do not wait for it.
pub(crate) const SETTLING_IN: Duration = Duration::from_millis(100);

/// How often a node looks, and for how long it may be silent.
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

/// One process's share of the queue.
pub(crate) struct Node {
    pub db: Db,
    /// The database's time, as of the last beat, and on from there evenly: it matters to nobody how the
    /// clock of this machine is set. Of an SQLite file this machine's.
    pub clock: Clock,
    pub name: String,
    pub pace: Pace,
    pub registry: Registry,
    pub lanes: Vec<Arc<Lane>>,
    pub metrics: Metrics,
    pub link: Option<Link>,
    /// When it was made, by its clock.
    pub started_at: i64,
    pub due: Due,
    pub outbox: Outbox,
    pub observations: Observations,
    pub strangers: Strangers,
    /// Asks for a beat out of turn.
    pub beat_now: Notify,
    /// Queues were told something.
    pub told: Notify,
    /// How often it did what they were told.
    pub obeyed: watch::Sender<u64>,
    pub crons: Vec<Cron>,
    /// A recurring job was told something.
    pub cron_asked: Notify,
    pub crons_known: watch::Sender<bool>,
    pub lead: Lead,
    pub retention: Retention,
    /// Claim nothing more.
    pub stopping: CancellationToken,
    /// Give back what still runs.
    pub handing_back: CancellationToken,
    pub attempts: TaskTracker,
    pub endings: broadcast::Sender<Ending>,
    /// When the last beat was written, by [`Clock::elapsed_ms`].
    beaten_at: watch::Sender<Option<i64>>,
    running: Mutex<HashMap<JobId, Context>>,
}

impl Node {
    pub(crate) fn new(
        db: Db,
        clock: Clock,
        name: String,
        pace: Pace,
        registry: Registry,
        limits: BTreeMap<String, Limits>,
    ) -> Self {
        let metrics = Metrics::default();
        let lane = |(queue, limits): (String, Limits)| {
            let meter = metrics.meter(&queue);
            Arc::new(Lane::new(queue, limits, meter))
        };
        let lanes: Vec<_> = limits.into_iter().map(lane).collect();
        let slots = lanes.iter().map(|lane| lane.slots()).sum();
        let clock = clock.steady();
        let started_at = clock.now_ms();
        Self {
            db,
            clock,
            name,
            pace,
            registry,
            lanes,
            metrics,
            link: None,
            started_at,
            due: Due::default(),
            outbox: Outbox::new(slots),
            observations: Observations::default(),
            strangers: Strangers::default(),
            beat_now: Notify::new(),
            told: Notify::new(),
            obeyed: watch::Sender::new(0),
            crons: Vec::new(),
            cron_asked: Notify::new(),
            crons_known: watch::Sender::new(false),
            lead: Lead::default(),
            retention: Retention::default(),
            stopping: CancellationToken::new(),
            handing_back: CancellationToken::new(),
            attempts: TaskTracker::new(),
            endings: broadcast::Sender::new(BACKLOG),
            beaten_at: watch::Sender::new(None),
            running: Mutex::default(),
        }
    }

    /// Any queue may have jobs.
    pub(crate) fn expect_anything(&self) {
        self.lanes.iter().for_each(|lane| lane.expect_more());
    }

    pub(crate) fn expect(&self, queue: &str) {
        self.lanes.iter().filter(|lane| lane.queue == queue).for_each(|lane| lane.expect_more());
    }

    /// A slot of `queue` for a job of `worker` that is about to be inserted, so that it can start
    /// at the commit, without a claim. Only while this node is known to live and nothing waits.
    pub(crate) fn seat_at_once(&self, queue: &str, worker: &str) -> Option<Seats> {
        if self.stopping.is_cancelled()
            || *self.obeyed.borrow() == 0
            || !self.is_vouched_for()
            || self.registry.find(worker).is_none()
        {
            return None;
        }
        self.lanes.iter().find(|lane| lane.queue == queue)?.seat_at_once()
    }

    pub(crate) fn note_beat(&self) {
        self.beaten_at.send_replace(Some(self.clock.elapsed_ms()));
    }

    /// Whether an end in this queue may let a job start on another node.
    pub(crate) fn is_limited_globally(&self, queue: &str) -> bool {
        self.lanes.iter().any(|lane| lane.queue == queue && lane.is_limited_globally())
    }

    /// Waits for the first beat (what a node claims without one looks like a dead node's), and until
    /// it knows what queues are paused.
    pub(crate) async fn prepared(&self) {
        // The node, and with it the senders, outlives this wait.
        self.beaten().await;
        let _ = self.obeyed.subscribe().wait_for(|times| *times > 0).await;
    }

    /// Waits for the first beat: from then on the time is right.
    pub(crate) async fn beaten(&self) {
        // The node, and with it the sender, outlives this wait.
        let _ = self.beaten_at.subscribe().wait_for(Option::is_some).await;
    }

    fn is_vouched_for(&self) -> bool {
        self.has_beaten_within(self.pace.lease / 2)
    }

    /// Whether the others do not take it for dead.
    pub(crate) fn lives(&self) -> bool {
        self.has_beaten_within(self.pace.lease)
    }

    fn has_beaten_within(&self, time: Duration) -> bool {
        let fresh = self.clock.elapsed_ms() - millis(time);
        self.beaten_at.borrow().is_some_and(|at| at >= fresh)
    }

    /// The attempts of this node that have not been written down yet.
    pub(crate) fn running(&self) -> Vec<Context> {
        self.locked().values().cloned().collect()
    }

    pub(crate) fn running_attempt(&self, id: JobId) -> Option<Context> {
        self.locked().get(&id).cloned()
    }

    /// Counts an attempt as running until the entry is dropped.
    pub(crate) fn enter(self: &Arc<Self>, context: Context) -> Entry {
        self.locked().insert(context.id(), context.clone());
        Entry { node: Arc::clone(self), context }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<JobId, Context>> {
        // The map is whole whenever the lock is free, even after a panic.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attempt's place among the running ones; dropping it gives it up, whatever became of the attempt.
pub(crate) struct Entry {
    node: Arc<Node>,
    pub context: Context,
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut running = self.node.locked();
        // A later attempt of the same job may have taken the place already.
        if running.get(&self.context.id()).is_some_and(|now| now.attempt() == self.context.attempt()) {
            running.remove(&self.context.id());
        }
    }
}
