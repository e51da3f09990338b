//! Benchmarks the queue: `QB_URL=... cargo run --release -p queue --example qbench`.
//!
//! `QB_MODE=throughput` (the default) enqueues `QB_N` jobs that do nothing, in batches of 1,000, then
//! measures from the start of the workers until the database shows all of them as completed.
//! `QB_MODE=latency` enqueues `QB_RATE` jobs a second for `QB_SECS` seconds, one at a time and on schedule,
//! and measures from just before the enqueueing to the first line of the worker. `QB_MODE=load` enqueues
//! `QB_RATE` jobs a second for `QB_SECS` seconds in ten batches a second, to observe what such a load
//! affects. `QB_MODE=churn` enqueues, runs and prunes `QB_N` jobs, and measures latencies at the start, in
//! the middle and at the end. `QB_MODE=idle` measures the memory and processor time of a node without jobs
//! for `QB_SECS` seconds. `QB_CONFIG=tuned` uses 2,000 slots instead of the default 10. `QB_ROWS` completed
//! jobs are inserted first (none by default), and `QB_CLAIM=1` lets the jobs of a latency or churn run be
//! claimed instead of started inline. Prints one line of JSON.

#[path = "qbench/churn.rs"]
mod churn;

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use db::{Clock, Db, Dialect, params, sql};
use queue::{Context, DEFAULT_LIMIT, Enqueuer, Outcome, Queue, Running, Worker, enqueue_all};
use serde::{Deserialize, Serialize};
use serde_json::json;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const BATCH: usize = 1_000;
const TUNED_SLOTS: usize = 2_000;
/// How long to wait for the last job; the benchmarks of other queues wait as long.
const TIMEOUT: Duration = Duration::from_secs(280);

/// The settings of a run.
struct Options {
    url: String,
    mode: String,
    config: String,
    n: u64,
    rate: u64,
    secs: u64,
    rows: u64,
    claim: bool,
}

impl Options {
    fn read() -> Result<Self, Failure> {
        let text = |name, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
        Ok(Self {
            url: env::var("QB_URL").map_err(|_| "QB_URL names the database")?,
            mode: text("QB_MODE", "throughput"),
            config: text("QB_CONFIG", "plain"),
            n: text("QB_N", "20000").parse()?,
            rate: text("QB_RATE", "100").parse()?,
            secs: text("QB_SECS", "10").parse()?,
            rows: text("QB_ROWS", "0").parse()?,
            claim: text("QB_CLAIM", "0") == "1",
        })
    }

    fn slots(&self) -> usize {
        if self.config == "tuned" { TUNED_SLOTS } else { DEFAULT_LIMIT }
    }
}

/// The handle that enqueues, and what the worker records: how often it ran, and when each job of the trickle started (ns).
struct Record {
    enqueuer: Enqueuer,
    base: Instant,
    count: AtomicU64,
    starts: Vec<AtomicU64>,
}

