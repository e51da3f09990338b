//! Lists, counts and manual changes of jobs.

use std::time::Duration;

use db::Clock;
use queue::{
    Error, NewJob, Outcome, State,
    admin::{self, Filter},
};

use crate::support::{Act, Events, Number, START, add, job, queue, soon};

/// Discards odd numbers.
fn picky() -> Act {
    Act::new(|number: Number, _job| async move {
        if number.n % 2 == 1 { Outcome::Discard("odd".to_owned()) } else { Outcome::Complete }
    })
}

db::on_both_databases! {
    async fn a_discarded_job_is_run_again_or_edited_and_run_again(db: Db) {
        let node = queue(&db, &Clock::manual(START), "a", picky()).start();
        let mut events = Events::subscribe(&node);
        let id = add(&db, 1).await;
        assert_eq!(events.next(id).await.state, State::Discarded);
        let mut tx = db.begin().await.expect("a transaction");
        assert!(admin::retry(&mut tx, id, START).await.expect("retried"));
        tx.commit().await.expect("committed");
        assert_eq!(events.next(id).await.state, State::Discarded);
        let mut tx = db.begin().await.expect("a transaction");
        let refused = admin::edit(&mut tx, id, "{", START).await;
        assert!(matches!(refused, Err(Error::Edit { .. })), "{refused:?}");
        assert!(admin::edit(&mut tx, id, r#"{"n":2}"#, START).await.expect("edited"));
        tx.commit().await.expect("committed");
        assert_eq!(events.next(id).await.state, State::Completed);
        let ended = job(&db, id).await;
        assert_eq!((ended.attempt, ended.errors.len()), (3, 2), "its history stays");
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn a_running_job_is_neither_retried_nor_deleted_and_an_ended_one_is(db: Db) {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let act = Act::new(move |_number, job| {
            let sender = sender.clone();
            async move {
                sender.send(()).await.expect("the test receives");
                job.cancellation().cancelled().await;
                Outcome::Complete
            }
        });
        let node = queue(&db, &Clock::manual(START), "a", act).start();
        let id = add(&db, 1).await;
        soon(receiver.recv()).await.expect("it runs");
        let mut tx = db.begin().await.expect("a transaction");
        assert!(!admin::retry(&mut tx, id, START).await.expect("called"));
        assert!(!admin::delete(&mut tx, id, START).await.expect("called"));
        queue::cancel(&mut tx, id, START).await.expect("cancelled");
        assert!(admin::delete(&mut tx, id, START).await.expect("deleted"));
        tx.commit().await.expect("committed");
        assert!(admin::details(&db, id).await.expect("checked").is_none());
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn jobs_are_found_by_what_is_known_of_them(db: Db) {
        let mut tx = db.begin().await.expect("a transaction");
        let mut ids = Vec::new();
        for n in 0..5 {
            let new = NewJob::<Act>::new(&Number { n }).expect("arguments").priority(3);
            let new = if n == 2 { new.tag("100%_sure").meta("by", "ada") } else { new };
            ids.push(new.insert(&mut tx, START).await.expect("enqueued").id());
        }
        queue::cancel(&mut tx, ids[4], START).await.expect("cancelled");
        tx.commit().await.expect("committed");
        let found = async |filter: Filter| {
            let jobs = admin::list(&db, &filter, 10).await.expect("listed");
            jobs.iter().map(|details| details.job.id).collect::<Vec<_>>()
        };
        let newest_first: Vec<_> = ids.iter().rev().copied().collect();
        assert_eq!(found(Filter::default()).await, newest_first);
        assert_eq!(found(Filter { before: Some(ids[2]), ..Filter::default() }).await, [ids[1], ids[0]]);
        assert_eq!(found(Filter { state: Some(State::Canceled), ..Filter::default() }).await, [ids[4]]);
        assert_eq!(found(Filter { tag: Some("100%_sure".to_owned()), ..Filter::default() }).await, [ids[2]]);
        assert!(found(Filter { tag: Some("100__sure".to_owned()), ..Filter::default() }).await.is_empty());
        assert_eq!(found(Filter { text: Some(r#""N":3"#.to_owned()), ..Filter::default() }).await, [ids[3]]);
        assert!(found(Filter { text: Some("%".to_owned()), ..Filter::default() }).await.is_empty());
        assert!(found(Filter { queue: Some("others".to_owned()), ..Filter::default() }).await.is_empty());
        let details = admin::details(&db, ids[2]).await.expect("checked").expect("it exists");
        assert_eq!((details.priority, &details.meta["by"]), (3, &"ada".into()));
        let counts = admin::counts(&db).await.expect("counted");
        assert_eq!((counts[0].queue.as_str(), counts[0].available, counts[0].canceled), ("acts", 4, 1));
    }

    async fn nodes_are_listed_with_their_leader(db: Db) {
        let node = queue(&db, &Clock::manual(START), "a", picky()).start();
        soon(node.leading()).await;
        soon(node.ready()).await;
        let nodes = admin::nodes(&db).await.expect("listed");
        assert_eq!(nodes.iter().map(|node| (node.name.as_str(), node.leads)).collect::<Vec<_>>(), [("a", true)]);
        soon(node.stop(Duration::from_secs(10))).await;
        assert!(admin::nodes(&db).await.expect("listed").is_empty());
    }
}
