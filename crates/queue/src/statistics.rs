//! What ended, by queue and ten seconds, kept in the database for a day: the charts of all nodes.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{error::Error, node::Node, store};

/// The length of a bucket, in milliseconds.
pub(crate) const BUCKET_MS: i64 = 10_000;
const WRITE_INTERVAL: Duration = Duration::from_secs(2);
/// Counting jobs may take a twentieth of the time.
const COUNT_REST_FACTOR: u32 = 20;

/// Writes what this node counted until it is stopped; the leader counts the jobs as well.
pub(crate) async fn run(node: Arc<Node>, stopping: CancellationToken) -> Result<(), Error> {
    let mut count_at = Instant::now();
    loop {
        // The last time is once everything else has ended.
        if tokio::time::timeout(WRITE_INTERVAL, stopping.cancelled()).await.is_ok() {
            return Ok(());
        }
        write(&node).await?;
        if !node.lead.leads(&node) {
            node.metrics.set_jobs(None);
        } else if Instant::now() >= count_at {
            let begun = Instant::now();
            count(&node).await?;
            count_at = Instant::now() + begun.elapsed() * COUNT_REST_FACTOR;
        }
    }
}

/// Adds what is not in the database yet.
pub(crate) async fn write(node: &Node) -> Result<(), Error> {
    let at = bucket(node.clock.now_ms());
    for pool in &node.pools {
        pool.meter.set_slots(pool.busy(), pool.slots());
        if let Some((more, totals)) = pool.meter.unwritten() {
            store::add_statistics(&node.db, &pool.queue, at, more).await?;
            pool.meter.mark_written(totals);
        }
    }
    Ok(())
}

/// Counts the jobs of all queues.
pub(crate) async fn count(node: &Node) -> Result<(), Error> {
    let counts = store::counts(&node.db).await?;
    store::note_available(&node.db, bucket(node.clock.now_ms()), &counts).await?;
    node.metrics.set_jobs(Some(&counts));
    Ok(())
}

fn bucket(now: i64) -> i64 {
    now - now.rem_euclid(BUCKET_MS)
}
