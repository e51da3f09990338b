//! What a lost node costs.

use std::{sync::Arc, time::Duration};

use db::{Clock, Db};

use super::MIN_CAPACITY;
use crate::{
    Context, Outcome, Queue, Worker, enqueue_all,
    services::Services,
    store::{self, Owner},
};

const START: i64 = 1_700_000_000_000;
const HOUR: Duration = Duration::from_secs(3_600);
const SLOTS: usize = 10;

struct Idle;

impl Worker for Idle {
    type Args = ();
    const NAME: &'static str = "Idle";
    const QUEUE: &'static str = "idle";

    async fn perform(&self, _args: (), _job: &Context) -> Outcome {
        Outcome::Complete
    }
}

/// A node that has sent a heartbeat and that runs no completer.
async fn node(db: &Db, clock: &Clock) -> Services {
    store::heartbeat(db, "lost", START, START, "[]").await.expect("registered");
    let queue = Queue::new(db.clone(), clock.clone(), "lost".to_owned()).register(Idle).limit("idle", SLOTS);
    queue.lease(HOUR).into_services()
}

db::on_both_databases! {
    async fn jobs_whose_completion_a_lost_node_did_not_write_run_again(db: Db) {
        let clock = Clock::manual(START);
        let lost = Arc::new(node(&db, &clock).await);
        let mut tx = db.begin().await.expect("a transaction");
        enqueue_all::<Idle>(&mut tx, &vec![(); MIN_CAPACITY + 5], START).await.expect("enqueued");
        tx.commit().await.expect("committed");
        let mut jobs = store::claim(&db, "idle", MIN_CAPACITY + 5, "lost", START).await.expect("claimed");
        let late = jobs.split_off(MIN_CAPACITY);
        let push = |job: crate::Job| {
            let lost = Arc::clone(&lost);
            async move {
                let owner = Owner { id: job.id, attempt: job.attempt, node: "lost".to_owned() };
                let guard = lost.attempts.enter(Context::new(&job, owner, lost.node.clock.clone()));
                lost.completer.push(job, guard).await;
            }
        };
        for job in jobs {
            push(job).await;
        }
        // The batch is full: an attempt that completes now keeps its slot.
        for job in late {
            let waited = tokio::time::timeout(Duration::from_millis(10), push(job)).await;
            assert!(waited.is_err(), "no more than {MIN_CAPACITY} wait to be written");
        }
        // The other node runs all of them again, each once.
        let next = Queue::new(db.clone(), clock.clone(), "next".to_owned()).register(Idle).poll_interval(HOUR).lease(HOUR);
        let next = next.limit("idle", 100).start();
        next.ready().await;
        next.rescue().await.expect("checked");
        clock.advance(crate::convert::millis(HOUR) + 1);
        next.rescue().await.expect("rescued");
        next.poll().await;
        next.stop(Duration::from_secs(30)).await;
        let again = db.all(db::sql!("select count(*) as n from jobs where state = 'completed' and attempt = 2"), vec![]);
        let again = again.await.expect("counted").first().expect("a row").int("n").expect("a number");
        assert_eq!(usize::try_from(again).ok(), Some(MIN_CAPACITY + 5));
    }
}
