//! The helpers for tests of programs that use the queue.

use std::fmt;

use db::Clock;
use queue::{
    Context, NewJob, Outcome, Queue, State, Worker, assert_enqueued, enqueue, refute_enqueued,
    testing::{self, Drained},
};

use crate::support::{Act, Number, START, add};

/// Enqueues the next lower number, checks its fence, and fails once at 3.
struct CountDown {
    db: db::Db,
}

impl Worker for CountDown {
    type Args = Number;
    const NAME: &'static str = "CountDown";
    const QUEUE: &'static str = "counts";

    async fn perform(&self, args: Number, job: &Context) -> Outcome {
        if args.n == 3 && job.attempt() == 1 {
            return Outcome::retry(&Outer(Inner));
        }
        let mut tx = self.db.begin().await.expect("a transaction");
        job.fence(&mut tx).await.expect("it owns its job");
        if args.n > 0 {
            enqueue::<Self>(&mut tx, &Number { n: args.n - 1 }, job.clock().now_ms()).await.expect("enqueued");
        }
        tx.commit().await.expect("committed");
        Outcome::Complete
    }
}

#[derive(Debug)]
struct Inner;

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the disk is full")
    }
}

impl std::error::Error for Inner {}

#[derive(Debug)]
struct Outer(Inner);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the picture cannot be written")
    }
}

impl std::error::Error for Outer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

db::on_both_databases! {
    async fn a_drain_runs_all_due_jobs_and_those_that_they_enqueue(db: Db) {
        let clock = Clock::manual(START);
        let queue = || Queue::new(db.clone(), clock.clone(), "test".to_owned()).register(CountDown { db: db.clone() });
        let mut tx = db.begin().await.expect("a transaction");
        enqueue::<CountDown>(&mut tx, &Number { n: 4 }, START).await.expect("enqueued");
        let later = NewJob::<CountDown>::new(&Number { n: 0 }).expect("a job").scheduled_at(START + 3_600_000);
        later.insert(&mut tx, START).await.expect("inserted");
        assert_enqueued!(&mut tx, CountDown, |args| args.n == 4);
        refute_enqueued!(&mut tx, CountDown, |args| args.n == 3);
        tx.commit().await.expect("committed");
        let drained = testing::drain(queue()).await.expect("drained");
        assert_eq!(drained, Drained { completed: 1, failed: 1, ..Drained::default() });
        let mut tx = db.snapshot().await.expect("a snapshot");
        assert_enqueued!(&mut tx, CountDown, |args| args.n == 3);
        drop(tx);
        // The back-off has passed, but not the hour.
        clock.advance(120_000);
        assert_eq!(testing::drain(queue()).await.expect("drained").completed, 4);
        clock.advance(3_600_000);
        assert_eq!(testing::drain(queue()).await.expect("drained").attempts(), 1);
        let mut tx = db.snapshot().await.expect("a snapshot");
        refute_enqueued!(&mut tx, CountDown);
    }

    async fn perform_runs_a_job_immediately_under_a_valid_fence(db: Db) {
        let clock = Clock::manual(START);
        let job = testing::perform(&db, &clock, CountDown { db: db.clone() }, &Number { n: 2 }).await.expect("performed");
        assert_eq!((job.state, job.attempt), (State::Completed, 1));
        let mut tx = db.snapshot().await.expect("a snapshot");
        assert_eq!(testing::enqueued::<CountDown>(&mut tx).await.expect("read"), [Number { n: 1 }]);
    }

    async fn an_error_is_kept_with_its_causes(db: Db) {
        let clock = Clock::manual(START);
        let job = testing::perform(&db, &clock, CountDown { db: db.clone() }, &Number { n: 3 }).await.expect("performed");
        assert_eq!(job.state, State::Retryable);
        assert_eq!(job.errors[0].error, "the picture cannot be written: the disk is full");
    }

    async fn a_drain_leaves_other_workers_queues_alone(db: Db) {
        add(&db, 1).await;
        let queue = Queue::new(db.clone(), Clock::manual(START), "test".to_owned()).register(CountDown { db: db.clone() });
        assert_eq!(testing::drain(queue).await.expect("drained").attempts(), 0);
        let act = Act::new(|_number, _job| async { Outcome::Complete });
        let queue = Queue::new(db.clone(), Clock::manual(START), "test".to_owned()).register(act);
        assert_eq!(testing::drain(queue).await.expect("drained").attempts(), 1);
    }
}
