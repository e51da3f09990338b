//! Jobs of nodes that died.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use db::{Clock, Db, Dialect, Tx};
use tokio::sync::broadcast;

use crate::{
    AttemptEnded, Context, HookError, Job, JobId, NewJob, Outcome, Queue, Running, State, Worker, enqueue, find,
    services::Services, store,
};

const START: i64 = 1_700_000_000_000;
const LEASE: i64 = 3_600_000;

/// Completes. Its hook inserts a row, then fails `hook_failures` times.
#[derive(Default)]
struct Fragile {
    hook_failures: usize,
    hooks: Arc<AtomicUsize>,
}

impl Worker for Fragile {
    type Args = ();
    const NAME: &'static str = "Fragile";
    const QUEUE: &'static str = "fragile";
    const MAX_ATTEMPTS: u32 = 2;

    async fn perform(&self, _args: (), _job: &Context) -> Outcome {
        Outcome::Complete
    }

    async fn discarded(&self, tx: &mut Tx, _args: (), _reason: &str) -> Result<(), HookError> {
        enqueue::<Record>(tx, &(), START).await?;
        if self.hooks.fetch_add(1, Ordering::SeqCst) < self.hook_failures { Err("not now".into()) } else { Ok(()) }
    }
}

/// Nobody serves its queue.
struct Record;

impl Worker for Record {
    type Args = ();
    const NAME: &'static str = "Record";
    const QUEUE: &'static str = "records";

    async fn perform(&self, _args: (), _job: &Context) -> Outcome {
        Outcome::Complete
    }
}

/// A job that a node without a process executes in its `attempt`-th attempt.
async fn claimed_by_the_dead(db: &Db, attempt: u32) -> JobId {
    store::heartbeat(db, "dead", START, START, "[]").await.expect("registered");
    let mut tx = db.begin().await.expect("a transaction");
    let id = NewJob::<Fragile>::new(&()).expect("arguments").insert(&mut tx, START).await.expect("inserted").id();
    tx.commit().await.expect("committed");
    for _ in 1..attempt {
        let job = claim(db).await;
        let owner = crate::rescuer::owner(&job).expect("an owner");
        let back = store::JobUpdate::waiting(State::Available);
        let mut tx = db.begin().await.expect("a transaction");
        store::transition(&mut tx, &owner, &back).await.expect("given back");
        tx.commit().await.expect("committed");
    }
    assert_eq!(claim(db).await.attempt, attempt);
    id
}

async fn claim(db: &Db) -> Job {
    store::claim(db, "fragile", 1, "dead", START).await.expect("claimed").remove(0)
}

/// Two checks with a lease between them.
async fn check_twice(running: &Running, clock: &Clock) {
    running.rescue().await.expect("checked");
    clock.advance(LEASE + 1);
    running.rescue().await.expect("checked");
}

async fn nodes(db: &Db) -> Vec<String> {
    store::heartbeats(db).await.expect("the nodes").into_iter().map(|(name, _)| name).collect()
}

fn start(db: &Db, clock: &Clock, worker: Fragile) -> (Running, broadcast::Receiver<AttemptEnded>) {
    let hour = Duration::from_secs(3_600);
    let queue =
        Queue::new(db.clone(), clock.clone(), "new".to_owned()).register(worker).poll_interval(hour).lease(hour);
    let running = queue.start();
    let events = running.subscribe();
    (running, events)
}

/// The services of a node that runs no tasks.
fn node(db: &Db, clock: &Clock, worker: Fragile) -> Services {
    let queue = Queue::new(db.clone(), clock.clone(), "new".to_owned()).register(worker).limit("fragile", 1);
    queue.lease(Duration::from_millis(LEASE.unsigned_abs())).into_services()
}

/// The next `count` states of the job.
async fn states(events: &mut broadcast::Receiver<AttemptEnded>, count: usize) -> Vec<State> {
    let mut states = Vec::new();
    while states.len() < count {
        let ending = tokio::time::timeout(Duration::from_secs(30), events.recv()).await.expect("in time");
        states.push(ending.expect("an ending").state);
    }
    states
}

async fn job(db: &Db, id: JobId) -> Job {
    let mut tx = db.snapshot().await.expect("a snapshot");
    find(&mut tx, id).await.expect("found").expect("the job exists")
}

