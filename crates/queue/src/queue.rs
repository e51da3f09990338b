//! A node's queue before it starts.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use db::{Clock, Db};

use crate::{
    handler::Registry,
    heartbeat,
    node::{Lane, Node, Pace},
    producer, rescuer,
    running::Running,
    supervise::Supervisor,
    worker::Worker,
};

/// Slots of a queue without a limit of its own.
pub const DEFAULT_LIMIT: usize = 10;

/// One process's queue: workers and limits. It serves the queues of its workers.
pub struct Queue {
    db: Db,
    clock: Clock,
    node: String,
    pace: Pace,
    registry: Registry,
    limits: BTreeMap<String, usize>,
}

impl Queue {
    /// A queue without workers. `node` names this start of this process and must never be used
    /// again: a job whose node has another name belongs to another process.
    ///
    /// An SQLite database belongs to one process, so there every job that another node still
    /// executes is taken over at the start, without waiting for its lease
    /// (`jobs_of_a_dead_process_go_on`). Never start two processes on one SQLite database.
    #[must_use]
    pub fn new(db: Db, clock: Clock, node: String) -> Self {
        Self { db, clock, node, pace: Pace::default(), registry: Registry::default(), limits: BTreeMap::new() }
    }

    /// Adds a worker, and serves its queue.
    #[must_use]
    pub fn register<W: Worker>(mut self, worker: W) -> Self {
        self.registry.add(worker);
        self.limits.entry(W::QUEUE.to_owned()).or_insert(DEFAULT_LIMIT);
        self
    }

    /// Runs at most `slots` jobs of `queue` at once on this node, at least one.
    #[must_use]
    pub fn limit(mut self, queue: &str, slots: usize) -> Self {
        self.limits.insert(queue.to_owned(), slots.max(1));
        self
    }

    /// How often to look without being told; heals a lost hint. 5 s unless set.
    #[must_use]
    pub fn poll(mut self, every: Duration) -> Self {
        self.pace.poll = every;
        self
    }

    /// For how long a claim holds without a heartbeat (10 s unless set). A beat comes after three tenths
    /// of it, a look for expired leases after a fifth.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        let lease = lease.max(Duration::from_millis(50));
        self.pace = Pace { lease, beat: lease * 3 / 10, rescue: lease / 5, ..self.pace };
        self
    }

    /// Starts claiming. Needs a tokio runtime.
    #[must_use = "dropping it stops the queue"]
    pub fn start(self) -> Running {
        let lanes = self.limits.into_iter().map(|(queue, limit)| Lane::new(queue, limit)).collect();
        let node = Arc::new(Node::new(self.db, self.clock, self.node, self.pace, self.registry, lanes));
        let supervisor = Supervisor::new("queue");
        let child = Arc::clone(&node);
        supervisor.spawn("producer", move || producer::produce(Arc::clone(&child)));
        let (child, stopping) = (Arc::clone(&node), supervisor.stopping());
        supervisor.spawn("heartbeat", move || heartbeat::beat(Arc::clone(&child), stopping.clone()));
        let (child, stopping) = (Arc::clone(&node), supervisor.stopping());
        supervisor.spawn("rescuer", move || rescuer::rescue(Arc::clone(&child), stopping.clone()));
        Running::new(node, supervisor)
    }
}
