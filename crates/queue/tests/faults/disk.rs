//! A disk that is full for a while, under SQLite.
//!
//! The file lies on a small file system of its own, mounted in a namespace that only this test's processes
//! see. Where that is not allowed (`unshare` needs root or user namespaces), the test fails and says so;
//! `FAULT_NO_DISK=1` leaves it out.

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
    worker::{Effect, EffectArgs, Way},
};

/// Whether this process is inside, and where its small file system is.
const INSIDE: &str = "FAULT_SMALL_DISK";
/// Where no small file system can be mounted.
const WITHOUT: &str = "FAULT_NO_DISK";
const ME: &str = "disk::a_full_disk_loses_nothing_and_spoils_no_connection";
/// How often the disk is full in a run.
const TIMES: u32 = 3;
/// How often it is tried to fill it while a job runs.
const TRIES: u32 = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing_and_spoils_no_connection() {
    // There is little chance in it.
    for seed in seed()..seed() + rounds().min(3) {
        if let Ok(folder) = std::env::var(INSIDE) {
            return suffer(&PathBuf::from(folder), seed).await;
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
            .arg(ME)
            .env(INSIDE, folder.path())
            .env("FAULT_SEED", seed.to_string())
            .status();
        assert!(status.unwrap().success(), "seed {seed}");
    }
}

/// A command in a namespace where a small file system is mounted on `folder`.
fn inside(folder: &Path, script: &str) -> Command {
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut command = Command::new("unshare");
    command.arg("--mount").args((!root).then_some("--map-root-user"));
    let mount = format!("mount -t tmpfs -o size=64m tmpfs \"$1\" && {script}");
    command.args(["sh", "-c", &mount]).arg(std::env::current_exe().unwrap()).arg(folder);
    command
}

async fn suffer(folder: &Path, seed: u64) {
    let url = format!("sqlite://{}", folder.join("faults.db").display());
    let db = Db::open(&url).await.unwrap();
    db.migrate().await.unwrap();
    let notes = tempfile::tempdir().unwrap();
    let mut rng = StdRng::seed_from_u64(seed);
    let jobs = Jobs { db: &db, older: false };
    jobs.prepare().await;
    db.execute(sql!("create table ballast (load text not null)"), params![]).await.unwrap();
    let batch = jobs.insert_batch(&mut rng).await;
    let mut nodes = Nodes::new(&url, Way::Right, notes.path().join("history")).and(1);
    for time in 0..TIMES {
        let full_before = refusals(&nodes);
        fill_until_it_hurts(&db, folder, &nodes, full_before).await;
        if time == 1 {
            // To start on a full disk as well.
            nodes.replace(0);
            fill(&db, folder).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        std::fs::remove_file(balloon(folder)).unwrap();
    }
    checker::wait_until_nothing_is_left(&db).await;
    nodes.kill_all();
    assert_eq!(checker::verdict(&db, nodes.history(), batch).await, [""; 0], "seed {seed}");
    eprintln!("{TIMES} times the disk was full");
}

/// Jobs that make the file grow, for two seconds.
async fn heavy_jobs(db: &Db) {
    let args = EffectArgs { ms: 200, bytes: 40_000, ..EffectArgs::default() };
    let mut tx = db.begin().await.unwrap();
    enqueue_all::<Effect>(&mut tx, &[args; 40], Clock::system().now_ms()).await.unwrap();
    tx.commit().await.unwrap();
}

fn balloon(folder: &Path) -> PathBuf {
    folder.join("balloon")
}

async fn fill(db: &Db, folder: &Path) {
    let mut file = OpenOptions::new().create(true).append(true).open(balloon(folder)).unwrap();
    let block = vec![0; 4_096];
    while file.write_all(&block).is_ok() {}
    // SQLite has room left in its log, which it uses again.
    for bytes in [1_000_000, 100_000, 10_000, 1_000] {
        let more = || db.execute(sql!("insert into ballast (load) values ($1)"), params!["x".repeat(bytes)]);
        while more().await.is_ok() {}
    }
}

/// How often the node was refused something because the disk is full.
fn refusals(nodes: &Nodes) -> usize {
    history::read(nodes.history()).iter().filter(|line| line.about.contains("full")).count()
}

/// Fills the disk while jobs run, and sees to it that one of them is refused something. A slow machine may
/// be done with them before the disk is full: then once more.
async fn fill_until_it_hurts(db: &Db, folder: &Path, nodes: &Nodes, before: usize) {
    for _ in 0..TRIES {
        heavy_jobs(db).await;
        fill(db, folder).await;
        let hurts = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(20));
            while refusals(nodes) == before {
                ticks.tick().await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(5), hurts).await.is_ok() {
            return;
        }
        std::fs::remove_file(balloon(folder)).unwrap();
    }
    panic!("in {TRIES} tries the node did not meet the full disk");
}