impl Record {
    fn new(starts: u64) -> Self {
        Self {
            enqueuer: Enqueuer::default(),
            base: Instant::now(),
            count: AtomicU64::new(0),
            starts: (0..starts).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.base.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

#[derive(Serialize, Deserialize)]
struct Number {
    /// The job's number in the trickle; `None` if it is not measured.
    i: Option<usize>,
}

struct Nothing(Arc<Record>);

impl Worker for Nothing {
    type Args = Number;
    const NAME: &'static str = "Nothing";
    const QUEUE: &'static str = "bench";

    async fn perform(&self, args: Number, _job: &Context) -> Outcome {
        if let Some(start) = args.i.and_then(|i| self.0.starts.get(i)) {
            let _ = start.compare_exchange(0, self.0.now(), Ordering::SeqCst, Ordering::SeqCst);
        }
        self.0.count.fetch_add(1, Ordering::SeqCst);
        Outcome::Complete
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let options = Options::read()?;
    let db = Db::open(&options.url).await?;
    db.migrate().await?;
    fill(&db, options.rows).await?;
    let line = match options.mode.as_str() {
        "latency" => latency(&db, &options).await?,
        "load" => load(&db, &options).await?,
        "churn" => churn::run(&db, &options).await?,
        "idle" => idle(&db, &options).await?,
        _ => throughput(&db, &options).await?,
    };
    println!("{line}");
    db.close().await;
    Ok(())
}

/// Inserts completed jobs.
async fn fill(db: &Db, rows: u64) -> Result<(), Failure> {
    if rows == 0 {
        return Ok(());
    }
    let sql = sql!(
        sqlite: "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < $1)
            insert into jobs (queue, worker, args, state, attempt, max_attempts, inserted_at, scheduled_at,
                attempted_at, ended_at, node)
            select 'bench', 'Nothing', '{\"i\":null}', 'completed', 1, 20, $2, $2, $2, $2, 'before' from numbers",
        postgres: "insert into jobs (queue, worker, args, state, attempt, max_attempts, inserted_at, scheduled_at,
                attempted_at, ended_at, node)
            select 'bench', 'Nothing', '{\"i\":null}', 'completed', 1, 20, $2, $2, $2, $2, 'before'
            from generate_series(1, $1)",
    );
    db.execute(sql, params![rows, Clock::system().now_ms()]).await?;
    rest(db).await
}

/// The kernel's clock ticks in a second.
const TICKS: f64 = 100.0;

/// The processor time that this process has used, in seconds, and its resident memory, in MB.
fn used() -> Result<(f64, f64), Failure> {
    const PAGE_MB: f64 = 4_096.0 / 1_000_000.0;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| -> Result<f64, Failure> { Ok(fields.get(at).ok_or("/proc/self/stat is short")?.parse()?) };
    let pages: f64 = fields.get(21).ok_or("/proc/self/stat is short")?.parse()?;
    Ok(((ticks(11)? + ticks(12)?) / TICKS, pages * PAGE_MB))
}

/// The idle time of all processors, in ticks.
fn idle_ticks() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let fields: Vec<_> = stat.lines().next().unwrap_or_default().split_whitespace().collect();
    let field = |at: usize| -> Result<f64, Failure> { Ok(fields.get(at).ok_or("/proc/stat is short")?.parse()?) };
    Ok(field(4)? + field(5)?)
}

fn cores() -> f64 {
    std::thread::available_parallelism().map_or(1.0, |n| f64::from(u32::try_from(n.get()).unwrap_or(1)))
}

fn start(db: &Db, options: &Options, record: &Arc<Record>) -> Running {
    Queue::new(db.clone(), Clock::system(), "bench".to_owned())
        .enqueuer(&record.enqueuer)
        .register(Nothing(Arc::clone(record)))
        .limit("bench", options.slots())
        .start()
}

async fn throughput(db: &Db, options: &Options) -> Result<serde_json::Value, Failure> {
    let n = usize::try_from(options.n)?;
    let (clock, record) = (Clock::system(), Arc::new(Record::new(0)));
    let before = newest(db).await?;
    let began = Instant::now();
    for first in (0..n).step_by(BATCH) {
        let batch: Vec<_> = (first..n.min(first + BATCH)).map(|_| Number { i: None }).collect();
        let mut tx = db.begin().await?;
        enqueue_all::<Nothing>(&mut tx, &batch, clock.now_ms()).await?;
        tx.commit().await?;
    }
    let enqueueing = began.elapsed();
    rest(db).await?;

    let (used_before, _) = used()?;
    let idle_before = idle_ticks()?;
    let began = Instant::now();
    let running = start(db, options, &record);
    while record.count.load(Ordering::SeqCst) < options.n && began.elapsed() < TIMEOUT {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    while open(db, before).await? > 0 && began.elapsed() < TIMEOUT {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let drain = began.elapsed();
    let (used_after, memory) = used()?;
    let idle_after = idle_ticks()?;
    running.stop(Duration::from_secs(5)).await;
    let jobs = f64::from(u32::try_from(options.n)?);
    // Includes the database's processes and everything else that ran.
    let machine = drain.as_secs_f64() * cores() - (idle_after - idle_before) / TICKS;
    Ok(json!({
        "peer": "verbatim", "version": env!("CARGO_PKG_VERSION"), "config": options.config, "mode": "throughput",
        "n": n, "executed": record.count.load(Ordering::SeqCst),
        "enqueue_per_s": per_second(options.n, enqueueing), "drain_s": drain.as_secs_f64(),
        "jobs_per_s": per_second(options.n, drain), "rows": options.rows, "memory_mb": memory.round(),
        "machine_busy_percent": (machine * 100.0 / drain.as_secs_f64() / cores()).round(),
        "cpu_us_per_job": ((used_after - used_before) * 1e6 / jobs).round(),
        "machine_us_per_job": (machine * 1e6 / jobs).round(),
    }))
}

/// Brings the database into the same state before each measurement, as for the other queues.
async fn rest(db: &Db) -> Result<(), Failure> {
    if db.dialect() == Dialect::Sqlite {
        db.all(sql!("pragma wal_checkpoint(truncate)"), params![]).await?;
    } else {
        db.execute(sql!("vacuum analyze"), params![]).await?;
        db.execute(sql!("checkpoint"), params![]).await?;
    }
    Ok(())
}

/// The jobs of this run that have not completed; ignores those up to the id `first`.
async fn open(db: &Db, first: i64) -> Result<i64, Failure> {
    let sql = sql!("select count(*) as n from jobs where id > $1 and state <> 'completed'");
    Ok(db.snapshot().await?.one(sql, params![first]).await?.int("n")?)
}

async fn newest(db: &Db) -> Result<i64, Failure> {
    let newest = sql!("select coalesce(max(id), 0) as id from jobs");
    Ok(db.snapshot().await?.one(newest, params![]).await?.int("id")?)
}

fn per_second(n: u64, time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let n = n as f64;
    (n / time.as_secs_f64()).round()
}

async fn load(db: &Db, options: &Options) -> Result<serde_json::Value, Failure> {
    const BATCHES: u64 = 10;
    let record = Arc::new(Record::new(0));
    let running = start(db, options, &record);
    let mut ticks = tokio::time::interval(Duration::from_millis(1_000 / BATCHES));
    let size = usize::try_from(options.rate / BATCHES)?;
    let began = Instant::now();
    for _ in 0..options.secs * BATCHES {
        ticks.tick().await;
        let batch: Vec<_> = (0..size).map(|_| Number { i: None }).collect();
        let mut tx = db.begin().await?;
        enqueue_all::<Nothing>(&mut tx, &batch, Clock::system().now_ms()).await?;
        tx.commit().await?;
    }
    let executed = record.count.load(Ordering::SeqCst);
    let per_s = per_second(executed, began.elapsed());
    running.stop(Duration::from_secs(5)).await;
    Ok(json!({ "peer": "verbatim", "mode": "load", "rate": options.rate, "executed": executed, "jobs_per_s": per_s }))
}

async fn latency(db: &Db, options: &Options) -> Result<serde_json::Value, Failure> {
    let n = options.rate * options.secs;
    let record = Arc::new(Record::new(n));
    let running = start(db, options, &record);
    warm_up(db, &record).await?;
    let begins = trickle(db, options, &record, 0).await?;
    let waits = waits(&record, 0, begins).await;
    running.stop(Duration::from_secs(5)).await;
    let mut line = json!({
        "peer": "verbatim", "version": env!("CARGO_PKG_VERSION"), "config": options.config, "mode": "latency",
        "n": waits.len(), "missing": usize::try_from(n)? - waits.len(), "rate": options.rate,
        "rows": options.rows, "claimed": options.claim,
    });
    if let (Some(line), serde_json::Value::Object(quantiles)) = (line.as_object_mut(), quantiles(&waits)) {
        line.extend(quantiles);
    }
    Ok(line)
}

/// How long each job of a trickle took to start, in milliseconds, sorted; starts at job `first`.
async fn waits(record: &Record, first: u64, begins: Vec<u64>) -> Vec<f64> {
    let starts = || record.starts.iter().skip(usize::try_from(first).unwrap_or(usize::MAX)).take(begins.len());
    let waiting = Instant::now();
    while starts().any(|start| start.load(Ordering::SeqCst) == 0) && waiting.elapsed() < TIMEOUT {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let waited = |(start, begin): (&AtomicU64, &u64)| {
        Some(start.load(Ordering::SeqCst)).filter(|at| *at > 0).map(|at| ms(at, *begin))
    };
    let mut waits: Vec<_> = starts().zip(&begins).filter_map(waited).collect();
    waits.sort_by(f64::total_cmp);
    waits
}

fn quantiles(waits: &[f64]) -> serde_json::Value {
    json!({
        "p50_ms": quantile(waits, 50), "p95_ms": quantile(waits, 95), "p99_ms": quantile(waits, 99),
        "max_ms": quantile(waits, 100),
    })
}

/// Measures a node without jobs.
async fn idle(db: &Db, options: &Options) -> Result<serde_json::Value, Failure> {
    let running = start(db, options, &Arc::new(Record::new(0)));
    running.ready().await;
    let (before, _) = used()?;
    tokio::time::sleep(Duration::from_secs(options.secs)).await;
    let (after, memory) = used()?;
    running.stop(Duration::from_secs(5)).await;
    let secs = f64::from(u32::try_from(options.secs)?);
    Ok(json!({
        "peer": "verbatim", "version": env!("CARGO_PKG_VERSION"), "config": options.config, "mode": "idle",
        "secs": options.secs, "memory_mb": (memory * 10.0).round() / 10.0,
        "cpu_ms_per_minute": ((after - before) * 60_000.0 / secs).round(),
    }))
}

/// Opens connections and prepares statements, as the benchmarks of other queues do.
async fn warm_up(db: &Db, record: &Record) -> Result<(), Failure> {
    for ran in 1..=20 {
        add(db, record, None, false).await?;
        while record.count.load(Ordering::SeqCst) < ran {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    Ok(())
}

/// Open loop: each job is enqueued at its own time, however long the others take. Returns when each began.
/// Jobs are numbered from `first` on.
async fn trickle(db: &Db, options: &Options, record: &Arc<Record>, first: u64) -> Result<Vec<u64>, Failure> {
    let start = tokio::time::Instant::now();
    let mut adding = Vec::new();
    for i in 0..options.rate * options.secs {
        tokio::time::sleep_until(start + Duration::from_nanos(i * 1_000_000_000 / options.rate)).await;
        let (db, record, claim) = (db.clone(), Arc::clone(record), options.claim);
        adding.push(tokio::spawn(async move {
            let began = record.now();
            add(&db, &record, Some(usize::try_from(first + i)?), claim).await?;
            Ok::<_, Failure>(began)
        }));
    }
    let mut begins = Vec::new();
    for added in adding {
        begins.push(added.await??);
    }
    Ok(begins)
}

async fn add(db: &Db, record: &Record, i: Option<usize>, claim: bool) -> Result<(), Failure> {
    let (mut tx, now) = (db.begin().await?, Clock::system().now_ms());
    if claim {
        enqueue_all::<Nothing>(&mut tx, &[Number { i }], now).await?;
    } else {
        record.enqueuer.enqueue::<Nothing>(&mut tx, &Number { i }, now).await?;
    }
    Ok(tx.commit().await?)
}

fn ms(at: u64, begin: u64) -> f64 {
    Duration::from_nanos(at.saturating_sub(begin)).as_secs_f64() * 1_000.0
}

fn quantile(sorted: &[f64], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).map(|ms| (ms * 100.0).round() / 100.0)
}
