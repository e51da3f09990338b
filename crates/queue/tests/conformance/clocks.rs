//! Clocks that are set by an hour while a node works.
//!
//! On PostgreSQL a node takes its time from the database, so its own clock does not matter. On SQLite the
//! machine's clock is the only one; setting it back makes no job wait an hour longer.

use std::time::Duration;

use db::{Clock, Db, Dialect};
use queue::{Limits, NewJob, Outcome, Queue, State, admin, enqueue};

use crate::support::{Act, Events, Number, add, job, soon};

const HOUR_MS: i64 = 3_600_000;

/// A node that sends a heartbeat every 180 ms, by this clock.
fn quick(db: &Db, clock: &Clock, act: Act) -> Queue {
    let queue = Queue::new(db.clone(), clock.clone(), "a".to_owned()).register(act);
    queue.poll_interval(Duration::from_millis(100)).lease(Duration::from_millis(600))
}

/// A clock that is an hour ahead.
fn ahead() -> Clock {
    let clock = Clock::skewed();
    clock.advance(HOUR_MS);
    clock
}

/// Fails or snoozes in the first attempt.
fn slow_to_start() -> Act {
    Act::new(|number: Number, job| async move {
        match (job.attempt(), number.n) {
            (1, 0) => Outcome::Retry("not yet".to_owned()),
            (1, _) => Outcome::Snooze(Duration::from_secs(1)),
            _ => Outcome::Complete,
        }
    })
}

db::on_both_databases! {
    async fn a_clock_that_is_set_back_prolongs_neither_back_off_nor_snooze(db: Db) {
        let clock = ahead();
        let node = quick(&db, &clock, slow_to_start()).start();
        let mut events = Events::subscribe(&node);
        let (fails, snoozes) = (add(&db, 0).await, add(&db, 1).await);
        assert_eq!(events.next(fails).await.state, State::Retryable);
        assert_eq!(events.next(snoozes).await.state, State::Scheduled);
        clock.advance(-HOUR_MS);
        assert_eq!(events.next(fails).await.state, State::Completed);
        assert_eq!(events.next(snoozes).await.state, State::Completed);
        soon(node.stop(Duration::from_secs(10))).await;
        let buckets = admin::statistics(&db, 0).await.expect("read");
        let sum = |count: fn(&admin::Bucket) -> usize| buckets.iter().map(count).sum::<usize>();
        assert_eq!((sum(|bucket| bucket.completed), sum(|bucket| bucket.failed)), (2, 1));
        // No attempt seems to have run for an hour.
        assert!(buckets.iter().map(|bucket| bucket.run_ms).sum::<i64>() < HOUR_MS / 2);
    }

    async fn a_clock_that_was_set_back_between_two_starts_prolongs_no_back_off(db: Db) {
        let node = quick(&db, &ahead(), slow_to_start()).start();
        let mut events = Events::subscribe(&node);
        let id = add(&db, 0).await;
        assert_eq!(events.next(id).await.state, State::Retryable);
        soon(node.stop(Duration::from_secs(10))).await;
        let node = Queue::new(db.clone(), Clock::system(), "b".to_owned()).register(slow_to_start()).start();
        assert_eq!(Events::subscribe(&node).next(id).await.state, State::Completed);
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn a_scheduled_job_starts_by_the_clock_of_the_database(db: Db) {
        let node = quick(&db, &ahead(), Act::new(|_number, _job| async { Outcome::Complete })).start();
        let mut events = Events::subscribe(&node);
        soon(node.ready()).await;
        let now = Clock::system().now_ms();
        let mut tx = db.begin().await.expect("a transaction");
        let later = NewJob::<Act>::new(&Number { n: 1 }).expect("arguments").scheduled_at(now + HOUR_MS / 2);
        let later = later.insert(&mut tx, now).await.expect("inserted").id();
        let at_once = enqueue::<Act>(&mut tx, &Number { n: 2 }, now).await.expect("enqueued");
        tx.commit().await.expect("committed");
        assert_eq!(events.next(at_once).await.state, State::Completed);
        match db.dialect() {
            Dialect::Postgres => {
                soon(node.stage()).await.expect("staged");
                soon(node.poll()).await;
                assert_eq!(job(&db, later).await.state, State::Scheduled, "half an hour too early");
            }
            // The only clock says that the job is due.
            Dialect::Sqlite => assert_eq!(events.next(later).await.state, State::Completed),
        }
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn a_clock_that_is_set_back_does_not_stop_a_rate(db: Db) {
        let clock = ahead();
        let act = Act::new(|_number, _job| async { Outcome::Complete });
        let limits = Limits::new(1).rate(1, Duration::from_millis(500));
        let node = quick(&db, &clock, act).limits("acts", limits).start();
        let mut events = Events::subscribe(&node);
        let first = add(&db, 1).await;
        assert_eq!(events.next(first).await.state, State::Completed);
        clock.advance(-HOUR_MS);
        for n in [2, 3] {
            let next = add(&db, n).await;
            assert_eq!(events.next(next).await.state, State::Completed);
        }
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn a_clock_that_is_set_forward_and_back_takes_no_job_from_its_node(db: Db) {
        let clock = Clock::skewed();
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let go = std::sync::Arc::new(tokio::sync::Notify::new());
        let act = Act::new({
            let go = std::sync::Arc::clone(&go);
            move |_number, _job| {
                let (sender, go) = (sender.clone(), std::sync::Arc::clone(&go));
                async move {
                    sender.send(()).await.expect("the test receives");
                    go.notified().await;
                    Outcome::Complete
                }
            }
        });
        let node = quick(&db, &clock, act).start();
        let mut events = Events::subscribe(&node);
        let id = add(&db, 1).await;
        soon(receiver.recv()).await.expect("it runs");
        for step in [HOUR_MS, -2 * HOUR_MS, HOUR_MS] {
            clock.advance(step);
            let beats = beats(&db).await;
            // Two more heartbeats with the new time.
            soon(async { while self::beats(&db).await < beats + 2 { tokio::task::yield_now().await } }).await;
            assert!(node.health().working);
            soon(node.rescue()).await.expect("checked");
        }
        go.notify_one();
        let ending = events.next(id).await;
        assert_eq!((ending.state, ending.attempt), (State::Completed, 1));
        soon(node.stop(Duration::from_secs(10))).await;
    }
}

async fn beats(db: &Db) -> i64 {
    admin::nodes(db).await.expect("listed").iter().map(|node| node.heartbeats).sum()
}
