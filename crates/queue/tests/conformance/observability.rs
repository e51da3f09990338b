//! Statistics, metrics, health, reports of nodes, and traces.

use std::time::Duration;

use db::Clock;
use prometheus_client::{encoding::text::encode, registry::Registry};
use queue::{NewJob, Outcome, Running, State, admin, trace};

use crate::support::{Act, Events, HOUR, Number, START, add, queue, soon};

/// Job 0 completes after the clock advanced by a second, 1 fails, 2 is discarded, 3 is canceled, 4 snoozes.
fn ending_in_all_ways(clock: &Clock) -> Act {
    let clock = clock.clone();
    Act::new(move |number: Number, _job| {
        let clock = clock.clone();
        async move {
            match number.n {
                0 => {
                    clock.advance(1_000);
                    Outcome::Complete
                }
                1 => Outcome::Retry("one".to_owned()),
                2 => Outcome::Discard("two".to_owned()),
                3 => Outcome::Cancel("three".to_owned()),
                _ => Outcome::Snooze(HOUR),
            }
        }
    })
}

fn metrics(node: &Running) -> String {
    let mut registry = Registry::default();
    node.register_metrics(&mut registry);
    let mut text = String::new();
    encode(&mut text, &registry).expect("encoded");
    text
}

db::on_both_databases! {
    async fn statistics_and_metrics_count_the_outcomes_of_attempts(db: Db) {
        let clock = Clock::manual(START);
        let node = queue(&db, &clock, "a", ending_in_all_ways(&clock)).limit("acts", 1).start();
        let mut events = Events::subscribe(&node);
        for n in [0, 1, 2, 2, 3, 4] {
            let id = add(&db, n).await;
            events.next(id).await;
        }
        soon(node.leading()).await;
        // Each discard enqueued a note, in a queue that no worker serves.
        node.write_statistics().await.expect("written");
        // A second write adds nothing.
        node.write_statistics().await.expect("written");
        let buckets = admin::statistics(&db, START - 10_000).await.expect("read");
        let sum = |of: fn(&admin::Bucket) -> usize| buckets.iter().map(of).sum::<usize>();
        assert_eq!(
            (sum(|b| b.completed), sum(|b| b.failed), sum(|b| b.discarded), sum(|b| b.canceled)),
            (1, 1, 2, 1)
        );
        // All were enqueued at START; the first took a second, and the four others waited for it.
        assert_eq!(buckets.iter().map(|bucket| bucket.run_ms).sum::<i64>(), 1_000);
        assert_eq!(buckets.iter().map(|bucket| bucket.wait_ms).sum::<i64>(), 4_000);
        assert_eq!(buckets.iter().filter_map(|bucket| bucket.available).sum::<i64>(), 2);
        let text = metrics(&node);
        for line in [
            r#"queue_attempts_total{queue="acts",state="completed"} 1"#,
            r#"queue_attempts_total{queue="acts",state="failed"} 1"#,
            r#"queue_attempts_total{queue="acts",state="discarded"} 2"#,
            r#"queue_attempts_total{queue="acts",state="cancelled"} 1"#,
            r#"queue_run_seconds_sum{queue="acts"} 1.0"#,
            r#"queue_wait_seconds_bucket{le="0.5",queue="acts"} 1"#,
            r#"queue_wait_seconds_count{queue="acts"} 5"#,
            r#"queue_slots{queue="acts"} 1"#,
            r#"queue_jobs{queue="notes",state="available"} 2"#,
            r#"queue_jobs{queue="acts",state="discarded"} 2"#,
            "queue_leads 1",
        ] {
            assert!(text.lines().any(|each| each == line), "no line {line} in\n{text}");
        }
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn a_stopped_node_has_written_its_statistics(db: Db) {
        let clock = Clock::manual(START);
        let node = queue(&db, &clock, "a", ending_in_all_ways(&clock)).start();
        let mut events = Events::subscribe(&node);
        let id = add(&db, 0).await;
        assert_eq!(events.next(id).await.state, State::Completed);
        soon(node.stop(Duration::from_secs(10))).await;
        let buckets = admin::statistics(&db, START - 10_000).await.expect("read");
        assert_eq!(buckets.iter().map(|bucket| bucket.completed).sum::<usize>(), 1);
    }

    async fn nodes_report_their_queues_and_the_leader(db: Db) {
        let clock = Clock::manual(START);
        let node = queue(&db, &clock, "a", ending_in_all_ways(&clock)).limit("acts", 7).start();
        soon(node.ready()).await;
        soon(node.leading()).await;
        let nodes = admin::nodes(&db).await.expect("read");
        let [it] = &*nodes else { panic!("one node: {nodes:?}") };
        assert!(it.leads);
        assert_eq!((it.started_at, it.heartbeat_at), (START, START));
        assert_eq!(it.queues.iter().map(|queue| (queue.queue.as_str(), queue.slots)).collect::<Vec<_>>(), [("acts", 7)]);
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn a_node_without_a_recent_heartbeat_is_not_healthy(db: Db) {
        let clock = Clock::manual(START);
        let node = queue(&db, &clock, "a", ending_in_all_ways(&clock)).start();
        soon(node.ready()).await;
        assert!(node.health().working);
        // Longer than the lease of an hour and shorter than three poll intervals; the next heartbeat would be
        // sent after twenty minutes.
        clock.advance(61 * 60 * 1_000);
        assert!(!node.health().working);
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn the_wait_of_a_scheduled_job_counts_from_its_time(db: Db) {
        let clock = Clock::manual(START);
        let node = queue(&db, &clock, "a", ending_in_all_ways(&clock)).start();
        let mut events = Events::subscribe(&node);
        soon(node.leading()).await;
        let mut tx = db.begin().await.expect("a transaction");
        let job = NewJob::<Act>::new(&Number { n: 0 }).expect("a job").scheduled_at(START + 5_000);
        let id = job.insert(&mut tx, START).await.expect("inserted").id();
        tx.commit().await.expect("committed");
        clock.advance(5_007);
        node.stage().await.expect("staged");
        events.next(id).await;
        node.write_statistics().await.expect("written");
        let buckets = admin::statistics(&db, START).await.expect("read");
        assert_eq!(buckets.iter().map(|bucket| bucket.wait_ms).sum::<i64>(), 7);
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn a_job_carries_the_trace_that_enqueued_it_and_passes_it_on(db: Db) {
        const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let act = Act::new({
            let db = db.clone();
            move |number: Number, _job| {
                let db = db.clone();
                async move {
                    if number.n > 0 {
                        add(&db, number.n - 1).await;
                    }
                    Outcome::CompleteWith(trace::current().into())
                }
            }
        });
        let node = queue(&db, &Clock::manual(START), "a", act).start();
        let mut events = Events::subscribe(&node);
        let first = trace::scope(TRACE.to_owned(), add(&db, 1)).await;
        events.next(first).await;
        let jobs = admin::list(&db, &admin::Filter::default(), 10).await.expect("listed");
        let next = jobs.first().expect("two jobs").job.id;
        events.next(next).await;
        for id in [first, next] {
            let job = admin::details(&db, id).await.expect("checked").expect("it exists");
            assert_eq!((job.job.trace.as_deref(), job.result), (Some(TRACE), Some(TRACE.into())));
        }
        soon(node.stop(Duration::from_secs(10))).await;
    }
}
