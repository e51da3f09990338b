//! A node in a process of its own: this test program started again. It reads commands from its standard
//! input.

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
    worker::{Behavior, CallBack, Effect, Never, Novel, OldEffect, Shared},
};

/// A short lease, so that a run has many dead nodes.
pub const LEASE: Duration = Duration::from_millis(600);

/// How long a stopping node lets its jobs finish, which is too short for some.
const GRACE: Duration = Duration::from_millis(30);

pub const URL: &str = "FAULT_NODE_URL";
pub const NAME: &str = "FAULT_NODE_NAME";
pub const BEHAVIOR: &str = "FAULT_NODE_WAY";
pub const HISTORY: &str = "FAULT_NODE_HISTORY";
/// Whether to use the queue's default lease.
pub const OWN_LEASE: &str = "FAULT_NODE_OWN_LEASE";
/// Whether to run the older version of the program.
pub const OLDER: &str = "FAULT_NODE_OLDER";

/// The main function of a node's process, which has to be a test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process of a node, started by the other tests"]
async fn node_process() {
    let Ok(url) = std::env::var(URL) else { return };
    let commands = commands();
    // PostgreSQL may be restarting.
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
    let mut terminated = signal(SignalKind::terminate()).unwrap();
    tokio::select! {
        () = run_commands(commands, &clock) => {}
        _ = terminated.recv() => node.stop(GRACE).await,
    }
    std::process::exit(0);
}

fn queue(db: &Db, clock: &Clock) -> Queue {
    let text = |name| std::env::var(name).unwrap();
    let shared = Shared {
        db: db.clone(),
        behavior: Behavior::parse(&text(BEHAVIOR)),
        history: History::open(Path::new(&text(HISTORY))),
    };
    let queue = Queue::new(db.clone(), clock.clone(), text(NAME)).register(CallBack(shared.clone()));
    let queue = match std::env::var(OLDER) {
        Ok(_) => queue.register(OldEffect(shared)),
        Err(_) => queue.register(Effect(shared.clone())).register(Novel(shared.clone())).register(Never(shared)),
    };
    let queue = queue.limit("effects", 4);
    match std::env::var(OWN_LEASE) {
        Ok(_) => queue,
        Err(_) => queue.poll_interval(Duration::from_millis(100)).lease(LEASE),
    }
}

/// Commands from the standard input. When it ends, the process that started this one is gone, and this one
/// exits too.
fn commands() -> mpsc::Receiver<String> {
    let (say, commands) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if say.blocking_send(line).is_err() {
                return;
            }
        }
        std::process::exit(0);
    });
    commands
}

/// `clock MS` sets this process's clock that many milliseconds ahead of the system's.
async fn run_commands(mut commands: mpsc::Receiver<String>, clock: &Clock) {
    let mut ahead = 0;
    while let Some(line) = commands.recv().await {
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
