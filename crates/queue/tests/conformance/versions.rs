//! Programs of different versions on one database, and the results of jobs.

use std::time::Duration;

use db::{Clock, Db, Dialect};
use queue::{
    Context, JobId, Outcome, Queue, State, Worker,
    control::{Scope, pause},
    enqueue,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::{Act, Events, HOUR, START, job, queue, soon};

/// The arguments of `Greet` in version 1.
#[derive(Serialize, Deserialize)]
struct Name(String);

/// The arguments of `Greet` in version 2.
#[derive(Serialize, Deserialize)]
struct Person {
    first: String,
    last: String,
}

/// The current worker, and the one that wrote the older jobs.
struct Greet(mpsc::Sender<String>);
struct OldGreet;

impl Worker for OldGreet {
    type Args = Name;
    const NAME: &'static str = "Greet";
    const QUEUE: &'static str = "greetings";

    async fn perform(&self, args: Name, _job: &Context) -> Outcome {
        Outcome::Discard(format!("an old program met {}", args.0))
    }
}

impl Worker for Greet {
    type Args = Person;
    const NAME: &'static str = "Greet";
    const QUEUE: &'static str = "greetings";
    const VERSION: u32 = 2;

    fn upgrade(version: u32, args: Value) -> Result<Value, String> {
        let name = args.as_str().and_then(|name| name.split_once(' '));
        let (first, last) = name.ok_or_else(|| format!("version {version} without a last name"))?;
        Ok(json!({ "first": first, "last": last }))
    }

    async fn perform(&self, args: Person, _job: &Context) -> Outcome {
        self.0.send(format!("{}, {}", args.last, args.first)).await.expect("the test receives");
        Outcome::CompleteWith(json!({ "greeted": args.first }))
    }
}

async fn add<W: Worker>(db: &Db, args: W::Args) -> JobId {
    let mut tx = db.begin().await.expect("a transaction");
    let id = enqueue::<W>(&mut tx, &args, START).await.expect("enqueued");
    tx.commit().await.expect("committed");
    id
}

fn program(db: &Db, clock: &Clock, node: &str) -> Queue {
    Queue::new(db.clone(), clock.clone(), node.to_owned()).poll_interval(HOUR).lease(HOUR)
}

db::on_both_databases! {
    async fn old_arguments_are_upgraded_or_the_job_is_discarded_with_a_reason(db: Db) {
        let (good, bad) = (add::<OldGreet>(&db, Name("Ada Lovelace".to_owned())).await, add::<OldGreet>(&db, Name("Ada".to_owned())).await);
        let (sender, mut receiver) = mpsc::channel(10);
        let node = program(&db, &Clock::manual(START), "a").register(Greet(sender)).start();
        let mut events = Events::subscribe(&node);
        assert_eq!(soon(receiver.recv()).await.as_deref(), Some("Lovelace, Ada"));
        assert_eq!(events.next(good).await.state, State::Completed);
        assert_eq!(events.next(bad).await.state, State::Discarded);
        let reason = &job(&db, bad).await.errors[0].error;
        assert!(reason.contains("version 1 without a last name"), "{reason}");
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn a_result_is_kept_with_the_job(db: Db) {
        let (sender, _heard) = mpsc::channel(10);
        let node = program(&db, &Clock::manual(START), "a").register(Greet(sender)).start();
        let mut events = Events::subscribe(&node);
        let id = add::<Greet>(&db, Person { first: "Ada".to_owned(), last: "Lovelace".to_owned() }).await;
        events.next(id).await;
        let mut tx = db.snapshot().await.expect("a snapshot");
        let row = tx.one(db::sql!("select result from jobs where id = $1"), db::params![id.0]).await.expect("a row");
        assert_eq!(row.text("result").expect("a result"), r#"{"greeted":"Ada"}"#);
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn a_newer_job_waits_for_a_newer_program_while_there_are_other_nodes(db: Db) {
        let clock = Clock::manual(START);
        let other = queue(&db, &clock, "b", Act::new(|_number, _job| async { Outcome::Complete })).start();
        soon(other.ready()).await;
        let old = program(&db, &clock, "old").register(OldGreet).start();
        soon(old.ready()).await;
        soon(old.rescue()).await.expect("it sees the other node");
        let mut events = Events::subscribe(&old);
        let id = add::<Greet>(&db, Person { first: "Ada".to_owned(), last: "Lovelace".to_owned() }).await;
        let ending = events.next(id).await.state;
        if db.dialect() == Dialect::Sqlite {
            // An SQLite file belongs to one process, so no other node can join.
            assert_eq!(ending, State::Discarded);
            return;
        }
        assert_eq!(ending, State::Scheduled);
        soon(old.stop(Duration::from_secs(10))).await;

        let (sender, mut receiver) = mpsc::channel(10);
        clock.advance(5_000);
        let new = program(&db, &clock, "new").register(Greet(sender)).start();
        assert_eq!(soon(receiver.recv()).await.as_deref(), Some("Lovelace, Ada"));
        soon(new.stop(Duration::from_secs(10))).await;
        soon(other.stop(Duration::from_secs(10))).await;
    }

    async fn a_job_that_a_newer_node_supports_is_not_discarded(db: Db) {
        if db.dialect() == Dialect::Sqlite {
            // An SQLite file belongs to one process, so no other node can join.
            return;
        }
        let clock = Clock::manual(START);
        let mut tx = db.begin().await.expect("a transaction");
        pause(&mut tx, "greetings", Scope::Node("new")).await.expect("paused");
        tx.commit().await.expect("committed");
        let (sender, _heard) = mpsc::channel(10);
        let new = program(&db, &clock, "new").register(Greet(sender)).start();
        soon(new.ready()).await;
        // It has not checked the other nodes yet, but still finds out that there is one.
        let old = program(&db, &clock, "old").register(OldGreet).start();
        soon(old.ready()).await;
        let mut events = Events::subscribe(&old);
        let id = add::<Greet>(&db, Person { first: "Ada".to_owned(), last: "Lovelace".to_owned() }).await;
        // Longer than it would wait for a node to join, and more than sixty attempts.
        for _ in 0..70 {
            assert_eq!(events.next(id).await.state, State::Scheduled);
            clock.advance(5_000);
            old.stage().await.expect("staged");
        }
        assert_eq!(events.next(id).await.state, State::Scheduled);
        soon(new.stop(Duration::from_secs(10))).await;
        // From now on no node supports the job; it waits a few minutes for one to join.
        for (ms, state) in [(5_000, State::Scheduled), (290_000, State::Scheduled), (10_000, State::Discarded)] {
            clock.advance(ms);
            old.stage().await.expect("staged");
            assert_eq!(events.next(id).await.state, state);
        }
        soon(old.stop(Duration::from_secs(10))).await;
    }
}
