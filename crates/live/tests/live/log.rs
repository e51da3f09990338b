//! The event log.

use db::Db;
use live::{Error, Topic};

fn topic() -> Topic<u64> {
    Topic::new("count", 1)
}

pub async fn publish(db: &Db, topic: &Topic<u64>, event: u64) -> u64 {
    let mut tx = db.begin().await.unwrap();
    let seq = live::publish(&mut tx, topic, &event, 0).await.unwrap();
    tx.commit().await.unwrap();
    seq
}

async fn read(db: &Db, topic: &Topic<u64>, since: u64) -> Vec<(u64, u64)> {
    let mut tx = db.snapshot().await.unwrap();
    let entries = live::read_since(&mut tx, topic.name(), since, 10_000).await.unwrap();
    entries.into_iter().map(|event| (event.seq, event.payload.parse().unwrap())).collect()
}

db::on_both_databases! {
    async fn concurrent_publishers_leave_no_gap(db: Db) {
        const PUBLISHERS: u64 = 8;
        const EACH: u64 = 25;
        // Reads while the others write: every read must return a prefix of the log.
        let publishers: Vec<_> = (0..PUBLISHERS).map(|publisher| {
            let db = db.clone();
            tokio::spawn(async move {
                for n in 0..EACH {
                    let seq = publish(&db, &topic(), publisher * EACH + n).await;
                    let entries = read(&db, &topic(), 0).await;
                    assert!(entries.len() as u64 >= seq, "a publisher does not read its own event after the commit");
                    assert!((1..).zip(&entries).all(|(at, (seq, _))| at == *seq), "a gap in commit order: {entries:?}");
                }
            })
        }).collect();
        for publisher in publishers {
            publisher.await.unwrap();
        }
        let mut events: Vec<_> = read(&db, &topic(), 0).await.into_iter().map(|(_, event)| event).collect();
        events.sort_unstable();
        assert_eq!(events, (0..PUBLISHERS * EACH).collect::<Vec<_>>());
    }

    async fn a_publish_that_is_rolled_back_leaves_no_gap(db: Db) {
        publish(&db, &topic(), 10).await;
        let mut tx = db.begin().await.unwrap();
        assert_eq!(live::publish(&mut tx, &topic(), &11, 0).await.unwrap(), 2);
        drop(tx);
        assert_eq!(publish(&db, &topic(), 12).await, 2);
        assert_eq!(read(&db, &topic(), 0).await, [(1, 10), (2, 12)]);
    }

    async fn a_snapshot_replaces_all_events_before_it(db: Db) {
        for event in [1, 2, 3] {
            publish(&db, &topic(), event).await;
        }
        let mut tx = db.begin().await.unwrap();
        assert_eq!(live::publish_snapshot(&mut tx, &topic(), &6, 0).await.unwrap(), 4);
        tx.commit().await.unwrap();
        publish(&db, &topic(), 7).await;
        for since in [0, 2, 3] {
            assert_eq!(read(&db, &topic(), since).await, [(4, 6), (5, 7)], "since {since}");
        }
        assert_eq!(read(&db, &topic(), 4).await, [(5, 7)]);
        let mut tx = db.begin().await.unwrap();
        live::publish_snapshot(&mut tx, &topic(), &8, 0).await.unwrap();
        drop(tx);
        assert_eq!(read(&db, &topic(), 0).await, [(4, 6), (5, 7)], "a rollback deletes nothing");
    }

    async fn a_batch_is_numbered_in_its_order(db: Db) {
        publish(&db, &topic(), 1).await;
        let mut tx = db.begin().await.unwrap();
        assert_eq!(live::publish_all(&mut tx, &topic(), &[2, 3, 4], 0).await.unwrap(), 4);
        assert_eq!(live::publish_all(&mut tx, &topic(), &[], 0).await.unwrap(), 4);
        tx.commit().await.unwrap();
        assert_eq!(read(&db, &topic(), 1).await, [(2, 2), (3, 3), (4, 4)]);
        let mut tx = db.snapshot().await.unwrap();
        assert_eq!(live::last_seq(&mut tx, topic().name()).await.unwrap(), 4);
        assert_eq!(live::last_seq(&mut tx, "count:never").await.unwrap(), 0);
        assert_eq!(live::read_since(&mut tx, topic().name(), 0, 2).await.unwrap().len(), 2);
    }

    async fn a_topic_with_a_space_is_an_error(db: Db) {
        let mut tx = db.begin().await.unwrap();
        let refused = live::publish(&mut tx, &Topic::new("count", "1 2"), &1, 0).await;
        assert!(matches!(refused, Err(Error::Topic(name)) if name == "count:1 2"));
    }
}
