//! Many jobs that are enqueued, run and pruned, and how long a claim takes meanwhile.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use db::{Clock, Db, Dialect, params, sql};
use queue::{Queue, Retention, Running, enqueue_all};
use serde_json::{Value, json};

use crate::{BATCH, Failure, Nothing, Number, Options, Record, TIMEOUT, per_second, quantiles, trickle, waits};

/// The most jobs that wait at once.
const BACKLOG: u64 = 20_000;
/// How long ended jobs are kept, and how often they are pruned.
const KEPT: Duration = Duration::from_secs(5);
/// When latencies are measured: at the start, in the middle and at the end.
const POINTS: u64 = 3;

/// Runs `QB_N` jobs as fast as possible; at each point runs a trickle of single jobs for `QB_SECS` seconds.
pub async fn run(db: &Db, options: &Options) -> Result<Value, Failure> {
    let record = Arc::new(Record::new(POINTS * options.rate * options.secs));
    let running = Arc::new(
        Queue::new(db.clone(), Clock::system(), "bench".to_owned())
            .enqueuer(&record.enqueuer)
            .register(Nothing(Arc::clone(&record)))
            .limit("bench", options.slots())
            .retention(Retention::default().completed(KEPT))
            .start(),
    );
    running.ready().await;
    let pruning = tokio::spawn(prune(Arc::clone(&running)));
    let mut points = vec![measure(db, options, &record, 0, 0).await?];
    let mut busy = Duration::ZERO;
    for point in 1..POINTS {
        let began = Instant::now();
        enqueue(db, &record, options.n / (POINTS - 1)).await?;
        busy += began.elapsed();
        points.push(measure(db, options, &record, point, point * options.n / (POINTS - 1)).await?);
    }
    pruning.abort();
    running.stop(Duration::from_secs(5)).await;
    Ok(json!({
        "peer": "verbatim", "version": env!("CARGO_PKG_VERSION"), "config": options.config, "mode": "churn",
        "n": options.n, "executed": record.count.load(Ordering::SeqCst), "jobs_per_s": per_second(options.n, busy),
        "kept_s": KEPT.as_secs(), "points": points,
    }))
}

/// Prunes more often than the leader, which does it every minute.
async fn prune(running: Arc<Running>) -> Result<(), queue::Error> {
    loop {
        tokio::time::sleep(KEPT).await;
        running.prune().await?;
    }
}

/// Enqueues `jobs` jobs, at most [`BACKLOG`] ahead of the workers, and waits until they have run.
async fn enqueue(db: &Db, record: &Record, jobs: u64) -> Result<(), Failure> {
    let size = u64::try_from(BATCH)?;
    let before = record.count.load(Ordering::SeqCst);
    let waiting = |enqueued: u64| enqueued - (record.count.load(Ordering::SeqCst) - before);
    let mut enqueued = 0;
    while enqueued < jobs {
        if waiting(enqueued) + size > BACKLOG {
            tokio::time::sleep(Duration::from_millis(2)).await;
            continue;
        }
        let batch: Vec<_> = (0..BATCH).map(|_| Number { i: None }).collect();
        let mut tx = db.begin().await?;
        enqueue_all::<Nothing>(&mut tx, &batch, Clock::system().now_ms()).await?;
        tx.commit().await?;
        enqueued += size;
    }
    let began = Instant::now();
    while waiting(enqueued) > 0 && began.elapsed() < TIMEOUT {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// Measures the size of the table after `after` jobs, and the latency of a trickle.
async fn measure(db: &Db, options: &Options, record: &Arc<Record>, point: u64, after: u64) -> Result<Value, Failure> {
    let (rows, bytes) = size(db).await?;
    let each = options.rate * options.secs;
    let begins = trickle(db, options, record, point * each).await?;
    let waits = waits(record, point * each, begins).await;
    let mut line = json!({ "after": after, "rows": rows, "table_mb": bytes / 1_000_000 });
    if let (Some(line), Value::Object(quantiles)) = (line.as_object_mut(), quantiles(&waits)) {
        line.extend(quantiles);
    }
    Ok(line)
}

/// The rows of the table, and its size in bytes including indexes; on SQLite the size of the file.
async fn size(db: &Db) -> Result<(i64, i64), Failure> {
    let mut tx = db.snapshot().await?;
    let rows = tx.one(sql!("select count(*) as n from jobs"), params![]).await?.int("n")?;
    let bytes = match db.dialect() {
        Dialect::Postgres => tx.one(sql!("select pg_total_relation_size('jobs') as n"), params![]).await?.int("n")?,
        Dialect::Sqlite => {
            let pages = tx.one(sql!("pragma page_count"), params![]).await?.int("page_count")?;
            pages * tx.one(sql!("pragma page_size"), params![]).await?.int("page_size")?
        }
    };
    Ok((rows, bytes))
}
