//! Unique jobs.

use std::time::Duration;

use db::{Clock, Db};
use queue::{Enqueued, Field, NewJob, Outcome, State, Unique};

use crate::support::{Act, Events, Number, START, job, queue, soon};

async fn add_unique(db: Db, key: &'static str) -> Enqueued {
    let mut tx = db.begin().await.expect("a transaction");
    let new = NewJob::<Act>::new(&Number { n: 1 }).expect("arguments").unique(Unique::key(key)).expect("a key");
    let enqueued = new.insert(&mut tx, START).await.expect("no error, duplicate or not");
    tx.commit().await.expect("a duplicate does not abort the transaction");
    enqueued
}

async fn add_with(db: &Db, n: u32, now: i64, unique: Unique) -> Enqueued {
    add_at(db, n, now, now, unique).await
}

async fn add_at(db: &Db, n: u32, now: i64, at: i64, unique: Unique) -> Enqueued {
    let mut tx = db.begin().await.expect("a transaction");
    let new = NewJob::<Act>::new(&Number { n }).expect("arguments").unique(unique).expect("a key");
    let enqueued = new.scheduled_at(at).insert(&mut tx, now).await.expect("no error, duplicate or not");
    tx.commit().await.expect("a duplicate does not abort the transaction");
    enqueued
}

db::on_both_databases! {
    async fn a_key_is_held_until_its_job_has_ended(db: Db) {
        let first = add_unique(db.clone(), "k").await;
        assert!(matches!(first, Enqueued::New(_)));
        assert_eq!(add_unique(db.clone(), "k").await, Enqueued::Existing(first.id()));
        assert!(matches!(add_unique(db.clone(), "other").await, Enqueued::New(_)));
        let act = Act::new(|_number, _job| async { Outcome::Complete });
        let node = queue(&db, &Clock::manual(START), "a", act);
        let node = node.start();
        let mut events = Events::subscribe(&node);
        events.next(first.id()).await;
        assert!(matches!(add_unique(db.clone(), "k").await, Enqueued::New(_)));
    }

    async fn concurrent_duplicates_become_one_job(db: Db) {
        let adding: Vec<_> = (0..20).map(|_| tokio::spawn(add_unique(db.clone(), "k"))).collect();
        let mut new = 0;
        let mut ids = std::collections::HashSet::new();
        for added in adding {
            let added = added.await.expect("added");
            new += usize::from(matches!(added, Enqueued::New(_)));
            ids.insert(added.id());
        }
        assert_eq!((new, ids.len()), (1, 1));
    }

    async fn equal_arguments_or_fields_make_a_duplicate(db: Db) {
        let add = async |n, unique: Unique| add_with(&db, n, START, unique).await;
        let first = add(1, Unique::args()).await;
        assert_eq!(add(1, Unique::args()).await, Enqueued::Existing(first.id()));
        assert!(matches!(add(2, Unique::args()).await, Enqueued::New(_)));
        let by_field = add(7, Unique::fields(["n"])).await;
        assert_eq!(add(7, Unique::fields(["n"])).await, Enqueued::Existing(by_field.id()));
        assert!(matches!(add(8, Unique::fields(["n"])).await, Enqueued::New(_)));
        let nothing_in_common = add(1, Unique::fields(["absent"])).await;
        assert_eq!(add(2, Unique::fields(["absent"])).await, Enqueued::Existing(nothing_in_common.id()));
    }

    async fn a_key_is_free_again_after_its_period(db: Db) {
        let unique = || Unique::key("k").within(Duration::from_secs(60)).also_ended();
        let first = add_with(&db, 1, START, unique()).await;
        assert_eq!(add_with(&db, 1, START + 59_999, unique()).await, Enqueued::Existing(first.id()));
        let second = add_with(&db, 1, START + 60_000, unique()).await;
        assert!(matches!(second, Enqueued::New(_)));
        assert_eq!(add_with(&db, 1, START + 60_001, unique()).await, Enqueued::Existing(second.id()));
    }

    async fn concurrent_duplicates_after_a_period_become_one_job(db: Db) {
        add_with(&db, 1, START, Unique::key("k").within(Duration::from_secs(60))).await;
        let adding: Vec<_> = (0..20)
            .map(|_| {
                let db = db.clone();
                let unique = Unique::key("k").within(Duration::from_secs(60));
                tokio::spawn(async move { add_with(&db, 1, START + 60_000, unique).await })
            })
            .collect();
        let mut new = 0;
        for added in adding {
            new += usize::from(matches!(added.await.expect("added"), Enqueued::New(_)));
        }
        assert_eq!(new, 1);
    }

    async fn states_decide_who_holds_a_key(db: Db) {
        let ended = || Unique::key("k").also_ended();
        let first = add_with(&db, 1, START, ended()).await;
        let node = queue(&db, &Clock::manual(START), "a", Act::new(|_number, _job| async { Outcome::Complete })).start();
        Events::subscribe(&node).next(first.id()).await;
        assert_eq!(add_with(&db, 1, START, ended()).await, Enqueued::Existing(first.id()));
        soon(node.stop(Duration::from_secs(10))).await;
        let waiting_only = || Unique::key("w").in_states(&[State::Available]);
        let scheduled = add_at(&db, 1, START, START + 1, waiting_only()).await;
        assert!(matches!(scheduled, Enqueued::New(_)));
        let available = add_with(&db, 1, START, waiting_only()).await;
        assert!(matches!(available, Enqueued::New(_)), "a scheduled job does not count");
        assert_eq!(add_with(&db, 1, START, waiting_only()).await, Enqueued::Existing(available.id()));
    }

    async fn a_duplicate_replaces_the_chosen_fields_of_a_waiting_job(db: Db) {
        let fields = [Field::Args, Field::ScheduledAt, Field::MaxAttempts];
        let first = add_at(&db, 1, START, START + 1_000, Unique::key("k")).await;
        let again = add_at(&db, 2, START, START + 5_000, Unique::key("k").replace(fields)).await;
        assert_eq!(again, Enqueued::Replaced(first.id()));
        let replaced = job(&db, first.id()).await;
        assert_eq!((replaced.args.as_str(), replaced.scheduled_at), (r#"{"n":2}"#, START + 5_000));
        let at_once = add_with(&db, 3, START, Unique::key("k").replace(fields)).await;
        assert_eq!(at_once, Enqueued::Replaced(first.id()));
        assert_eq!(job(&db, first.id()).await.state, State::Available);
        let kept = add_with(&db, 4, START, Unique::key("k")).await;
        assert_eq!(kept, Enqueued::Existing(first.id()));
        assert_eq!(job(&db, first.id()).await.args, r#"{"n":3}"#);
    }
}
