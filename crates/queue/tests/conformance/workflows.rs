//! Jobs that depend on other jobs: workflows and batches.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use db::{Clock, Db};
use queue::{
    Batch, Context, Dependency, Error, JobId, NewJob, Outcome, Running, State, Workflow,
    admin::{self, Filter},
    workflow,
};
use serde_json::json;

use crate::support::{Act, Events, HOUR, Number, START, add, job, queue, soon};

/// Discards odd numbers; otherwise records its own number plus the results of its dependencies.
fn summing(db: &Db) -> Act {
    let db = db.clone();
    Act::new(move |number: Number, job: Context| {
        let db = db.clone();
        async move {
            if number.n % 2 == 1 {
                return Outcome::Discard("odd".to_owned());
            }
            Outcome::CompleteWith(json!(u64::from(number.n) + sum(&dependencies(&db, &job).await)))
        }
    })
}

async fn dependencies(db: &Db, job: &Context) -> Vec<Dependency> {
    let mut tx = db.snapshot().await.expect("a snapshot");
    job.dependencies(&mut tx).await.expect("what it waited for")
}

fn sum(dependencies: &[Dependency]) -> u64 {
    dependencies.iter().filter_map(|dependency| dependency.result.as_ref()?.as_u64()).sum()
}

fn act(n: u32) -> NewJob<Act> {
    NewJob::new(&Number { n }).expect("a job")
}

async fn insert(db: &Db, workflow: Workflow) -> workflow::Inserted {
    let mut tx = db.begin().await.expect("a transaction");
    let inserted = workflow.insert(&mut tx, START).await.expect("inserted");
    tx.commit().await.expect("committed");
    inserted
}

async fn retry(db: &Db, id: JobId) -> bool {
    let mut tx = db.begin().await.expect("a transaction");
    let retried = admin::retry(&mut tx, id, START).await.expect("called");
    tx.commit().await.expect("committed");
    retried
}

async fn edit(db: &Db, id: JobId, n: u32) {
    let mut tx = db.begin().await.expect("a transaction");
    assert!(admin::edit(&mut tx, id, &json!({ "n": n }).to_string(), START).await.expect("called"));
    tx.commit().await.expect("committed");
}

async fn state(db: &Db, id: JobId) -> State {
    job(db, id).await.state
}

async fn result(db: &Db, id: JobId) -> serde_json::Value {
    admin::details(db, id).await.expect("read").expect("there is one").result.expect("a result")
}

async fn stop(node: Running) {
    soon(node.stop(Duration::from_secs(10))).await;
}

