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

use std::time::Duration;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_a_missing_fence() {
    db::testing::on_postgres(async |db: Db| {
        let verdict = suffer(&db, &db::testing::postgres_url(&db).await, Way::WithoutFence, seed()).await;
        assert!(verdict.iter().any(|fault| fault.contains("took effect 2 times")), "{verdict:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_jobs_that_complete_too_early() {
    let (_folder, url, db) = sqlite().await;
    let verdict = suffer(&db, &url, Way::CompletedFirst, seed()).await;
    assert!(verdict.iter().any(|fault| fault.contains("took effect 0 times")), "{verdict:?}");
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
