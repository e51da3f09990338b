//! Who runs a job, and when.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use db::Clock;
use queue::{NewJob, Outcome, State, enqueue, find};
use tokio::sync::mpsc;

use crate::support::{Act, Endings, Number, START, add, job, queue, soon};

/// An act that tells its number and completes.
fn telling(heard: mpsc::Sender<u32>) -> Act {
    Act::new(move |number, _job| {
        let heard = heard.clone();
        async move {
            heard.send(number.n).await.expect("the test listens");
            Outcome::Complete
        }
    })
}

db::on_both_databases! {
    async fn a_job_is_claimed_once_by_concurrent_nodes(db: Db) {
        let (tell, mut heard) = mpsc::channel(1_000);
        let clock = Clock::manual(START);
        let mut nodes = Vec::new();
        for name in ["a", "b", "c"] {
            let node = queue(&db, &clock, name, telling(tell.clone())).limit("acts", 3).start();
            soon(node.ready()).await;
            nodes.push(node);
        }
        for n in 0..100 {
            add(&db, n).await;
        }
        let mut numbers = Vec::new();
        for _ in 0..100 {
            numbers.extend(soon(heard.recv()).await);
        }
        for node in nodes {
            node.stop(std::time::Duration::from_secs(10)).await;
        }
        assert!(heard.try_recv().is_err(), "an attempt too many");
        numbers.sort_unstable();
        assert_eq!(numbers, (0..100).collect::<Vec<_>>());
    }

    async fn a_job_of_a_rolled_back_transaction_never_runs(db: Db) {
        let (tell, mut heard) = mpsc::channel(10);
        let clock = Clock::manual(START);
        let node = queue(&db, &clock, "a", telling(tell)).start();
        let mut tx = db.begin().await.expect("a transaction");
        let lost = enqueue::<Act>(&mut tx, &Number { n: 1 }, START).await.expect("enqueued");
        drop(tx);
        let mut endings = Endings::of(&node);
        let kept = add(&db, 2).await;
        assert_eq!(endings.next(kept).await.state, State::Completed);
        assert_eq!(heard.recv().await, Some(2));
        assert!(heard.try_recv().is_err());
        let mut tx = db.snapshot().await.expect("a snapshot");
        assert!(find(&mut tx, lost).await.expect("found").is_none());
    }

    async fn a_job_starts_without_a_poll(db: Db) {
        let (tell, mut heard) = mpsc::channel(10);
        let node = queue(&db, &Clock::manual(START), "a", telling(tell)).start();
        soon(node.ready()).await;
        add(&db, 7).await;
        assert_eq!(soon(heard.recv()).await, Some(7));
    }

    async fn no_wake_up_is_lost_while_the_only_slot_is_busy(db: Db) {
        let (tell, mut heard) = mpsc::channel(1_000);
        let node = queue(&db, &Clock::manual(START), "a", telling(tell)).limit("acts", 1).start();
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
            assert_eq!(soon(heard.recv()).await, Some(n));
        }
        adding.await.expect("added");
    }

    async fn a_scheduled_job_starts_by_itself_when_it_is_due(db: Db) {
        let (tell, mut heard) = mpsc::channel(10);
        let clock = Clock::system();
        let node = queue(&db, &clock, "a", telling(tell)).start();
        soon(node.ready()).await;
        let due = clock.now_ms() + 300;
        let mut tx = db.begin().await.expect("a transaction");
        let later = NewJob::<Act>::new(&Number { n: 3 }).expect("arguments").scheduled_at(due);
        let id = later.insert(&mut tx, clock.now_ms()).await.expect("inserted").id();
        tx.commit().await.expect("committed");
        assert_eq!(job(&db, id).await.state, State::Scheduled);
        assert_eq!(soon(heard.recv()).await, Some(3));
        assert!(clock.now_ms() >= due);
    }

    async fn urgent_jobs_go_first_then_the_oldest(db: Db) {
        let (tell, mut heard) = mpsc::channel(10);
        let mut tx = db.begin().await.expect("a transaction");
        for (n, priority) in [(1, 5), (2, 0), (3, 5), (4, 0)] {
            let new = NewJob::<Act>::new(&Number { n }).expect("arguments").priority(priority);
            new.insert(&mut tx, START).await.expect("inserted");
        }
        tx.commit().await.expect("committed");
        let _node = queue(&db, &Clock::manual(START), "a", telling(tell)).limit("acts", 1).start();
        for n in [2, 4, 1, 3] {
            assert_eq!(soon(heard.recv()).await, Some(n));
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
        let mut endings = node.endings();
        for n in 0..40 {
            add(&db, n).await;
        }
        for _ in 0..40 {
            soon(endings.recv()).await.expect("an ending");
        }
        assert!((1..=2).contains(&most.load(Ordering::SeqCst)));
    }
}
