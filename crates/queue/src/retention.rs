//! For how long jobs are kept once they have ended, and the leader's housekeeping that deletes them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use db::Dialect;
use tokio_util::sync::CancellationToken;

use crate::{error::Error, millis, node::Node, store};

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Between two walks over the table.
const PRUNE_INTERVAL: Duration = Duration::from_secs(60);
/// Between two looks at how much is dead, at least.
const VACUUM_CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// After an error of the database.
const ERROR_PAUSE: Duration = Duration::from_secs(10);
/// A vacuum is followed by a pause of so many times as long.
const VACUUM_REST_FACTOR: u32 = 4;
/// Statistics are kept for a day and two hours.
const STATISTICS_RETENTION: Duration = Duration::from_secs(26 * 3_600);

/// For how long ended jobs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    completed: Duration,
    canceled: Duration,
    discarded: Duration,
    archive: bool,
}

impl Default for Retention {
    /// A day, a week, and thirty days; then deleted.
    fn default() -> Self {
        Self { completed: DAY, canceled: DAY * 7, discarded: DAY * 30, archive: false }
    }
}

impl Retention {
    /// How long completed jobs are kept.
    #[must_use]
    pub const fn completed(self, time: Duration) -> Self {
        Self { completed: time, ..self }
    }

    /// How long cancelled jobs are kept.
    #[must_use]
    pub const fn canceled(self, time: Duration) -> Self {
        Self { canceled: time, ..self }
    }

    /// How long discarded jobs are kept.
    #[must_use]
    pub const fn discarded(self, time: Duration) -> Self {
        Self { discarded: time, ..self }
    }

    /// Moves jobs to the table `jobs_archive` instead of deleting them; nothing reads it but people.
    #[must_use]
    pub const fn archive(self) -> Self {
        Self { archive: true, ..self }
    }

    fn cutoffs(&self, now: i64) -> Cutoffs {
        let before = |time| now.saturating_sub(millis(time));
        Cutoffs {
            completed: before(self.completed),
            canceled: before(self.canceled),
            discarded: before(self.discarded),
        }
    }
}

/// What ended before these is deleted; milliseconds since 1970.
pub(crate) struct Cutoffs {
    pub completed: i64,
    pub canceled: i64,
    pub discarded: i64,
}

impl Cutoffs {
    pub(crate) fn latest(&self) -> i64 {
        self.completed.max(self.canceled).max(self.discarded)
    }
}

/// Prunes while this node leads, until it is stopped.
pub(crate) async fn run(node: Arc<Node>, stopping: CancellationToken) -> Result<(), Error> {
    let mut reindexed_at = node.clock.elapsed_ms();
    loop {
        if tokio::time::timeout(PRUNE_INTERVAL, stopping.cancelled()).await.is_ok() {
            return Ok(());
        }
        if !node.lead.leads(&node) {
            continue;
        }
        prune(&node).await?;
        if node.clock.elapsed_ms() - reindexed_at > millis(DAY) {
            reindexed_at = node.clock.elapsed_ms();
            store::reindex(&node.db).await?;
        }
    }
}

/// Keeps the table small while this node leads, until it is stopped. SQLite uses freed room again by
/// itself.
pub(crate) async fn vacuum(node: Arc<Node>, stopping: CancellationToken) {
    let mut pause = VACUUM_CHECK_INTERVAL;
    while tokio::time::timeout(pause, stopping.cancelled()).await.is_err() {
        pause = VACUUM_CHECK_INTERVAL;
        if node.db.dialect() == Dialect::Postgres && node.lead.leads(&node) {
            let began = Instant::now();
            match stopping.run_until_cancelled(store::vacuum(&node.db)).await {
                Some(Err(error)) => {
                    // Not worth a restart: a database that is away for a while must not end the node.
                    tracing::warn!(error = &error as &dyn std::error::Error, "dead jobs cannot be swept away");
                    pause = ERROR_PAUSE;
                }
                _ => pause = VACUUM_CHECK_INTERVAL.max(VACUUM_REST_FACTOR * began.elapsed()),
            }
        }
    }
}

/// Deletes all that is old enough; how many jobs.
pub(crate) async fn prune(node: &Node) -> Result<u64, Error> {
    let now = node.clock.now_ms();
    let cutoffs = node.retention.cutoffs(now);
    let (mut after, mut pruned) = (Some(0), 0);
    while let Some(id) = after {
        let page = store::prune(&node.db, id, &cutoffs, node.retention.archive).await?;
        pruned += page.pruned;
        after = page.next.filter(|_| !node.stopping.is_cancelled());
    }
    store::prune_statistics_and_overrides(&node.db, now.saturating_sub(millis(STATISTICS_RETENTION))).await?;
    if pruned > 0 {
        tracing::info!(pruned, "ended jobs were deleted");
    }
    Ok(pruned)
}
