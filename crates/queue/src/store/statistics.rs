//! Statements for the statistics of attempts, by queue and time.

use db::{Db, params, sql};
use serde::Serialize;

use crate::{convert::count, error::Error, store::QueueCounts};

/// The outcomes of a queue's attempts on all nodes within ten seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// The queue's name.
    pub queue: String,
    /// The start of the ten seconds, in milliseconds since 1970.
    pub at: i64,
    /// Attempts that completed their jobs.
    pub completed: usize,
    /// Attempts that failed and will be retried.
    pub failed: usize,
    /// Attempts after which the job was discarded.
    pub discarded: usize,
    /// Attempts after which the job was canceled.
    #[serde(rename = "cancelled")]
    pub canceled: usize,
    /// The sum of the times that the jobs waited, in milliseconds.
    pub wait_ms: i64,
    /// The sum of the times that the attempts ran, in milliseconds.
    pub run_ms: i64,
    /// Jobs that waited for a slot; `None` if they were not counted.
    pub available: Option<i64>,
}

/// Ended attempts by outcome, and the sums of their times in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub completed: u64,
    pub failed: u64,
    pub discarded: u64,
    pub canceled: u64,
    pub wait_ms: u64,
    pub run_ms: u64,
}

impl Totals {
    pub(crate) fn less(self, other: Self) -> Self {
        Self {
            completed: self.completed - other.completed,
            failed: self.failed - other.failed,
            discarded: self.discarded - other.discarded,
            canceled: self.canceled - other.canceled,
            wait_ms: self.wait_ms - other.wait_ms,
            run_ms: self.run_ms - other.run_ms,
        }
    }
}

pub(crate) async fn add_statistics(db: &Db, queue: &str, at: i64, more: Totals) -> Result<(), Error> {
    let sql = sql!(
        "insert into queue_stats (queue, at, completed, failed, discarded, cancelled, wait_ms, run_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (queue, at) do update set
             completed = queue_stats.completed + excluded.completed,
             failed = queue_stats.failed + excluded.failed,
             discarded = queue_stats.discarded + excluded.discarded,
             cancelled = queue_stats.cancelled + excluded.cancelled,
             wait_ms = queue_stats.wait_ms + excluded.wait_ms,
             run_ms = queue_stats.run_ms + excluded.run_ms"
    );
    let Totals { completed, failed, discarded, canceled, wait_ms, run_ms } = more;
    db.execute(sql, params![queue, at, completed, failed, discarded, canceled, wait_ms, run_ms]).await?;
    Ok(())
}

/// Stores the number of available jobs of each queue.
pub(crate) async fn record_available(db: &Db, at: i64, counts: &[QueueCounts]) -> Result<(), Error> {
    let sql = sql!(
        "insert into queue_stats (queue, at, available) values ($1, $2, $3)
         on conflict (queue, at) do update set available = excluded.available"
    );
    for of in counts {
        db.execute(sql, params![of.queue.as_str(), at, of.available]).await?;
    }
    Ok(())
}

pub(crate) async fn statistics(db: &Db, since: i64) -> Result<Vec<Bucket>, Error> {
    let sql = sql!(
        "select queue, at, completed, failed, discarded, cancelled, wait_ms, run_ms, available
         from queue_stats where at >= $1 order by queue, at"
    );
    let rows = db.snapshot().await?.all(sql, params![since]).await?;
    rows.iter()
        .map(|row| {
            Ok(Bucket {
                queue: row.text("queue")?,
                at: row.int("at")?,
                completed: count(row.int("completed")?),
                failed: count(row.int("failed")?),
                discarded: count(row.int("discarded")?),
                canceled: count(row.int("cancelled")?),
                wait_ms: row.int("wait_ms")?,
                run_ms: row.int("run_ms")?,
                available: row.opt_int("available")?,
            })
        })
        .collect()
}
