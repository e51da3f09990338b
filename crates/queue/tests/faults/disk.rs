//! A disk that is full for a while, with SQLite.
//!
//! The file is on a small file system of its own, mounted in a namespace that only this test's processes see.
//! Where that is not allowed (`unshare` needs root or user namespaces), the test fails and says so;
//! `FAULT_NO_DISK=1` skips it.

use std::{
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use db::{Clock, Db, params, sql};
use queue::enqueue_all;
use rand::{SeedableRng, rngs::StdRng};

use crate::{
    checker, history,
    nodes::Nodes,
    rounds,
    run::Jobs,
    seed,
    worker::{Behavior, Effect, EffectArgs},
};

/// Set inside the namespace to the folder of the small file system.
const INSIDE: &str = "FAULT_SMALL_DISK";
/// Skips the test where no file system can be mounted.
const WITHOUT: &str = "FAULT_NO_DISK";
const THIS_TEST: &str = "disk::a_full_disk_loses_nothing_and_breaks_no_connection";
/// How often the disk is filled in a run.
const TIMES: u32 = 3;
/// How often to try to fill the disk while a job runs.
const MAX_TRIES: u32 = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing_and_breaks_no_connection() {
    // The run depends little on chance.
    for seed in seed()..seed() + rounds().min(3) {
        if let Ok(folder) = std::env::var(INSIDE) {
            return run(&PathBuf::from(folder), seed).await;
        }
        let folder = tempfile::tempdir().unwrap();
        let may_mount = inside(folder.path(), "true").output().is_ok_and(|tried| tried.status.success());
        if !may_mount && std::env::var(WITHOUT).is_ok() {
            return eprintln!("NOT TESTED: a full disk");
        }
        assert!(
            may_mount,
            "`unshare --mount` is not allowed here: a full disk cannot be tested; {WITHOUT}=1 leaves it out"
        );
        let status = inside(folder.path(), "exec \"$0\" --exact \"$2\" --nocapture")
            .arg(THIS_TEST)
            .env(INSIDE, folder.path())
            .env("FAULT_SEED", seed.to_string())
            .status();
        assert!(status.unwrap().success(), "seed {seed}");
    }
}

/// A command in a namespace in which a small file system is mounted on `folder`.
fn inside(folder: &Path, script: &str) -> Command {
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut command = Command::new("unshare");
    command.arg("--mount").args((!root).then_some("--map-root-user"));
    let mount = format!("mount -t tmpfs -o size=64m tmpfs \"$1\" && {script}");
    command.args(["sh", "-c", &mount]).arg(std::env::current_exe().unwrap()).arg(folder);
    command
}

async fn run(folder: &Path, seed: u64) {
    let url = format!("sqlite://{}", folder.join("faults.db").display());
    let db = Db::open(&url).await.unwrap();
    db.migrate().await.unwrap();
    let notes = tempfile::tempdir().unwrap();
    let mut rng = StdRng::seed_from_u64(seed);
    let jobs = Jobs { db: &db, older: false };
    jobs.prepare().await;
    db.execute(sql!("create table ballast (load text not null)"), params![]).await.unwrap();
    let batch = jobs.insert_batch(&mut rng).await;
    let mut nodes = Nodes::new(&url, Behavior::Correct, notes.path().join("history")).and(1);
    for time in 0..TIMES {
        let full_before = failures(&nodes);
        fill_until_a_write_fails(&db, folder, &nodes, full_before).await;
        if time == 1 {
            // Lets a node start on a full disk too.
            nodes.replace(0);
            fill(&db, folder).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        std::fs::remove_file(filler(folder)).unwrap();
    }
    checker::wait_until_nothing_is_left(&db).await;
    nodes.kill_all();
    assert_eq!(checker::violations(&db, nodes.history(), batch).await, [""; 0], "seed {seed}");
    eprintln!("{TIMES} times the disk was full");
}

/// Jobs that make the file grow for two seconds.
async fn heavy_jobs(db: &Db) {
    let args = EffectArgs { ms: 200, bytes: 40_000, ..EffectArgs::default() };
    let mut tx = db.begin().await.unwrap();
    enqueue_all::<Effect>(&mut tx, &[args; 40], Clock::system().now_ms()).await.unwrap();
    tx.commit().await.unwrap();
}

fn filler(folder: &Path) -> PathBuf {
    folder.join("balloon")
}

async fn fill(db: &Db, folder: &Path) {
    let mut file = OpenOptions::new().create(true).append(true).open(filler(folder)).unwrap();
    let block = vec![0; 4_096];
    while file.write_all(&block).is_ok() {}
    // SQLite's log has free space, which it reuses.
    for bytes in [1_000_000, 100_000, 10_000, 1_000] {
        let more = || db.execute(sql!("insert into ballast (load) values ($1)"), params!["x".repeat(bytes)]);
        while more().await.is_ok() {}
    }
}

/// How often a write of the node failed because the disk was full.
fn failures(nodes: &Nodes) -> usize {
    history::read(nodes.history()).iter().filter(|line| line.about.contains("full")).count()
}

/// Fills the disk while jobs run, until a write of one of them fails. Tries again if the jobs ended before
/// the disk was full, as may happen on a slow machine.
async fn fill_until_a_write_fails(db: &Db, folder: &Path, nodes: &Nodes, before: usize) {
    for _ in 0..MAX_TRIES {
        heavy_jobs(db).await;
        fill(db, folder).await;
        let failed = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(20));
            while failures(nodes) == before {
                ticks.tick().await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(5), failed).await.is_ok() {
            return;
        }
        std::fs::remove_file(filler(folder)).unwrap();
    }
    panic!("no write failed in {MAX_TRIES} tries");
}
