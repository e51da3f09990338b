//! A node as a process of its own: this test program once more. It does what its standard input says.

use std::{path::Path, time::Duration};

use db::{Clock, Db};
use queue::Queue;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

use crate::{
    history::History,
    warnings::Warnings,
    worker::{CallBack, Effect, Hands, Never, Novel, OldEffect, Way},
};

/// A node that is silent for so long is given up: short, so that a run has many deaths.
pub const LEASE: Duration = Duration::from_millis(600);

/// A node that is told to end lets its jobs finish for so long, which is too short for some.
const GRACE: Duration = Duration::from_millis(30);

pub const URL: &str = "FAULT_NODE_URL";
pub const NAME: &str = "FAULT_NODE_NAME";
pub const WAY: &str = "FAULT_NODE_WAY";
pub const HISTORY: &str = "FAULT_NODE_HISTORY";
/// Whether the lease is the one that the queue has by itself.
pub const OWN_LEASE: &str = "FAULT_NODE_OWN_LEASE";
/// Whether it is the program of yesterday.
pub const OLDER: &str = "FAULT_NODE_OLDER";

/// What a node's process runs; a test only for the runner.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process of a node, started by the other tests"]
async fn node_process() {
    let Ok(url) = std::env::var(URL) else { return };
    let words = words();
    // PostgreSQL may be starting again.
    let db = loop {
        match Db::open(&url).await {
            Ok(db) => break db,
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    let history = History::open(Path::new(&std::env::var(HISTORY).unwrap()));
    tracing::subscriber::set_global_default(Warnings(history)).unwrap();
    let clock = Clock::skewed();
    let node = queue(&db, &clock).start();
    let mut told_to_end = signal(SignalKind::terminate()).unwrap();
    tokio::select! {
        () = obey(words, &clock) => {}
        _ = told_to_end.recv() => node.stop(GRACE).await,
    }
    std::process::exit(0);
}

fn queue(db: &Db, clock: &Clock) -> Queue {
    let text = |name| std::env::var(name).unwrap();
    let hands =
        Hands { db: db.clone(), way: Way::named(&text(WAY)), history: History::open(Path::new(&text(HISTORY))) };
    let queue = Queue::new(db.clone(), clock.clone(), text(NAME)).register(CallBack(hands.clone()));
    let queue = match std::env::var(OLDER) {
        Ok(_) => queue.register(OldEffect(hands)),
        Err(_) => queue.register(Effect(hands.clone())).register(Novel(hands.clone())).register(Never(hands)),
    };
    let queue = queue.limit("effects", 4);
    match std::env::var(OWN_LEASE) {
        Ok(_) => queue,
        Err(_) => queue.poll_interval(Duration::from_millis(100)).lease(LEASE),
    }
}

/// What the standard input says. When that ends, whoever started this process is gone, and it must not
/// outlive them, whatever it is about.
fn words() -> mpsc::Receiver<String> {
    let (say, words) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if say.blocking_send(line).is_err() {
                return;
            }
        }
        std::process::exit(0);
    });
    words
}

/// `clock MS` sets this process's clock that far ahead of the system's.
async fn obey(mut words: mpsc::Receiver<String>, clock: &Clock) {
    let mut ahead = 0;
    while let Some(line) = words.recv().await {
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("clock", ms) => {
                let wanted: i64 = ms.parse().unwrap();
                clock.advance(wanted - ahead);
                ahead = wanted;
            }
            _ => panic!("{line}"),
        }
    }
}
