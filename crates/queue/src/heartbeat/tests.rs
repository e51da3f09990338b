//! Compares what a node runs with what the database says.

use std::time::Duration;

use db::{Clock, Db};

use super::OrphanedAttempts;
use crate::{
    Context, Job, JobId, Outcome, Queue, State, Worker, enqueue, find,
    services::Services,
    store::{self, Owner},
};

const START: i64 = 1_700_000_000_000;

struct Idle;

impl Worker for Idle {
    type Args = ();
    const NAME: &'static str = "Idle";
    const QUEUE: &'static str = "idle";

    async fn perform(&self, _args: (), _job: &Context) -> Outcome {
        Outcome::Complete
    }
}

/// The services of a node that runs no tasks, after its first heartbeat.
async fn node(db: &Db) -> Services {
    let queue = Queue::new(db.clone(), Clock::manual(START), "me".to_owned()).register(Idle).limit("idle", 1);
    let node = queue.lease(Duration::from_secs(3_600)).into_services();
    node.heartbeat.beat(&OrphanedAttempts::new()).await.expect("sent");
    node
}

/// A job that the node has claimed.
async fn claimed(db: &Db) -> Job {
    let mut tx = db.begin().await.expect("a transaction");
    enqueue::<Idle>(&mut tx, &(), START).await.expect("enqueued");
    tx.commit().await.expect("committed");
    store::claim(db, "idle", 1, "me", START).await.expect("claimed").remove(0)
}

fn context(services: &Services, job: &Job) -> Context {
    let owner = Owner { id: job.id, attempt: job.attempt, node: services.node.name.clone() };
    Context::new(job, owner, services.node.clock.clone())
}

async fn job(db: &Db, id: JobId) -> Job {
    let mut tx = db.snapshot().await.expect("a snapshot");
    find(&mut tx, id).await.expect("found").expect("the job exists")
}

db::on_both_databases! {
    async fn a_claimed_job_that_nobody_runs_is_given_back_at_the_second_heartbeat(db: Db) {
        let node = node(&db).await;
        let claimed = claimed(&db).await;
        // The answer to the claim may not have arrived yet.
        let orphaned = node.heartbeat.beat(&OrphanedAttempts::new()).await.expect("sent");
        assert_eq!(orphaned, OrphanedAttempts::from([(claimed.id, 1)]));
        assert_eq!(job(&db, claimed.id).await.state, State::Executing);
        let orphaned = node.heartbeat.beat(&orphaned).await.expect("sent");
        assert!(orphaned.is_empty());
        let back = job(&db, claimed.id).await;
        assert_eq!((back.state, back.attempt), (State::Available, 1));
        assert_eq!(back.errors[0].error, "attempt 1 was left unfinished by node me");
    }

    async fn a_running_attempt_is_not_orphaned(db: Db) {
        let node = node(&db).await;
        let claimed = claimed(&db).await;
        let guard = node.attempts.enter(context(&node, &claimed));
        assert!(node.heartbeat.beat(&OrphanedAttempts::from([(claimed.id, 1)])).await.expect("sent").is_empty());
        assert!(!guard.context.cancellation().is_cancelled());
        assert_eq!(job(&db, claimed.id).await.state, State::Executing);
    }

    async fn the_next_heartbeat_cancels_an_attempt_that_lost_its_job(db: Db) {
        let node = node(&db).await;
        let claimed = claimed(&db).await;
        let guard = node.attempts.enter(context(&node, &claimed));
        let mut tx = db.begin().await.expect("a transaction");
        store::cancel(&mut tx, claimed.id, START).await.expect("cancelled");
        tx.commit().await.expect("committed");
        node.heartbeat.beat(&OrphanedAttempts::new()).await.expect("sent");
        assert!(guard.context.cancellation().is_cancelled());
    }
}
