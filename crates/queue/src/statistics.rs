//! Statistics of ended attempts by queue and ten seconds, which the database keeps for a day.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{error::Error, leader::Leadership, metrics::Metrics, node::Node, slot_pools::SlotPools, store};

/// The length of a bucket, in milliseconds.
const BUCKET_MS: i64 = 10_000;
const WRITE_INTERVAL: Duration = Duration::from_secs(2);
/// Counting is followed by a pause of this many times its duration.
const COUNT_REST_FACTOR: u32 = 20;

/// Writes the statistics of a node.
pub(crate) struct StatisticsWriter {
    pub node: Arc<Node>,
    pub pools: Arc<SlotPools>,
    pub metrics: Arc<Metrics>,
    pub leadership: Arc<Leadership>,
}

impl StatisticsWriter {
    /// Writes this node's statistics until it is stopped; the leader counts the jobs of all nodes as well.
    pub(crate) async fn run(self: Arc<Self>, stopping: CancellationToken) -> Result<(), Error> {
        let mut count_at = Instant::now();
        loop {
            // The last statistics are written after everything else has ended.
            if tokio::time::timeout(WRITE_INTERVAL, stopping.cancelled()).await.is_ok() {
                return Ok(());
            }
            self.write().await?;
            if !self.leadership.leads() {
                self.metrics.set_jobs(None);
            } else if Instant::now() >= count_at {
                let began = Instant::now();
                self.count().await?;
                count_at = Instant::now() + began.elapsed() * COUNT_REST_FACTOR;
            }
        }
    }

    /// Adds what the database does not contain yet.
    pub(crate) async fn write(&self) -> Result<(), Error> {
        let at = bucket(self.node.clock.now_ms());
        for pool in self.pools.iter() {
            pool.meter.set_slots(pool.busy(), pool.slots());
            if let Some((more, totals)) = pool.meter.unwritten() {
                store::add_statistics(&self.node.db, &pool.queue, at, more).await?;
                pool.meter.mark_written(totals);
            }
        }
        Ok(())
    }

    /// Counts the jobs of all queues.
    pub(crate) async fn count(&self) -> Result<(), Error> {
        let counts = store::counts(&self.node.db).await?;
        store::record_available(&self.node.db, bucket(self.node.clock.now_ms()), &counts).await?;
        self.metrics.set_jobs(Some(&counts));
        Ok(())
    }
}

/// The start of the bucket that contains `now`, in milliseconds since 1970.
fn bucket(now: i64) -> i64 {
    now - now.rem_euclid(BUCKET_MS)
}
