//! One living job per key.

use db::{Clock, Db};
use queue::{Enqueued, NewJob, Outcome, Unique};

use crate::support::{Act, Endings, Number, START, queue};

async fn add_unique(db: Db, key: &'static str) -> Enqueued {
    let mut tx = db.begin().await.expect("a transaction");
    let new = NewJob::<Act>::new(&Number { n: 1 }).expect("arguments").unique(Unique::key(key)).expect("a key");
    let enqueued = new.insert(&mut tx, START).await.expect("no error, duplicate or not");
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
        let mut endings = Endings::of(&node);
        endings.next(first.id()).await;
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
}
