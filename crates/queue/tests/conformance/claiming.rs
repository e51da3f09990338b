//! Which node claims a job, when it starts, and in which order.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use db::{Clock, Db, Dialect, params, sql};
use queue::{Enqueuer, NewJob, Outcome, State, enqueue, enqueue_all, find};
use tokio::sync::mpsc;

use crate::support::{Act, Events, Number, START, add, job, queue, soon};

/// A worker that sends its number and completes.
fn sending(receiver: mpsc::Sender<u32>) -> Act {
    Act::new(move |number, _job| {
        let receiver = receiver.clone();
        async move {
            receiver.send(number.n).await.expect("the test receives");
            Outcome::Complete
        }
    })
}

async fn count(db: &Db) -> i64 {
    let mut tx = db.snapshot().await.expect("a snapshot");
    tx.one(db::sql!("select count(*) as n from jobs"), db::params![])
        .await
        .expect("counted")
        .int("n")
        .expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_that_use_up_the_pool_do_not_stop_a_node() {
    db::testing::on_postgres(async |db: db::Db| {
        let act = Act::new(|_number, _job| async { Outcome::Complete });
        let node = queue(&db, &Clock::manual(START), "a", act).start();
        let mut events = Events::subscribe(&node);
        let mut tx = db.begin().await.expect("a transaction");
        let id = enqueue::<Act>(&mut tx, &Number { n: 1 }, START).await.expect("enqueued");
        // Until the pool has no connection left.
        let mut flood = Vec::new();
        while let Ok(held) = tokio::time::timeout(Duration::from_millis(500), db.begin()).await {
            flood.push(held.expect("a transaction"));
        }
        assert!(flood.len() > 10, "{}", flood.len());
        tx.commit().await.expect("committed");
        flood.push(db.begin().await.expect("the last one"));
        assert_eq!(events.next(id).await.state, State::Completed);
        drop(flood);
        soon(node.stop(Duration::from_secs(10))).await;
    })
    .await;
}

db::on_both_databases! {
    async fn a_job_is_claimed_once_by_concurrent_nodes(db: Db) {
        let (sender, mut receiver) = mpsc::channel(1_000);
        let clock = Clock::manual(START);
        let mut nodes = Vec::new();
        for name in ["a", "b", "c"] {
            let node = queue(&db, &clock, name, sending(sender.clone())).limit("acts", 3).start();
            soon(node.ready()).await;
            nodes.push(node);
        }
        for n in 0..100 {
            add(&db, n).await;
        }
        let mut numbers = Vec::new();
        for _ in 0..100 {
            numbers.extend(soon(receiver.recv()).await);
        }
        for node in nodes {
            node.stop(std::time::Duration::from_secs(10)).await;
        }
        assert!(receiver.try_recv().is_err(), "an attempt too many");
        numbers.sort_unstable();
        assert_eq!(numbers, (0..100).collect::<Vec<_>>());
    }

    async fn a_job_of_a_rolled_back_transaction_never_runs(db: Db) {
        let (sender, mut receiver) = mpsc::channel(10);
        let clock = Clock::manual(START);
        let node = queue(&db, &clock, "a", sending(sender)).start();
        let mut tx = db.begin().await.expect("a transaction");
        enqueue::<Act>(&mut tx, &Number { n: 1 }, START).await.expect("enqueued");
        drop(tx);
        let mut events = Events::subscribe(&node);
        let kept = add(&db, 2).await;
        assert_eq!(events.next(kept).await.state, State::Completed);
        assert_eq!(receiver.recv().await, Some(2));
        assert!(receiver.try_recv().is_err());
        assert_eq!(count(&db).await, 1);
    }

    async fn a_job_that_finds_a_free_slot_starts_inline(db: Db) {
        let (sender, mut receiver) = mpsc::channel(10);
        let node = queue(&db, &Clock::manual(START), "a", sending(sender)).start();
        soon(node.ready()).await;
        let mut events = Events::subscribe(&node);
        let mut tx = db.begin().await.expect("a transaction");
        let id = node.enqueuer().enqueue::<Act>(&mut tx, &Number { n: 1 }, START).await.expect("enqueued");
        let inserted = find(&mut tx, id).await.expect("found").expect("the job exists");
        assert_eq!((inserted.state, inserted.attempt, inserted.node.as_deref()), (State::Executing, 1, Some("a")));
        assert!(receiver.try_recv().is_err(), "nothing runs before the commit");
        tx.commit().await.expect("committed");
        let ending = events.next(id).await;
        assert_eq!((ending.state, ending.attempt), (State::Completed, 1));
        assert_eq!(receiver.recv().await, Some(1));
    }

    async fn a_rolled_back_job_frees_its_slot(db: Db) {
        let (sender, mut receiver) = mpsc::channel(10);
        let node = queue(&db, &Clock::manual(START), "a", sending(sender)).limit("acts", 1).start();
        soon(node.ready()).await;
        for n in [1, 2] {
            let mut tx = db.begin().await.expect("a transaction");
            let lost = node.enqueuer().enqueue::<Act>(&mut tx, &Number { n }, START).await.expect("enqueued");
            let inserted = find(&mut tx, lost).await.expect("found").expect("the job exists");
            assert_eq!(inserted.state, State::Executing, "the only slot is free again");
        }
        add(&db, 3).await;
        assert_eq!(soon(receiver.recv()).await, Some(3));
    }

    async fn a_job_without_a_running_node_in_its_process_is_left_to_a_claim(db: Db) {
        let (sender, mut receiver) = mpsc::channel(10);
        let clock = Clock::manual(START);
        let first = queue(&db, &clock, "a", sending(sender.clone())).start();
        soon(first.ready()).await;
        let stopped = first.enqueuer().clone();
        soon(first.stop(Duration::from_secs(10))).await;
        for enqueuer in [Enqueuer::default(), stopped] {
            let mut tx = db.begin().await.expect("a transaction");
            let id = enqueuer.enqueue::<Act>(&mut tx, &Number { n: 1 }, START).await.expect("enqueued");
            let inserted = find(&mut tx, id).await.expect("found").expect("the job exists");
            assert_eq!(inserted.state, State::Available, "{enqueuer:?}");
            tx.commit().await.expect("committed");
        }
        let _second = queue(&db, &clock, "b", sending(sender)).start();
        assert_eq!((soon(receiver.recv()).await, soon(receiver.recv()).await), (Some(1), Some(1)));
    }

    async fn a_busy_queue_starts_no_job_inline(db: Db) {
        let (running, mut runs) = mpsc::channel(10);
        let go = Arc::new(tokio::sync::Semaphore::new(0));
        let act = Act::new({
            let go = Arc::clone(&go);
            move |number: Number, _job| {
                let (running, go) = (running.clone(), Arc::clone(&go));
                async move {
                    running.send(number.n).await.expect("the test receives");
                    let _ = go.acquire().await;
                    Outcome::Complete
                }
            }
        });
        let node = queue(&db, &Clock::manual(START), "a", act).limit("acts", 2).start();
        soon(node.ready()).await;
        let mut states = Vec::new();
        for n in 0..4 {
            let mut tx = db.begin().await.expect("a transaction");
            let id = node.enqueuer().enqueue::<Act>(&mut tx, &Number { n }, START).await.expect("enqueued");
            states.push(find(&mut tx, id).await.expect("found").expect("the job exists").state);
            tx.commit().await.expect("committed");
        }
        // The second job finds half of the slots in use, so it has to be claimed; the others wait.
        assert_eq!(states, [State::Executing, State::Available, State::Available, State::Available]);
        let mut first = [soon(runs.recv()).await, soon(runs.recv()).await];
        first.sort_unstable();
        assert_eq!(first, [Some(0), Some(1)]);
        go.add_permits(4);
        let mut last = [soon(runs.recv()).await, soon(runs.recv()).await];
        last.sort_unstable();
        assert_eq!(last, [Some(2), Some(3)]);
    }

    async fn many_jobs_are_enqueued_in_order_or_not_at_all(db: Db) {
        let (sender, mut receiver) = mpsc::channel(1_000);
        let numbers: Vec<_> = (0..500).map(|n| Number { n }).collect();
        let mut tx = db.begin().await.expect("a transaction");
        enqueue_all::<Act>(&mut tx, &numbers, START).await.expect("enqueued");
        drop(tx);
        let mut tx = db.begin().await.expect("a transaction");
        enqueue_all::<Act>(&mut tx, [], START).await.expect("nothing to do");
        enqueue_all::<Act>(&mut tx, &numbers, START).await.expect("enqueued");
        tx.commit().await.expect("committed");
        let node = queue(&db, &Clock::manual(START), "a", sending(sender)).limit("acts", 1).start();
        for n in 0..500 {
            assert_eq!(soon(receiver.recv()).await, Some(n));
        }
        soon(node.stop(std::time::Duration::from_secs(10))).await;
        assert!(receiver.try_recv().is_err(), "an attempt too many");
    }

    async fn a_job_starts_without_a_poll(db: Db) {
        let (sender, mut receiver) = mpsc::channel(10);
        let node = queue(&db, &Clock::manual(START), "a", sending(sender)).start();
        soon(node.ready()).await;
        add(&db, 7).await;
        assert_eq!(soon(receiver.recv()).await, Some(7));
    }

    async fn no_wake_up_is_lost_while_the_only_slot_is_busy(db: Db) {
        let (sender, mut receiver) = mpsc::channel(1_000);
        let node = queue(&db, &Clock::manual(START), "a", sending(sender)).limit("acts", 1).start();
        soon(node.ready()).await;
        let adding = tokio::spawn({
            let db = db.clone();
            async move {
                for n in 0..200 {
                    add(&db, n).await;
                }
            }
        });
        for n in 0..200 {
            assert_eq!(soon(receiver.recv()).await, Some(n));
        }
        adding.await.expect("added");
    }

    async fn a_job_that_a_claim_skipped_starts_once_it_is_unlocked(db: Db) {
        if db.dialect() == Dialect::Sqlite {
            // On SQLite a claim waits for the writer instead of skipping its rows.
            return;
        }
        add(&db, 7).await;
        let mut holding = db.begin().await.expect("a transaction");
        let hold = sql!(sqlite: "select id from jobs", postgres: "select id from jobs for update");
        holding.all(hold, params![]).await.expect("held");
        let (sender, mut receiver) = mpsc::channel(10);
        let node = queue(&db, &Clock::manual(START), "a", sending(sender)).start();
        soon(node.ready()).await;
        soon(node.poll()).await;
        receiver.try_recv().expect_err("it is held");
        drop(holding);
        assert_eq!(soon(receiver.recv()).await, Some(7));
    }

    async fn a_scheduled_job_starts_by_itself_when_it_is_due(db: Db) {
        let (sender, mut receiver) = mpsc::channel(10);
        let clock = Clock::system();
        let node = queue(&db, &clock, "a", sending(sender)).start();
        soon(node.ready()).await;
        let due = clock.now_ms() + 300;
        let mut tx = db.begin().await.expect("a transaction");
        let later = NewJob::<Act>::new(&Number { n: 3 }).expect("arguments").scheduled_at(due);
        let id = later.insert(&mut tx, clock.now_ms()).await.expect("inserted").id();
        tx.commit().await.expect("committed");
        assert_eq!(job(&db, id).await.state, State::Scheduled);
        assert_eq!(soon(receiver.recv()).await, Some(3));
        assert!(clock.now_ms() >= due);
    }

    async fn urgent_jobs_go_first_then_the_oldest(db: Db) {
        let (sender, mut receiver) = mpsc::channel(10);
        let mut tx = db.begin().await.expect("a transaction");
        for (n, priority) in [(1, 5), (2, 0), (3, 5), (4, 0)] {
            let new = NewJob::<Act>::new(&Number { n }).expect("arguments").priority(priority);
            new.insert(&mut tx, START).await.expect("inserted");
        }
        tx.commit().await.expect("committed");
        let _node = queue(&db, &Clock::manual(START), "a", sending(sender)).limit("acts", 1).start();
        for n in [2, 4, 1, 3] {
            assert_eq!(soon(receiver.recv()).await, Some(n));
        }
    }

    async fn a_node_never_runs_more_than_its_limit(db: Db) {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let act = Act::new({
            let most = Arc::clone(&most);
            move |_number, _job| {
                let (now, most) = (Arc::clone(&now), Arc::clone(&most));
                async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    Outcome::Complete
                }
            }
        });
        let node = queue(&db, &Clock::manual(START), "a", act).limit("acts", 2).start();
        let mut events = node.subscribe();
        for n in 0..40 {
            add(&db, n).await;
        }
        for _ in 0..40 {
            soon(events.recv()).await.expect("an ending");
        }
        assert!((1..=2).contains(&most.load(Ordering::SeqCst)));
    }
}
