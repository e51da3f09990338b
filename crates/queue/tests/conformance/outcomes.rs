//! The outcomes of attempts.

use std::time::Duration;

use db::Clock;
use queue::{Context, Outcome, State, Worker, cancel, enqueue};
use serde::{Deserialize, Serialize};

use crate::support::{Act, Events, Number, START, add, job, note, notes, queue, soon};

fn failing() -> Act {
    Act::new(|_number, job| async move { Outcome::Retry(format!("attempt {} failed", job.attempt())) })
}

/// Has the same name as [`Act`], but other arguments.
struct OtherAct;

#[derive(Serialize, Deserialize)]
struct Words {
    words: String,
}

impl Worker for OtherAct {
    type Args = Words;
    const NAME: &'static str = "Act";
    const QUEUE: &'static str = "acts";

    async fn perform(&self, _args: Words, _job: &Context) -> Outcome {
        Outcome::Complete
    }
}

/// Registered nowhere.
struct Unregistered;

impl Worker for Unregistered {
    type Args = Number;
    const NAME: &'static str = "Unregistered";
    const QUEUE: &'static str = "acts";

    async fn perform(&self, _args: Number, _job: &Context) -> Outcome {
        Outcome::Complete
    }
}

db::on_both_databases! {
    async fn a_failing_job_backs_off_then_is_discarded_with_its_history(db: Db) {
        let clock = Clock::manual(START);
        let node = queue(&db, &clock, "a", failing()).start();
        let mut events = Events::subscribe(&node);
        let id = add(&db, 5).await;
        for (wait, longest) in [(1_000, 1_500), (2_000, 3_000)] {
            assert_eq!(events.next(id).await.state, State::Retryable);
            let pause = job(&db, id).await.scheduled_at - clock.now_ms();
            assert!((wait..=longest).contains(&pause), "{pause} ms");
            assert!(notes(&db).await.is_empty());
            clock.advance(longest);
            soon(node.stage()).await.expect("staged");
        }
        assert_eq!(events.next(id).await.state, State::Discarded);
        let errors: Vec<_> = job(&db, id).await.errors.into_iter().map(|failure| (failure.attempt, failure.error)).collect();
        assert_eq!(errors, (1..=3).map(|n| (n, format!("attempt {n} failed"))).collect::<Vec<_>>());
        assert_eq!(notes(&db).await, [5]);
    }

    async fn a_retry_does_not_start_before_its_back_off(db: Db) {
        let clock = Clock::manual(START);
        let node = queue(&db, &clock, "a", failing()).start();
        let mut events = Events::subscribe(&node);
        let id = add(&db, 5).await;
        assert_eq!(events.next(id).await.state, State::Retryable);
        clock.advance(999);
        soon(node.stage()).await.expect("staged");
        assert_eq!(job(&db, id).await.state, State::Retryable);
        clock.advance(501);
        soon(node.stage()).await.expect("staged");
        assert_eq!(events.next(id).await.attempt, 2);
    }

    async fn a_panic_is_that_jobs_failure_and_the_queue_goes_on(db: Db) {
        let act = Act::new(|number: Number, _job| async move {
            assert!(number.n != 13, "thirteen");
            Outcome::Complete
        });
        let node = queue(&db, &Clock::manual(START), "a", act).limit("acts", 1).start();
        let mut events = Events::subscribe(&node);
        let (bad, good) = (add(&db, 13).await, add(&db, 14).await);
        assert_eq!(events.next(bad).await.state, State::Retryable);
        assert_eq!(events.next(good).await.state, State::Completed);
        let error = job(&db, bad).await.errors.remove(0).error;
        let place = error.strip_prefix("panicked at ").and_then(|rest| rest.strip_suffix(": thirteen"));
        let place = place.unwrap_or_else(|| panic!("{error}"));
        assert!(place.starts_with(&format!("{}:", file!())), "{place}");
    }

    async fn an_attempt_that_takes_too_long_is_stopped_and_has_failed(db: Db) {
        let act = Act::new(|_number, _job| std::future::pending()).with_timeout(Duration::from_millis(20));
        let node = queue(&db, &Clock::manual(START), "a", act).start();
        let mut events = Events::subscribe(&node);
        let id = add(&db, 1).await;
        assert_eq!(events.next(id).await.state, State::Retryable);
        assert_eq!(job(&db, id).await.errors[0].error, "timed out after 20ms");
    }

    async fn a_job_of_an_unknown_worker_is_discarded_with_a_reason(db: Db) {
        let node = queue(&db, &Clock::manual(START), "a", failing()).start();
        let mut events = Events::subscribe(&node);
        let mut tx = db.begin().await.expect("a transaction");
        let id = enqueue::<Unregistered>(&mut tx, &Number { n: 1 }, START).await.expect("enqueued");
        tx.commit().await.expect("committed");
        assert_eq!(events.next(id).await.state, State::Discarded);
        assert_eq!(job(&db, id).await.errors[0].error, "no worker is named Unregistered");
    }

    async fn arguments_that_cannot_be_decoded_are_not_quoted_in_the_discard(db: Db) {
        let node = queue(&db, &Clock::manual(START), "a", failing()).start();
        let mut events = Events::subscribe(&node);
        let mut tx = db.begin().await.expect("a transaction");
        let words = Words { words: "confidential".to_owned() };
        let id = enqueue::<OtherAct>(&mut tx, &words, START).await.expect("enqueued");
        tx.commit().await.expect("committed");
        assert_eq!(events.next(id).await.state, State::Discarded);
        let error = job(&db, id).await.errors.remove(0).error;
        assert!(error.starts_with("the arguments cannot be decoded"), "{error}");
        assert!(!error.contains("confidential"), "{error}");
    }

    async fn a_snooze_waits_and_uses_up_no_attempt(db: Db) {
        let act = Act::new(|_number, job: Context| async move {
            if job.attempt() < 5 { Outcome::Snooze(Duration::from_secs(60)) } else { Outcome::Complete }
        });
        let clock = Clock::manual(START);
        let node = queue(&db, &clock, "a", act).start();
        let mut events = Events::subscribe(&node);
        let id = add(&db, 1).await;
        for _ in 0..4 {
            assert_eq!(events.next(id).await.state, State::Scheduled);
            assert_eq!(job(&db, id).await.scheduled_at, clock.now_ms() + 60_000);
            clock.advance(60_000);
            soon(node.stage()).await.expect("staged");
        }
        assert_eq!(events.next(id).await.state, State::Completed);
        assert_eq!(job(&db, id).await.errors, []);
    }

    async fn a_worker_can_cancel_or_discard_its_job(db: Db) {
        let act = Act::new(|number: Number, _job| async move {
            if number.n == 1 { Outcome::Cancel("pointless".to_owned()) } else { Outcome::Discard("hopeless".to_owned()) }
        });
        let node = queue(&db, &Clock::manual(START), "a", act).start();
        let mut events = Events::subscribe(&node);
        let (first, second) = (add(&db, 1).await, add(&db, 2).await);
        assert_eq!(events.next(first).await.state, State::Canceled);
        assert_eq!(events.next(second).await.state, State::Discarded);
        assert_eq!(job(&db, first).await.errors[0].error, "pointless");
        assert_eq!(notes(&db).await, [2]);
    }

    async fn a_canceled_job_that_waits_never_runs(db: Db) {
        let id = add(&db, 1).await;
        let mut tx = db.begin().await.expect("a transaction");
        assert!(cancel(&mut tx, id, START).await.expect("called"));
        assert!(!cancel(&mut tx, id, START).await.expect("called"));
        tx.commit().await.expect("committed");
        let node = queue(&db, &Clock::manual(START), "a", failing()).start();
        let mut events = Events::subscribe(&node);
        let other = add(&db, 2).await;
        events.next(other).await;
        let canceled = job(&db, id).await;
        assert_eq!((canceled.state, canceled.attempt), (State::Canceled, 0));
    }

    async fn a_job_completed_in_its_own_transaction_is_written_together_with_its_work(db: Db) {
        let act = Act::new({
            let db = db.clone();
            move |number: Number, job: Context| {
                let db = db.clone();
                async move {
                    let mut tx = db.begin().await.expect("a transaction");
                    job.fence(&mut tx).await.expect("owned");
                    note(&mut tx, number.n).await.expect("noted");
                    job.complete(&mut tx).await.expect("completed");
                    // The first attempt's transaction is rolled back.
                    if job.attempt() == 1 {
                        drop(tx);
                        return Outcome::Retry("no commit".to_owned());
                    }
                    tx.commit().await.expect("committed");
                    Outcome::Complete
                }
            }
        });
        let clock = Clock::manual(START);
        let node = queue(&db, &clock, "a", act).start();
        let mut events = Events::subscribe(&node);
        let id = add(&db, 8).await;
        assert_eq!(events.next(id).await.state, State::Retryable);
        assert!(notes(&db).await.is_empty());
        clock.advance(10_000);
        soon(node.stage()).await.expect("staged");
        assert_eq!(events.next(id).await.state, State::Completed);
        assert_eq!(notes(&db).await, [8]);
        soon(node.stop(Duration::ZERO)).await;
    }
}
