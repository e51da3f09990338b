//! The identity of a node, and what all of its services need: database, clock and intervals.

use std::time::Duration;

use db::{Clock, Db};

/// Services that claims do not need start after this delay, so that they do not delay the first jobs.
pub(crate) const STARTUP_DELAY: Duration = Duration::from_millis(100);

/// How often the services of a node act.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intervals {
    /// How often to look for changes without a notification.
    pub poll: Duration,
    /// How long a node may send no heartbeat before the others take its jobs.
    pub lease: Duration,
    /// How often to send a heartbeat.
    pub heartbeat: Duration,
    /// How often to look for dead nodes.
    pub rescue: Duration,
}

impl Default for Intervals {
    fn default() -> Self {
        let lease = Duration::from_secs(10);
        Self { poll: Duration::from_secs(5), lease, heartbeat: lease * 3 / 10, rescue: lease / 5 }
    }
}

impl Intervals {
    /// Sets the lease, and the intervals of heartbeats and rescues, which depend on it.
    pub(crate) fn with_lease(self, lease: Duration) -> Self {
        Self { lease, heartbeat: lease * 3 / 10, rescue: lease / 5, ..self }
    }
}

/// One process that works on the queue.
pub(crate) struct Node {
    /// Unique for each start of a process.
    pub name: String,
    pub db: Db,
    /// The database's time as of the latest heartbeat, counted on from there, so that the clock of this
    /// machine does not matter. On SQLite the machine's time.
    pub clock: Clock,
    pub intervals: Intervals,
    /// When the node was created, by its clock, in milliseconds since 1970.
    pub started_at: i64,
}

impl Node {
    pub(crate) fn new(db: Db, clock: &Clock, name: String, intervals: Intervals) -> Self {
        let clock = clock.steady();
        let started_at = clock.now_ms();
        Self { name, db, clock, intervals, started_at }
    }
}
