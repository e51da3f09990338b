//! Keeps the table of jobs small while this node leads: deletes old jobs, reindexes and vacuums.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use db::Dialect;
use tokio_util::sync::CancellationToken;

use crate::{convert::millis, error::Error, leader::Leadership, node::Node, retention::Retention, store};

const PRUNE_INTERVAL: Duration = Duration::from_secs(60);
const REINDEX_INTERVAL: Duration = Duration::from_secs(24 * 3_600);
/// How often to check for dead rows, at most.
const VACUUM_CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// The pause after an error of the database.
const ERROR_PAUSE: Duration = Duration::from_secs(10);
/// A vacuum is followed by a pause of this many times its duration.
const VACUUM_REST_FACTOR: u32 = 4;
/// How long statistics are kept: a day and two hours.
const STATISTICS_RETENTION: Duration = Duration::from_secs(26 * 3_600);

/// Deletes old jobs.
pub(crate) struct Pruner {
    pub node: Arc<Node>,
    pub leadership: Arc<Leadership>,
    pub retention: Retention,
    /// Canceled when a long pruning should end after its current page.
    pub stopping: CancellationToken,
}

impl Pruner {
    /// Prunes and reindexes at each interval until it is stopped.
    pub(crate) async fn run(self: Arc<Self>, stopping: CancellationToken) -> Result<(), Error> {
        let mut reindexed_at = self.node.clock.elapsed_ms();
        loop {
            if tokio::time::timeout(PRUNE_INTERVAL, stopping.cancelled()).await.is_ok() {
                return Ok(());
            }
            if !self.leadership.leads() {
                continue;
            }
            self.prune().await?;
            if self.node.clock.elapsed_ms() - reindexed_at > millis(REINDEX_INTERVAL) {
                reindexed_at = self.node.clock.elapsed_ms();
                store::reindex(&self.node.db).await?;
            }
        }
    }

    /// Vacuums on PostgreSQL until it is stopped; SQLite reuses freed space by itself.
    pub(crate) async fn run_vacuum(self: Arc<Self>, stopping: CancellationToken) -> Result<(), Error> {
        let mut pause = VACUUM_CHECK_INTERVAL;
        while tokio::time::timeout(pause, stopping.cancelled()).await.is_err() {
            pause = VACUUM_CHECK_INTERVAL;
            if self.node.db.dialect() == Dialect::Postgres && self.leadership.leads() {
                let began = Instant::now();
                match stopping.run_until_cancelled(store::vacuum(&self.node.db)).await {
                    Some(Err(error)) => {
                        // Not worth a restart: a database that is away for a while must not end the node.
                        tracing::warn!(error = &error as &dyn std::error::Error, "dead rows could not be vacuumed");
                        pause = ERROR_PAUSE;
                    }
                    _ => pause = VACUUM_CHECK_INTERVAL.max(VACUUM_REST_FACTOR * began.elapsed()),
                }
            }
        }
        Ok(())
    }

    /// Deletes all jobs that are old enough, and returns how many there were.
    pub(crate) async fn prune(&self) -> Result<u64, Error> {
        let now = self.node.clock.now_ms();
        let cutoffs = self.retention.cutoffs(now);
        let (mut after, mut pruned) = (Some(0), 0);
        while let Some(id) = after {
            let page = store::prune(&self.node.db, id, &cutoffs, self.retention.archives()).await?;
            pruned += page.pruned;
            after = page.next.filter(|_| !self.stopping.is_cancelled());
        }
        let before = now.saturating_sub(millis(STATISTICS_RETENTION));
        store::prune_statistics_and_overrides(&self.node.db, before).await?;
        if pruned > 0 {
            tracing::info!(pruned, "ended jobs were deleted");
        }
        Ok(pruned)
    }
}