db::on_both_databases! {
    async fn results_are_passed_on_through_fan_out_and_fan_in(db: Db) {
        let mut flow = Workflow::new();
        let first = flow.add("first", act(2));
        let left = flow.add_after("left", act(10), &[first]);
        let right = flow.add_after("right", act(20), &[first]);
        let last = flow.add_after("last", act(100), &[left, right]);
        let node = queue(&db, &Clock::manual(START), "a", summing(&db)).start();
        let mut events = Events::subscribe(&node);
        let inserted = insert(&db, flow).await;
        let last = inserted.job(last).expect("a job");
        assert_eq!(events.next(last).await.state, State::Completed);
        assert_eq!(result(&db, last).await, json!(100 + 12 + 22));
        let filter = Filter { workflow: Some(inserted.id), ..Filter::default() };
        let mut of_it: Vec<_> =
            admin::list(&db, &filter, 10).await.expect("listed").iter().map(|each| each.job.id).collect();
        of_it.reverse();
        assert_eq!(of_it, inserted.jobs());
        stop(node).await;
    }

    async fn a_step_does_not_start_before_all_that_it_waits_for(db: Db) {
        let node = queue(&db, &Clock::manual(START), "a", summing(&db)).start();
        let mut events = Events::subscribe(&node);
        let mut flow = Workflow::new();
        let one = flow.add("one", act(2));
        let other = flow.add("other", act(4).scheduled_at(START + 1_000));
        let last = flow.add_after("last", act(6), &[one, other]);
        let inserted = insert(&db, flow).await;
        events.next(inserted.job(one).expect("a job")).await;
        node.poll().await;
        let last = inserted.job(last).expect("a job");
        assert_eq!(state(&db, last).await, State::Scheduled);
        // A manual retry does not start it either.
        assert!(!retry(&db, last).await);
        stop(node).await;
        let node = queue(&db, &Clock::manual(START + 1_000), "b", summing(&db)).start();
        let mut events = Events::subscribe(&node);
        assert_eq!(events.next(last).await.state, State::Completed);
        stop(node).await;
    }

    async fn a_failure_cancels_all_dependents_and_a_retry_restores_them(db: Db) {
        let node = queue(&db, &Clock::manual(START), "a", summing(&db)).start();
        let mut events = Events::subscribe(&node);
        let mut flow = Workflow::new();
        let failing = flow.add("failing", act(1));
        let good = flow.add("good", act(2));
        let middle = flow.add_after("middle", act(4), &[failing, good]);
        let last = flow.add_after("last", act(8), &[middle]);
        let inserted = insert(&db, flow).await;
        let of = |step| inserted.job(step).expect("a job");
        events.next(of(good)).await;
        assert_eq!(events.next(of(failing)).await.state, State::Discarded);
        assert_eq!(state(&db, of(middle)).await, State::Canceled);
        let last_job = job(&db, of(last)).await;
        assert_eq!(last_job.state, State::Canceled);
        assert!(last_job.errors[0].error.contains("was cancelled"), "{:?}", last_job.errors);
        edit(&db, of(failing), 16).await;
        assert_eq!(events.next(of(last)).await.state, State::Completed);
        assert_eq!(result(&db, of(last)).await, json!(16 + 2 + 4 + 8));
        stop(node).await;
    }

    async fn a_step_with_two_failures_waits_for_both_again(db: Db) {
        let node = queue(&db, &Clock::manual(START), "a", summing(&db)).start();
        let mut events = Events::subscribe(&node);
        let mut flow = Workflow::new();
        let one = flow.add("one", act(1));
        let other = flow.add("other", act(3));
        let last = flow.add_after("last", act(2), &[one, other]);
        let inserted = insert(&db, flow).await;
        let of = |step| inserted.job(step).expect("a job");
        events.next(of(one)).await;
        events.next(of(other)).await;
        edit(&db, of(one), 4).await;
        events.next(of(one)).await;
        assert_eq!(state(&db, of(last)).await, State::Canceled, "the other one still failed");
        edit(&db, of(other), 8).await;
        assert_eq!(events.next(of(last)).await.state, State::Completed);
        assert_eq!(result(&db, of(last)).await, json!(4 + 8 + 2));
        stop(node).await;
    }

    async fn what_runs_again_by_hand_is_not_counted_twice(db: Db) {
        let clock = Clock::manual(START);
        let node = queue(&db, &clock, "a", summing(&db)).start();
        let mut events = Events::subscribe(&node);
        let mut flow = Workflow::new();
        let one = flow.add("one", act(2));
        let other = flow.add("other", act(4).scheduled_at(START + 1_000));
        let last = flow.add_after("last", act(6), &[one, other]);
        let inserted = insert(&db, flow).await;
        let of = |step| inserted.job(step).expect("a job");
        events.next(of(one)).await;
        assert!(retry(&db, of(one)).await);
        events.next(of(one)).await;
        assert_eq!(state(&db, of(last)).await, State::Scheduled);
        clock.advance(1_000);
        node.stage().await.expect("staged");
        assert_eq!(events.next(of(last)).await.state, State::Completed);
        stop(node).await;
    }

    async fn a_step_may_run_whatever_becomes_of_the_others(db: Db) {
        let node = queue(&db, &Clock::manual(START), "a", summing(&db)).start();
        let mut events = Events::subscribe(&node);
        let mut flow = Workflow::new();
        let failing = flow.add("failing", act(1));
        let cleaning = flow.add_after_ends("cleaning", act(2), &[failing]);
        let inserted = insert(&db, flow).await;
        assert_eq!(events.next(inserted.job(cleaning).expect("a job")).await.state, State::Completed);
        stop(node).await;
    }

    async fn a_cancelled_workflow_starts_nothing_more(db: Db) {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let waiting = Act::new(move |_number, job| {
            let sender = sender.clone();
            async move {
                sender.send(()).await.expect("the test receives");
                job.cancellation().cancelled().await;
                Outcome::Complete
            }
        });
        let node = queue(&db, &Clock::manual(START), "a", waiting).start();
        let mut flow = Workflow::new();
        let first = flow.add("first", act(2));
        flow.add_after_ends("last", act(4), &[first]);
        let inserted = insert(&db, flow).await;
        soon(receiver.recv()).await.expect("it runs");
        let mut tx = db.begin().await.expect("a transaction");
        assert_eq!(workflow::cancel(&mut tx, inserted.id, START).await.expect("cancelled"), 2);
        tx.commit().await.expect("committed");
        for id in inserted.jobs() {
            assert_eq!(state(&db, *id).await, State::Canceled);
        }
        stop(node).await;
    }

    async fn a_job_may_depend_on_an_ended_job_but_not_on_a_missing_one(db: Db) {
        let node = queue(&db, &Clock::manual(START), "a", summing(&db)).start();
        let mut events = Events::subscribe(&node);
        let (good, bad) = (add(&db, 2).await, add(&db, 1).await);
        events.next(good).await;
        events.next(bad).await;
        let mut tx = db.begin().await.expect("a transaction");
        let after_good = act(4).after("it", good).insert(&mut tx, START).await.expect("inserted").id();
        let after_bad = act(4).after("it", bad).insert(&mut tx, START).await.expect("inserted").id();
        let refused = act(4).after("it", JobId(9_999)).insert(&mut tx, START).await;
        assert!(matches!(refused, Err(Error::NoSuchJob { id: JobId(9_999) })), "{refused:?}");
        tx.commit().await.expect("committed");
        assert_eq!(events.next(after_good).await.state, State::Completed);
        assert_eq!(result(&db, after_good).await, json!(6));
        assert_eq!(state(&db, after_bad).await, State::Canceled);
        stop(node).await;
    }

    async fn a_job_that_completes_itself_lets_the_others_start(db: Db) {
        let inside = db.clone();
        let completing = Act::new(move |_number, job: Context| {
            let db = inside.clone();
            async move {
                let mut tx = db.begin().await.expect("a transaction");
                job.complete(&mut tx).await.expect("completed");
                tx.commit().await.expect("committed");
                Outcome::Complete
            }
        });
        let node = queue(&db, &Clock::manual(START), "a", completing).start();
        let mut events = Events::subscribe(&node);
        let mut flow = Workflow::new();
        let first = flow.add("first", act(2));
        let last = flow.add_after("last", act(4), &[first]);
        let inserted = insert(&db, flow).await;
        assert_eq!(events.next(inserted.job(last).expect("a job")).await.state, State::Completed);
        stop(node).await;
    }

    async fn deleting_a_job_cancels_its_dependents(db: Db) {
        let mut flow = Workflow::new();
        let first = flow.add("first", act(2));
        let last = flow.add_after("last", act(4), &[first]);
        let inserted = insert(&db, flow).await;
        let mut tx = db.begin().await.expect("a transaction");
        assert!(admin::delete(&mut tx, inserted.job(first).expect("a job"), START).await.expect("deleted"));
        tx.commit().await.expect("committed");
        assert_eq!(state(&db, inserted.job(last).expect("a job")).await, State::Canceled);
    }

    async fn a_batch_calls_back_once_when_all_have_ended_on_two_nodes(db: Db) {
        const JOBS: u32 = 400;
        let ran = Arc::new(AtomicU32::new(0));
        let counting = || {
            let (ran, db) = (Arc::clone(&ran), db.clone());
            Act::new(move |number: Number, job: Context| {
                let (ran, db) = (Arc::clone(&ran), db.clone());
                async move {
                    if number.n < JOBS {
                        ran.fetch_add(1, Ordering::SeqCst);
                        return if number.n == 7 { Outcome::Discard("seven".to_owned()) } else { Outcome::Complete };
                    }
                    let dependencies = dependencies(&db, &job).await;
                    let completed = dependencies.iter().filter(|dependency| dependency.state == Some(State::Completed)).count();
                    Outcome::CompleteWith(json!([ran.load(Ordering::SeqCst), dependencies.len(), completed]))
                }
            })
        };
        let clock = Clock::manual(START);
        // An SQLite file belongs to one process.
        let others = if db.dialect() == db::Dialect::Sqlite { vec![] } else { vec!["b"] };
        let nodes: Vec<_> = ["a"].into_iter().chain(others)
            .map(|name| queue(&db, &clock, name, counting()).limit("acts", 20).lease(HOUR).start())
            .collect();
        let mut receiver: Vec<_> = nodes.iter().map(Running::subscribe).collect();
        let numbers: Vec<_> = (0..JOBS).map(|n| Number { n }).collect();
        let batch = Batch::new().jobs::<Act>(&numbers).expect("jobs").when_ended(act(JOBS)).when_completed(act(JOBS));
        let mut tx = db.begin().await.expect("a transaction");
        let batch = batch.insert(&mut tx, START).await.expect("inserted").expect("callbacks");
        tx.commit().await.expect("committed");
        // Only the node that runs the callback sends its event.
        let called_back = futures::future::select_all(receiver.iter_mut().map(|receiver| Box::pin(async move {
            loop {
                match receiver.recv().await {
                    Ok(ending) if ending.id == batch => return ending.state,
                    Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                    Err(closed) => panic!("{closed}"),
                }
            }
        })));
        assert_eq!(soon(called_back).await.0, State::Completed);
        assert_eq!(result(&db, batch).await, json!([JOBS, JOBS, JOBS - 1]), "after all of them, and it knows how they ended");
        let filter = Filter { workflow: Some(batch), state: Some(State::Canceled), ..Filter::default() };
        let cancelled = admin::list(&db, &filter, 10).await.expect("listed");
        assert_eq!(cancelled.len(), 1, "the other callback wanted all to complete");
        for node in nodes {
            stop(node).await;
        }
    }

    async fn an_empty_batch_calls_back_at_once(db: Db) {
        let node = queue(&db, &Clock::manual(START), "a", summing(&db)).start();
        let mut events = Events::subscribe(&node);
        let mut tx = db.begin().await.expect("a transaction");
        let batch = Batch::new().when_completed(act(2)).insert(&mut tx, START).await.expect("inserted");
        tx.commit().await.expect("committed");
        assert_eq!(events.next(batch.expect("a callback")).await.state, State::Completed);
        stop(node).await;
    }
}
