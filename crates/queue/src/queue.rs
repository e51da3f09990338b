//! Configures a node's queue before it starts.

use std::time::Duration;

use db::{Clock, Db};

use crate::{
    cron::Cron,
    enqueuer::Enqueuer,
    limits::Limits,
    node::{Intervals, Node},
    panics,
    retention::Retention,
    running::Running,
    services::{Registrations, Services},
    supervise::Supervisor,
    trace::Link,
    worker::Worker,
};

/// The size of a node's own connection pool for PostgreSQL: its heartbeat and its claims do not wait for
/// other work (`transactions_that_use_up_the_pool_do_not_stop_a_node`).
const CONNECTIONS: u32 = 6;

/// The workers and limits of one process. It serves the queues of its workers.
pub struct Queue {
    db: Db,
    clock: Clock,
    node: String,
    intervals: Intervals,
    registrations: Registrations,
    enqueuer: Enqueuer,
}

impl Queue {
    /// Creates a queue without workers. `node` is the name of this start of this process and must never be
    /// reused: a job whose node has another name belongs to another process.
    ///
    /// On PostgreSQL the node takes the time from the database at each heartbeat and counts on from there, so
    /// a wrong clock of a node starts no job too early or too late
    /// (`a_scheduled_job_starts_by_the_clock_of_the_database`). On SQLite, and where it is
    /// [manual](Clock::manual), `clock` is the time.
    ///
    /// An SQLite database belongs to one process. So at the start every job that another node executes is
    /// taken over without waiting for its lease (`jobs_of_a_dead_process_are_rescued`). Never start two
    /// processes on one SQLite database.
    #[must_use]
    pub fn new(db: Db, clock: Clock, node: String) -> Self {
        Self {
            db,
            clock,
            node,
            intervals: Intervals::default(),
            registrations: Registrations::default(),
            enqueuer: Enqueuer::default(),
        }
    }

    /// Adds a worker and serves its queue.
    #[must_use]
    pub fn register<W: Worker>(mut self, worker: W) -> Self {
        self.registrations.workers.add(worker);
        self.registrations.limits.entry(W::QUEUE.to_owned()).or_default();
        self
    }

    /// Runs at most `slots` jobs of `queue` at once on this node; 0 counts as 1.
    #[must_use]
    pub fn limit(self, queue: &str, slots: usize) -> Self {
        self.limits(queue, Limits::new(slots))
    }

    /// Sets all limits of `queue`.
    #[must_use]
    pub fn limits(mut self, queue: &str, limits: Limits) -> Self {
        self.registrations.limits.insert(queue.to_owned(), limits);
        self
    }

    /// Adds a recurring job; it replaces one of the same name.
    #[must_use]
    pub fn cron(mut self, cron: Cron) -> Self {
        self.registrations.crons.retain(|other| other.name() != cron.name());
        self.registrations.crons.push(cron);
        self
    }

    /// Sets how long ended jobs are kept.
    #[must_use]
    pub fn retention(mut self, retention: Retention) -> Self {
        self.registrations.retention = retention;
        self
    }

    /// Links the spans of attempts to the traces that enqueued their jobs.
    #[must_use]
    pub fn link_traces(mut self, link: Link) -> Self {
        self.registrations.link = Some(link);
        self
    }

    /// Lets the jobs that are enqueued with this handle start inline on this node. For a handle that has to
    /// exist before the queue; otherwise [`Running::enqueuer`] returns one.
    #[must_use]
    pub fn enqueuer(mut self, enqueuer: &Enqueuer) -> Self {
        self.enqueuer = enqueuer.clone();
        self
    }

    /// Sets how often to look for jobs without a notification, which makes up for lost ones; 5 s by default.
    #[must_use]
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.intervals.poll = interval;
        self
    }

    /// Sets how long a node may send no heartbeat before the others take its jobs; 10 s by default, and 50 ms
    /// at least. A node sends a heartbeat every three tenths of it and looks for dead nodes every fifth.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.intervals = self.intervals.with_lease(lease.max(Duration::from_millis(50)));
        self
    }

    /// Starts the queue. Needs a tokio runtime.
    #[must_use = "dropping it stops the queue"]
    pub fn start(self) -> Running {
        let enqueuer = self.enqueuer.clone();
        let services = self.into_services();
        // Before the first poll, so that no notification is missed.
        let listeners = services.listen();
        let supervisor = Supervisor::new("queue");
        services.supervise(&supervisor);
        enqueuer.attach(&services.inline_starter);
        Running::new(services, supervisor, listeners, enqueuer)
    }

    pub(crate) fn into_services(self) -> Services {
        panics::install_hook();
        let db = self.db.with_dedicated_pool(CONNECTIONS);
        Services::new(Node::new(db, &self.clock, self.node, self.intervals), self.registrations)
    }
}
