//! One run: its jobs, its processes and its faults.

use std::time::Duration;

use db::{Clock, Db, Dialect, params, sql};
use queue::{Batch, Error, JobId, NewJob, Unique, Worker, enqueue};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    checker, history,
    injector::{Injector, Mix},
    nodes::Nodes,
    proxy::Proxy,
    worker::{Behavior, CallBack, Effect, EffectArgs, Never, Novel, OldArgs, OldEffect},
};

/// The number of jobs in the batch.
pub const BATCH: u32 = 300;
/// The number of jobs that are enqueued with each fault.
const JOBS_PER_FAULT: u32 = 20;
/// The number of faults in a run.
pub const FAULTS: usize = 10;

/// The parameters of a run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub behavior: Behavior,
    pub mix: Mix,
    pub faults: usize,
    /// Whether one of the processes runs the older version.
    pub older: bool,
}

impl Plan {
    pub fn new(mix: Mix) -> Self {
        Self { behavior: Behavior::Correct, mix, faults: FAULTS, older: false }
    }

    pub fn behavior(self, behavior: Behavior) -> Self {
        Self { behavior, ..self }
    }

    pub fn faults(self, faults: usize) -> Self {
        Self { faults, ..self }
    }

    pub fn with_an_older_program(self) -> Self {
        Self { older: true, ..self }
    }

    /// Runs on a new PostgreSQL database; returns the violations.
    pub async fn on_postgres(self, seed: u64) -> Vec<String> {
        let mut violations = Vec::new();
        db::testing::on_postgres(async |db: Db| {
            let (network, url) = Proxy::before(&db::testing::postgres_url(&db).await).await;
            violations = self.run(&db, &url, Some(network), seed).await;
        })
        .await;
        violations
    }

    /// Runs on a new SQLite file; returns the violations.
    pub async fn on_sqlite(self, seed: u64) -> Vec<String> {
        let (_folder, url, db) = sqlite().await;
        self.run(&db, &url, None, seed).await
    }

    async fn run(self, db: &Db, url: &str, network: Option<Proxy>, seed: u64) -> Vec<String> {
        let mut rng = StdRng::seed_from_u64(seed);
        let folder = tempfile::tempdir().unwrap();
        let jobs = Jobs { db, older: self.older };
        jobs.prepare().await;
        let batch = jobs.insert_batch(&mut rng).await;
        let mut nodes = self.nodes(db, url, folder.path().join("history"));
        let mut injector = Injector::new(self.mix, network);
        for _ in 0..self.faults {
            jobs.insert_some(&mut rng).await;
            tokio::time::sleep(Duration::from_millis(rng.random_range(50..500))).await;
            injector.inject(&mut rng, db, &mut nodes).await;
        }
        injector.end(&mut nodes);
        checker::wait_until_nothing_is_left(db).await;
        nodes.kill_all();
        checker::violations(db, nodes.history(), batch).await
    }

    fn nodes(self, db: &Db, url: &str, history: std::path::PathBuf) -> Nodes {
        let nodes = Nodes::new(url, self.behavior, history);
        match db.dialect() {
            // An SQLite file has one process at a time.
            Dialect::Sqlite => nodes.and(1),
            Dialect::Postgres if self.older => nodes.and_an_older_one().and(2),
            Dialect::Postgres => nodes.and(3),
        }
    }
}

/// A new file and its folder.
pub async fn sqlite() -> (tempfile::TempDir, String, Db) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("faults.db").display());
    let db = Db::open(&url).await.unwrap();
    db.migrate().await.unwrap();
    (folder, url, db)
}

/// Enqueues the jobs of a run.
pub struct Jobs<'a> {
    pub db: &'a Db,
    /// Whether to enqueue jobs of the older version, and jobs that it does not know.
    pub older: bool,
}

impl Jobs<'_> {
    /// Creates the tables of effects and of changes.
    pub async fn prepare(&self) {
        let create = sql!(
            "create table effects (job bigint not null, attempt bigint not null, node text not null, load text not null)"
        );
        self.db.execute(create, params![]).await.unwrap();
        history::watch(self.db).await;
    }

    pub async fn insert_batch(&self, rng: &mut StdRng) -> JobId {
        let args: Vec<_> =
            (0..BATCH).map(|_| EffectArgs { ms: rng.random_range(5..120), ..random_args(rng) }).collect();
        let callback = NewJob::<CallBack>::new(&()).unwrap();
        let batch = Batch::new().jobs::<Effect>(&args).unwrap().when_ended(callback);
        let mut tx = self.db.begin().await.unwrap();
        let id = batch.insert(&mut tx, Clock::system().now_ms()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Enqueues some jobs and one that is rolled back, even if the database fails. It does not matter whether
    /// a failed commit took effect.
    async fn insert_some(&self, rng: &mut StdRng) {
        for inserted in [self.insert(rng).await, self.insert_and_roll_back().await] {
            if let Err(error) = inserted {
                eprintln!("not enqueued: {error}");
            }
        }
    }

    async fn insert(&self, rng: &mut StdRng) -> Result<(), Error> {
        let now = Clock::system().now_ms();
        let mut tx = self.db.begin().await?;
        for n in 0..JOBS_PER_FAULT {
            let args = EffectArgs { ms: rng.random_range(5..120), ..random_args(rng) };
            match n % 5 {
                0 if self.older => enqueue::<OldEffect>(&mut tx, &OldArgs { ms: args.ms }, now).await?,
                1 if self.older => enqueue::<Novel>(&mut tx, &args, now).await?,
                2 => NewJob::<Effect>::new(&args)?.scheduled_at(now + 300).insert(&mut tx, now).await?.id(),
                3 => {
                    let key = Unique::key(format!("one of {}", rng.random_range(0..5))).also_ended();
                    NewJob::<Effect>::new(&args)?.unique(key)?.insert(&mut tx, now).await?.id()
                }
                _ => enqueue::<Effect>(&mut tx, &args, now).await?,
            };
        }
        Ok(tx.commit().await?)
    }

    async fn insert_and_roll_back(&self) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        enqueue::<Never>(&mut tx, &(), Clock::system().now_ms()).await?;
        Ok(())
    }
}

/// Arguments of a job that may fail, snooze or roll back.
fn random_args(rng: &mut StdRng) -> EffectArgs {
    let chance = rng.random_range(0..20);
    EffectArgs {
        failures: u32::from(chance == 0) * 2,
        snoozes: chance == 1,
        rolls_back: (2..6).contains(&chance),
        ..EffectArgs::default()
    }
}

/// The workers whose jobs have to take effect.
pub const WORKERS: [&str; 2] = [Effect::NAME, Novel::NAME];
