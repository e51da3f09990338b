//! Limits that apply to all nodes together: concurrency, rates and fair sharing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use db::{Clock, Db};
use queue::{JobId, Limits, NewJob, Outcome, Running};
use tokio::sync::{Notify, mpsc};

use crate::support::{Act, Events, Number, START, add, queue, soon};

async fn add_of(db: &Db, key: &str, n: u32) -> JobId {
    let mut tx = db.begin().await.expect("a transaction");
    let new = NewJob::<Act>::new(&Number { n }).expect("arguments").partition(key);
    let id = new.insert(&mut tx, START).await.expect("enqueued").id();
    tx.commit().await.expect("committed");
    id
}

async fn nodes(db: &Db, clock: &Clock, limits: Limits, act: impl Fn() -> Act) -> Vec<Running> {
    let mut nodes = Vec::new();
    for name in ["a", "b", "c"] {
        let node = queue(db, clock, name, act()).limits("acts", limits).start();
        soon(node.ready()).await;
        nodes.push(node);
    }
    nodes
}

async fn stop(nodes: Vec<Running>) {
    for node in nodes {
        soon(node.stop(Duration::from_secs(10))).await;
    }
}

db::on_both_databases! {
    async fn a_global_limit_applies_to_all_nodes_and_every_job_runs(db: Db) {
        let (now, most, ran) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let count = Arc::new(AtomicUsize::new(0));
        let act = || {
            let (now, most, ran, count) = (Arc::clone(&now), Arc::clone(&most), Arc::clone(&ran), Arc::clone(&count));
            Act::new(move |_number, _job| {
                let (now, most, ran, count) = (Arc::clone(&now), Arc::clone(&most), Arc::clone(&ran), Arc::clone(&count));
                async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    // Long enough for other jobs to start, if they were allowed to.
                    for _ in 0..50 {
                        tokio::task::yield_now().await;
                    }
                    now.fetch_sub(1, Ordering::SeqCst);
                    if count.fetch_add(1, Ordering::SeqCst) + 1 == 60 {
                        ran.notify_one();
                    }
                    Outcome::Complete
                }
            })
        };
        let nodes = nodes(&db, &Clock::manual(START), Limits::new(5).global(2), act).await;
        for n in 0..60 {
            add(&db, n).await;
        }
        soon(ran.notified()).await;
        stop(nodes).await;
        assert!(most.load(Ordering::SeqCst) <= 2, "{most:?} ran at once");
    }

    async fn a_rate_applies_to_all_nodes_together(db: Db) {
        let clock = Clock::manual(START);
        let (sender, mut receiver) = mpsc::channel(100);
        let act = || {
            let sender = sender.clone();
            Act::new(move |number: Number, _job| {
                let sender = sender.clone();
                async move {
                    sender.send(number.n).await.expect("the test receives");
                    Outcome::Complete
                }
            })
        };
        let limits = Limits::new(5).rate(3, Duration::from_secs(60));
        let nodes = nodes(&db, &clock, limits, act).await;
        for n in 0..7 {
            add(&db, n).await;
        }
        for _ in 0..3 {
            soon(receiver.recv()).await.expect("started");
        }
        poll_all(&nodes).await;
        assert!(receiver.try_recv().is_err(), "a fourth start within the minute");
        clock.advance(59_999);
        poll_all(&nodes).await;
        assert!(receiver.try_recv().is_err(), "a fourth start within the minute");
        clock.advance(1);
        poll_all(&nodes).await;
        for _ in 0..3 {
            soon(receiver.recv()).await.expect("started");
        }
        poll_all(&nodes).await;
        assert!(receiver.try_recv().is_err(), "a seventh start within two minutes");
        stop(nodes).await;
    }

    async fn a_rate_per_key_lets_other_keys_start(db: Db) {
        let (sender, mut receiver) = mpsc::channel(100);
        let act = || {
            let sender = sender.clone();
            Act::new(move |number: Number, _job| {
                let sender = sender.clone();
                async move {
                    sender.send(number.n).await.expect("the test receives");
                    Outcome::Complete
                }
            })
        };
        let limits = Limits::new(50).rate_per_key(2, Duration::from_secs(60));
        let nodes = nodes(&db, &Clock::manual(START), limits, act).await;
        for n in 0..5 {
            add_of(&db, "x", n).await;
        }
        add_of(&db, "y", 10).await;
        add(&db, 20).await;
        let mut started = Vec::new();
        for _ in 0..4 {
            started.extend(soon(receiver.recv()).await);
        }
        poll_all(&nodes).await;
        assert!(receiver.try_recv().is_err(), "a third start of x");
        started.sort_unstable();
        assert_eq!(started, [0, 1, 10, 20]);
        stop(nodes).await;
    }

    async fn slots_are_shared_fairly_between_keys(db: Db) {
        for n in 0..20 {
            add_of(&db, "many", n).await;
        }
        let few = add_of(&db, "few", 100).await;
        let (sender, mut receiver) = mpsc::channel(100);
        let go = Arc::new(tokio::sync::Semaphore::new(0));
        let act = {
            let go = Arc::clone(&go);
            Act::new(move |number: Number, _job| {
                let (sender, go) = (sender.clone(), Arc::clone(&go));
                async move {
                    sender.send(number.n).await.expect("the test receives");
                    go.acquire().await.expect("open").forget();
                    Outcome::Complete
                }
            })
        };
        let node = queue(&db, &Clock::manual(START), "a", act).limits("acts", Limits::new(2).fair_partitions()).start();
        let mut events = Events::subscribe(&node);
        let mut first = vec![soon(receiver.recv()).await.expect("started"), soon(receiver.recv()).await.expect("started")];
        first.sort_unstable();
        assert_eq!(first, [0, 100], "one of each key, though twenty jobs are older");
        go.add_permits(100);
        soon(events.next(few)).await;
        for _ in 0..19 {
            soon(receiver.recv()).await.expect("the others run as well");
        }
        soon(node.stop(Duration::from_secs(10))).await;
    }
}

async fn poll_all(nodes: &[Running]) {
    for node in nodes {
        soon(node.poll()).await;
    }
}
