//! Folding of topics, and the epoch.

use db::Db;
use live::{LogEntry, Topic};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::sessions::{publish_range, topic};

/// A state that depends on the order of its events.
fn fold(state: u64, event: u64) -> u64 {
    state.wrapping_mul(31).wrapping_add(event)
}

async fn since(db: &Db, since: u64) -> Vec<LogEntry> {
    let mut tx = db.snapshot().await.unwrap();
    live::read_since(&mut tx, topic().name(), since, 1_000).await.unwrap()
}

/// The state of a client that had `state` and then got `entries`.
fn catch_up(mut state: u64, entries: &[LogEntry]) -> u64 {
    for event in entries {
        let payload = event.payload.parse().unwrap();
        state = if event.snapshot { payload } else { fold(state, payload) };
    }
    state
}

db::on_both_databases! {
    async fn a_folded_topic_results_in_the_same_state_from_every_since(db: Db) {
        // Several folds of one log, in any order.
        let mut runner = TestRunner::deterministic();
        let folds = prop::collection::vec(1..=20_u64, 1..6).new_tree(&mut runner).unwrap().current();
        publish_range(&db, 1, 20).await;
        let states: Vec<u64> = (0..=20).scan(0, |state, seq| {
            *state = if seq == 0 { 0 } else { fold(*state, seq * 10) };
            Some(*state)
        }).collect();
        for at in folds {
            let mut tx = db.begin().await.unwrap();
            live::fold(&mut tx, topic().name(), at, &states[at as usize]).await.unwrap();
            tx.commit().await.unwrap();
            for start in 0..=20_u64 {
                let result = catch_up(states[start as usize], &since(&db, start).await);
                assert_eq!(result, states[20], "folded at {at}, joined at {start}");
            }
        }
    }

    async fn a_fold_deletes_the_events_before_it_and_does_nothing_twice(db: Db) {
        publish_range(&db, 1, 9).await;
        let mut tx = db.begin().await.unwrap();
        assert_eq!(live::fold(&mut tx, topic().name(), 6, &1).await.unwrap(), 5);
        assert_eq!(live::fold(&mut tx, topic().name(), 4, &2).await.unwrap(), 0, "a deleted event is not folded");
        tx.commit().await.unwrap();
        let left: Vec<_> = since(&db, 0).await.into_iter().map(|entry| (entry.seq, entry.snapshot)).collect();
        assert_eq!(left, [(6, true), (7, false), (8, false), (9, false)]);
        publish_range(&db, 10, 10).await;
    }

    async fn quiet_topics_with_enough_events_are_found_page_by_page(db: Db) {
        for (id, events) in [(1, 3), (2, 1), (3, 4), (4, 3)] {
            let mut tx = db.begin().await.unwrap();
            let topic = Topic::new("count", id);
            live::publish_all(&mut tx, &topic, &vec![7_u64; events], if id == 4 { 900 } else { 100 }).await.unwrap();
            live::publish(&mut tx, &Topic::new("counted", id), &1, 100).await.unwrap();
            tx.commit().await.unwrap();
        }
        let find = async |after: &str, limit: u32| {
            let mut tx = db.snapshot().await.unwrap();
            live::find_unfolded(&mut tx, "count", 3, 500, after, limit).await.unwrap()
        };
        assert_eq!(find("", 10).await, ["count:1", "count:3"]);
        assert_eq!(find("", 1).await, ["count:1"]);
        assert_eq!(find("count:1", 10).await, ["count:3"]);
        let mut tx = db.begin().await.unwrap();
        live::fold(&mut tx, "count:1", 3, &21).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(find("", 10).await, ["count:3"], "a folded topic without new events is not found");
    }

    async fn the_epoch_is_kept_until_it_is_renewed(db: Db) {
        let read = async || live::epoch(&mut db.snapshot().await.unwrap()).await.unwrap();
        let first = read().await;
        assert_eq!(first.len(), 32);
        db.migrate().await.unwrap();
        assert_eq!(read().await, first);
        let mut tx = db.begin().await.unwrap();
        let renewed = live::renew_epoch(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_ne!(renewed, first);
        assert_eq!(read().await, renewed);
    }
}
