//! A disk that is full for a while, under SQLite.
//!
//! The file lies on a small file system of its own, mounted in a namespace that only this test's processes
//! see. Where that is not allowed (`unshare` needs root or user namespaces), SQLite is told to let the file
//! grow no more instead, which it refuses with the same error; the test says which it was.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use db::{Clock, Db};
use queue::{Error, enqueue};
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
const ME: &str = "disk::a_full_disk_loses_nothing_and_spoils_no_connection";
/// How often the disk is full in a run.
const TIMES: u32 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing_and_spoils_no_connection() {
    for seed in seed()..seed() + rounds() {
        if let Ok(folder) = std::env::var(INSIDE) {
            return suffer(&PathBuf::from(folder), Disk::Small, seed).await;
        }
        let folder = tempfile::tempdir().unwrap();
        if !may_mount(folder.path()) {
            eprintln!("NO SMALL DISK: `unshare --mount` is not allowed here, so SQLite's own limit stands in for it");
            suffer(folder.path(), Disk::Limited, seed).await;
            continue;
        }
        let status = inside(folder.path(), "exec \"$0\" --exact \"$2\" --nocapture")
            .arg(ME)
            .env(INSIDE, folder.path())
            .env("FAULT_SEED", seed.to_string())
            .status();
        assert!(status.unwrap().success(), "seed {seed}");
    }
}

/// What stands for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disk {
    /// A file system of some megabytes.
    Small,
    /// SQLite's own limit.
    Limited,
}

/// A command in a namespace where a small file system is mounted on `folder`.
fn inside(folder: &Path, script: &str) -> Command {
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut command = Command::new("unshare");
    command.arg("--mount").args((!root).then_some("--map-root-user"));
    let mount = format!("mount -t tmpfs -o size=12m tmpfs \"$1\" && {script}");
    command.args(["sh", "-c", &mount]).arg(std::env::current_exe().unwrap()).arg(folder);
    command
}

fn may_mount(folder: &Path) -> bool {
    inside(folder, "true").output().is_ok_and(|tried| tried.status.success())
}

async fn suffer(folder: &Path, disk: Disk, seed: u64) {
    let url = format!("sqlite://{}", folder.join("faults.db").display());
    let db = Db::open(&url).await.unwrap();
    db.migrate().await.unwrap();
    let notes = tempfile::tempdir().unwrap();
    let mut rng = StdRng::seed_from_u64(seed);
    let jobs = Jobs { db: &db, older: false };
    jobs.prepare().await;
    let batch = jobs.insert_batch(&mut rng).await;
    let mut nodes = Nodes::new(&url, Way::Right, notes.path().join("history")).and(1);
    for time in 0..TIMES {
        heavy_jobs(&db).await;
        fill(folder, disk, &mut nodes);
        until_it_hurts(&nodes, time).await;
        if time == 1 {
            // To start on a full disk as well.
            nodes.replace(0);
            if disk == Disk::Limited {
                fill(folder, disk, &mut nodes);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        free(folder, disk, &mut nodes);
    }
    checker::wait_until_nothing_is_left(&db).await;
    nodes.kill_all();
    assert_eq!(checker::verdict(&db, nodes.history(), batch).await, [""; 0], "seed {seed}");
    eprintln!("{TIMES} times the disk was full ({disk:?})");
}

/// Jobs that make the file grow.
async fn heavy_jobs(db: &Db) {
    let insert = async {
        let mut tx = db.begin().await?;
        for _ in 0..20 {
            let args = EffectArgs { ms: 20, bytes: 40_000, ..EffectArgs::default() };
            enqueue::<Effect>(&mut tx, &args, Clock::system().now_ms()).await?;
        }
        Ok::<_, Error>(tx.commit().await?)
    };
    insert.await.unwrap();
}

fn balloon(folder: &Path) -> PathBuf {
    folder.join("balloon")
}

fn fill(folder: &Path, disk: Disk, nodes: &mut Nodes) {
    if disk == Disk::Limited {
        return nodes.tell(0, "full");
    }
    let mut file = File::create(balloon(folder)).unwrap();
    let block = vec![0; 4_096];
    while file.write_all(&block).is_ok() {}
}

fn free(folder: &Path, disk: Disk, nodes: &mut Nodes) {
    match disk {
        Disk::Limited => nodes.tell(0, "free"),
        Disk::Small => std::fs::remove_file(balloon(folder)).unwrap(),
    }
}

/// Until one more thing that the node wanted to write was refused because the disk is full.
async fn until_it_hurts(nodes: &Nodes, times: u32) {
    let hurts = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        let full = || history::read(nodes.history()).iter().filter(|line| line.about.contains("full")).count();
        let before = if times == 0 { 0 } else { full() };
        while full() == before {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), hurts).await.expect("the node meets the full disk");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlites_own_limit_is_the_same_to_the_queue() {
    let folder = tempfile::tempdir().unwrap();
    suffer(folder.path(), Disk::Limited, seed()).await;
}
