//! A node's queue before it starts.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use db::{Clock, Db, Listener, Notification};
use futures::{FutureExt, future::BoxFuture};
use tokio_util::sync::CancellationToken;

use crate::{
    claimer, completer, control,
    cron::{self, Cron},
    error::Error,
    handler::WorkerRegistry,
    heartbeat, leader,
    limits::Limits,
    node::{Intervals, Node},
    panics, rescuer,
    retention::{self, Retention},
    running::Running,
    stager, statistics,
    store::{CANCELED, CHANNEL, CONTROL, CRON, DUE, LEADER},
    supervise::Supervisor,
    trace::Link,
    worker::Worker,
};

/// A node's own connections to PostgreSQL: its beat and its claims wait behind nobody else's work
/// (`transactions_that_use_up_the_pool_do_not_stop_a_node`).
const CONNECTIONS: u32 = 6;

/// One process's queue: workers and limits. It serves the queues of its workers.
pub struct Queue {
    db: Db,
    clock: Clock,
    node: String,
    pace: Intervals,
    registry: WorkerRegistry,
    limits: BTreeMap<String, Limits>,
    crons: Vec<Cron>,
    retention: Retention,
    link: Option<Link>,
}

impl Queue {
    /// A queue without workers. `node` names this start of this process and must never be used
    /// again: a job whose node has another name belongs to another process.
    ///
    /// On PostgreSQL the node takes its time from the database at each beat and counts on evenly in between,
    /// so that no node's own clock starts jobs too early or too late
    /// (`a_scheduled_job_starts_by_the_clock_of_the_database`). On SQLite, and where it is
    /// [manual](Clock::manual), `clock` is the time.
    ///
    /// An SQLite database belongs to one process, so there every job that another node still
    /// executes is taken over at the start, without waiting for its lease
    /// (`jobs_of_a_dead_process_are_rescued`). Never start two processes on one SQLite database.
    #[must_use]
    pub fn new(db: Db, clock: Clock, node: String) -> Self {
        Self {
            db,
            clock,
            node,
            pace: Intervals::default(),
            registry: WorkerRegistry::default(),
            limits: BTreeMap::new(),
            crons: Vec::new(),
            retention: Retention::default(),
            link: None,
        }
    }

    /// Adds a worker, and serves its queue.
    #[must_use]
    pub fn register<W: Worker>(mut self, worker: W) -> Self {
        self.registry.add(worker);
        self.limits.entry(W::QUEUE.to_owned()).or_default();
        self
    }

    /// Runs at most `slots` jobs of `queue` at once on this node, at least one.
    #[must_use]
    pub fn limit(self, queue: &str, slots: usize) -> Self {
        self.limits(queue, Limits::new(slots))
    }

    /// Sets all limits of `queue`.
    #[must_use]
    pub fn limits(mut self, queue: &str, limits: Limits) -> Self {
        self.limits.insert(queue.to_owned(), limits);
        self
    }

    /// Adds a recurring job; another one of the same name is replaced.
    #[must_use]
    pub fn cron(mut self, cron: Cron) -> Self {
        self.crons.retain(|other| other.name() != cron.name());
        self.crons.push(cron);
        self
    }

    /// For how long ended jobs are kept.
    #[must_use]
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Ties the spans of attempts to the traces that enqueued their jobs.
    #[must_use]
    pub fn link_traces(mut self, link: Link) -> Self {
        self.link = Some(link);
        self
    }

    /// How often to look without being told; heals a lost hint. 5 s unless set.
    #[must_use]
    pub fn poll_interval(mut self, every: Duration) -> Self {
        self.pace.poll = every;
        self
    }

    /// For how long a node may be silent before the others take its jobs (10 s unless set). It beats
    /// after three tenths of it; the others look after a fifth.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        let lease = lease.max(Duration::from_millis(50));
        self.pace = Intervals { lease, beat: lease * 3 / 10, rescue: lease / 5, ..self.pace };
        self
    }

    /// Starts claiming. Needs a tokio runtime.
    #[must_use = "dropping it stops the queue"]
    pub fn start(self) -> Running {
        let node = Arc::new(self.into_node());
        // Before the first look: whatever is said from here on is heard.
        let listeners = listen(&node);
        let supervisor = Supervisor::new("queue");
        let supervise = |name, run: fn(Arc<Node>, CancellationToken) -> BoxFuture<'static, Result<(), Error>>| {
            let (node, stopping) = (Arc::clone(&node), supervisor.stopping());
            supervisor.spawn(name, move || run(Arc::clone(&node), stopping.clone()));
        };
        supervise("settler", |node, stopping| completer::run(node, stopping).boxed());
        supervise("heartbeat", |node, stopping| heartbeat::run(node, stopping).boxed());
        supervise("rescuer", |node, stopping| rescuer::run(node, stopping).boxed());
        supervise("stager", |node, stopping| stager::run(node, stopping).boxed());
        supervise("control", |node, stopping| control::run(node, stopping).boxed());
        supervise("leader", |node, stopping| leader::run(node, stopping).boxed());
        supervise("crons", |node, stopping| cron::run(node, stopping).boxed());
        supervise("pruner", |node, stopping| retention::run(node, stopping).boxed());
        supervise("vacuum", |node, stopping| retention::vacuum(node, stopping).map(Ok).boxed());
        supervise("statistics", |node, stopping| statistics::run(node, stopping).boxed());
        for pool in node.pools.clone() {
            let child = Arc::clone(&node);
            supervisor.spawn(claimer::name(&pool), move || claimer::claim(Arc::clone(&child), Arc::clone(&pool)));
        }
        node.db.offer(&node);
        Running::new(node, supervisor, listeners)
    }

    pub(crate) fn into_node(self) -> Node {
        panics::install_hook();
        let db = self.db.with_dedicated_pool(CONNECTIONS);
        let mut node = Node::new(db, self.clock, self.node, self.pace, self.registry, self.limits);
        (node.crons, node.retention, node.link) = (self.crons, self.retention, self.link);
        node
    }
}

/// Tells the node's tasks what transactions say, before their commit returns: what is enqueued after
/// it cannot overtake it.
fn listen(node: &Arc<Node>) -> Vec<Arc<Listener>> {
    let notifications = node.db.notifications();
    let on_notification = |act: fn(&Node, &Notification)| {
        let node = Arc::downgrade(node);
        move |notification: &Notification| {
            if let Some(node) = node.upgrade() {
                act(&node, notification);
            }
        }
    };
    let queued = |node: &Node, notification: &Notification| match notification {
        Notification::Payload(queue) => node.notify(queue),
        Notification::Lagged => node.notify_all(),
    };
    let due = |node: &Node, notification: &Notification| match notification {
        Notification::Payload(at) => node.due.schedule(at.parse().unwrap_or(i64::MIN)),
        Notification::Lagged => node.due.check_now(),
    };
    vec![
        notifications.listen(CHANNEL, on_notification(queued)),
        notifications.listen(DUE, on_notification(due)),
        notifications.listen(CANCELED, on_notification(heartbeat::on_cancel_notification)),
        notifications.listen(CRON, on_notification(|node, _notification| node.crons_changed.notify_one())),
        notifications.listen(LEADER, on_notification(|node, _notification| node.lead.poll.notify_one())),
        notifications.listen(CONTROL, on_notification(|node, _notification| node.overrides_changed.notify_one())),
    ]
}
