//! Real processes that are killed, stopped and cut off, and a checker that decides afterwards.
//!
//! Each job writes one row behind its fence and completes in the same transaction; whatever happens
//! to processes and connections, each job must have exactly one row at the end, and the callback of
//! the batch must have run once, after all of them. Workers that are broken on purpose must fail the
//! checker: `the_checker_sees_a_missing_fence`, `the_checker_sees_jobs_that_complete_too_early`.
//!
//! `make test` runs a short form with the seed of `FAULT_SEED` (1 unless set); `make test-faults`
//! runs many seeds, and restarts PostgreSQL as well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod checker;
mod node;
mod trouble;

use std::time::{Duration, Instant};

use db::{Clock, Db, Dialect, params, sql};
use node::{CallBack, Effect, EffectArgs, Nodes, Way};
use queue::{Batch, NewJob, enqueue};
use rand::{Rng, SeedableRng, rngs::StdRng};
use trouble::Trouble;

/// How many jobs the batch has, and how many come while faults happen.
const BATCH: u32 = 300;
const LATER: u32 = 200;
/// Faults in one run.
const FAULTS: usize = 10;

fn seed() -> u64 {
    std::env::var("FAULT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

/// How many seeds are tried, from the first on.
fn rounds() -> u64 {
    std::env::var("FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_each_job_takes_effect_once_on_postgres() {
    for seed in seed()..seed() + rounds() {
        db::testing::on_postgres(async |db: Db| {
            let verdict = suffer(&db, &db::testing::postgres_url(&db).await, Way::Right, seed).await;
            assert_eq!(verdict, [""; 0], "seed {seed}");
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_each_job_takes_effect_once_on_sqlite() {
    for seed in seed()..seed() + rounds() {
        let (_folder, url, db) = sqlite().await;
        let verdict = suffer(&db, &url, Way::Right, seed).await;
        assert_eq!(verdict, [""; 0], "seed {seed}");
    }
}

/// A broken worker is seen in one of so many runs. One run may miss it by chance: where a process is
/// stopped while no attempt of its is between its work and its effect, there is nothing to see.
const RUNS: u64 = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_a_missing_fence() {
    for seed in seed()..seed() + RUNS {
        let mut seen = false;
        db::testing::on_postgres(async |db: Db| {
            let verdict = suffer(&db, &db::testing::postgres_url(&db).await, Way::WithoutFence, seed).await;
            seen = verdict.iter().any(|fault| fault.contains("took effect 2 times"));
        })
        .await;
        if seen {
            return;
        }
    }
    panic!("no job took effect twice in {RUNS} runs without a fence");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_jobs_that_complete_too_early() {
    for seed in seed()..seed() + RUNS {
        let (_folder, url, db) = sqlite().await;
        let verdict = suffer(&db, &url, Way::CompletedFirst, seed).await;
        if verdict.iter().any(|fault| fault.contains("took effect 0 times")) {
            return;
        }
    }
    panic!("no job lost its effect in {RUNS} runs of completing first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes as long as a lease; `make test-faults` runs it"]
async fn with_the_queues_own_settings_a_killed_node_is_replaced_within_15_s_and_a_leader_within_10() {
    db::testing::on_postgres(async |db: Db| {
        let mut nodes = Nodes::by_default(&db::testing::postgres_url(&db).await, 3);
        let leader = when(&db, async |db| leader(db).await).await;
        let began = Instant::now();
        nodes.kill_by_name(&leader);
        when(&db, async |db| self::leader(db).await.filter(|next| *next != leader)).await;
        let elected = began.elapsed();

        let mut tx = db.begin().await.unwrap();
        let id = enqueue::<Effect>(&mut tx, &EffectArgs { ms: 60_000 }, Clock::system().now_ms()).await.unwrap();
        tx.commit().await.unwrap();
        let runs = async |db: &Db, attempt: u32| {
            let job = queue::find(&mut db.snapshot().await.unwrap(), id).await.unwrap().unwrap();
            (job.state == queue::State::Executing && job.attempt == attempt).then_some(job.node).flatten()
        };
        let first = when(&db, async |db| runs(db, 1).await).await;
        let began = Instant::now();
        nodes.kill_by_name(&first);
        when(&db, async |db| runs(db, 2).await).await;
        let rescued = began.elapsed();
        eprintln!("a leader was elected after {elected:.1?}, a job ran elsewhere after {rescued:.1?}");
        assert!(elected < Duration::from_secs(10) && rescued < Duration::from_secs(15), "{elected:?} {rescued:?}");
    })
    .await;
}

async fn leader(db: &Db) -> Option<String> {
    let nodes = queue::admin::nodes(db).await.unwrap();
    nodes.into_iter().find(|node| node.leads).map(|node| node.name)
}

/// Other processes make it so, and tell nobody.
async fn when<T>(db: &Db, look: impl AsyncFn(&Db) -> Option<T>) -> T {
    let wait = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        loop {
            ticks.tick().await;
            if let Some(found) = look(db).await {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("it happens within a minute")
}

async fn sqlite() -> (tempfile::TempDir, String, Db) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("faults.db").display());
    let db = Db::open(&url).await.unwrap();
    db.migrate().await.unwrap();
    (folder, url, db)
}

/// One run; what the checker says of it.
async fn suffer(db: &Db, url: &str, way: Way, seed: u64) -> Vec<String> {
    let mut rng = StdRng::seed_from_u64(seed);
    let create = sql!("create table effects (job bigint not null, attempt bigint not null, node text not null)");
    db.execute(create, params![]).await.unwrap();
    let batch = insert_batch(db, &mut rng).await;
    // An SQLite file has one process at a time.
    let several = db.dialect() == Dialect::Postgres;
    let mut nodes = Nodes::new(url, way, if several { 3 } else { 1 });
    let mut trouble = Trouble::new(several);
    for _ in 0..FAULTS {
        if several {
            insert_some(db, &mut rng, LATER / u32::try_from(FAULTS).unwrap()).await;
        }
        tokio::time::sleep(Duration::from_millis(rng.random_range(50..500))).await;
        trouble.happen(&mut rng, db, &mut nodes).await;
    }
    trouble.end(&mut nodes).await;
    checker::wait_until_nothing_is_left(db).await;
    nodes.kill_all();
    checker::verdict(db, batch).await
}

async fn insert_batch(db: &Db, rng: &mut StdRng) -> queue::JobId {
    let args: Vec<_> = (0..BATCH).map(|_| EffectArgs { ms: rng.random_range(5..120) }).collect();
    let callback = NewJob::<CallBack>::new(&()).unwrap();
    let batch = Batch::new().jobs::<Effect>(&args).unwrap().when_ended(callback);
    let mut tx = db.begin().await.unwrap();
    let id = batch.insert(&mut tx, Clock::system().now_ms()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    id
}

/// Through trouble with the database too; what may or may not have been committed counts as it is.
async fn insert_some(db: &Db, rng: &mut StdRng, jobs: u32) {
    let args: Vec<_> = (0..jobs).map(|_| EffectArgs { ms: rng.random_range(5..120) }).collect();
    let insert = async {
        let mut tx = db.begin().await?;
        for args in &args {
            enqueue::<Effect>(&mut tx, args, Clock::system().now_ms()).await?;
        }
        tx.commit().await?;
        Ok::<_, queue::Error>(())
    };
    if let Err(error) = insert.await {
        eprintln!("not enqueued: {error}");
    }
}