async fn records(db: &Db) -> i64 {
    let mut tx = db.snapshot().await.expect("a snapshot");
    let sql = db::sql!("select count(*) as records from jobs where worker = 'Record'");
    tx.one(sql, db::params![]).await.expect("counted").int("records").expect("a number")
}

db::on_both_databases! {
    async fn jobs_of_a_dead_process_are_rescued(db: Db) {
        let id = claimed_by_the_dead(&db, 1).await;
        let clock = Clock::manual(START);
        let (running, mut events) = start(&db, &clock, Fragile::default());
        if db.dialect() == Dialect::Postgres {
            // The other node may be alive: it is dead only after a lease without a heartbeat.
            running.ready().await;
            running.rescue().await.expect("checked");
            clock.advance(LEASE - 1);
            running.rescue().await.expect("checked");
            assert_eq!(job(&db, id).await.state, State::Executing);
            clock.advance(1);
            running.rescue().await.expect("checked");
        }
        assert_eq!(states(&mut events, 2).await, [State::Available, State::Completed]);
        let ended = job(&db, id).await;
        assert_eq!(ended.attempt, 2);
        assert_eq!(ended.errors[0].error, "node dead was lost during attempt 1");
        assert_eq!(nodes(&db).await, ["new"]);
    }

    async fn a_node_that_sends_heartbeats_keeps_its_jobs_whatever_its_clock(db: Db) {
        let clock = Clock::manual(START);
        let node = node(&db, &clock, Fragile::default());
        let id = claimed_by_the_dead(&db, 1).await;
        for _ in 0..5 {
            node.rescuer.rescue_dead_nodes().await.expect("checked");
            clock.advance(LEASE + 1);
            store::heartbeat(&db, "dead", START, START, "[]").await.expect("sent");
        }
        node.rescuer.rescue_dead_nodes().await.expect("checked");
        assert_eq!(job(&db, id).await.state, State::Executing);
    }

    async fn a_node_that_is_taken_for_dead_claims_nothing_until_its_next_heartbeat(db: Db) {
        let clock = Clock::manual(START);
        let node = node(&db, &clock, Fragile::default());
        store::heartbeat(&db, "dead", START, START, "[]").await.expect("registered");
        node.rescuer.rescue_dead_nodes().await.expect("checked");
        clock.advance(LEASE + 1);
        node.rescuer.rescue_dead_nodes().await.expect("checked");
        let mut tx = db.begin().await.expect("a transaction");
        let id = enqueue::<Fragile>(&mut tx, &(), START).await.expect("enqueued");
        tx.commit().await.expect("committed");
        assert!(store::claim(&db, "fragile", 1, "dead", START).await.expect("claimed").is_empty());
        store::heartbeat(&db, "dead", START, START, "[]").await.expect("registered");
        assert_eq!(claim(&db).await.id, id);
    }

    async fn a_job_that_kills_every_node_is_discarded_after_its_last_attempt(db: Db) {
        let id = claimed_by_the_dead(&db, 2).await;
        let clock = Clock::manual(START);
        let (running, mut events) = start(&db, &clock, Fragile::default());
        check_twice(&running, &clock).await;
        assert_eq!(states(&mut events, 1).await, [State::Discarded]);
        assert_eq!(job(&db, id).await.state, State::Discarded);
        assert_eq!(records(&db).await, 1);
    }

    async fn a_discard_and_its_hook_share_one_transaction(db: Db) {
        let id = claimed_by_the_dead(&db, 2).await;
        let clock = Clock::manual(START);
        let hooks = Arc::new(AtomicUsize::new(0));
        let node = node(&db, &clock, Fragile { hook_failures: 1, hooks: Arc::clone(&hooks) });

        node.rescuer.rescue_dead_nodes().await.expect("checked");
        clock.advance(LEASE + 1);
        node.rescuer.rescue_dead_nodes().await.expect("checked");
        assert_eq!((job(&db, id).await.state, records(&db).await), (State::Executing, 0));

        // Not at every check, which would be a loop of failures.
        node.rescuer.rescue_dead_nodes().await.expect("checked");
        assert_eq!(hooks.load(Ordering::SeqCst), 1);

        clock.advance(LEASE + 1);
        node.rescuer.rescue_dead_nodes().await.expect("checked");
        assert_eq!((job(&db, id).await.state, records(&db).await), (State::Discarded, 1));
    }
}
