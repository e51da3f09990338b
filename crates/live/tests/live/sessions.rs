//! Sessions on a running hub.

use std::{sync::Arc, time::Duration};

use db::{Db, params, sql};
use futures::StreamExt;
use live::{ClientMsg, CloseReason, Hub, Limits, Outgoing, Refusal, ServerMsg, Topic};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    log::publish,
    test_client::{TestClient, TestPolicy},
};

pub const NEVER: Duration = Duration::from_secs(3_600);

pub fn topic() -> Topic<u64> {
    Topic::new("count", 1)
}

/// Publishes the events `first..=last`, each ten times its seq.
pub async fn publish_range(db: &Db, first: u64, last: u64) {
    for seq in first..=last {
        assert_eq!(publish(db, &topic(), seq * 10).await, seq);
    }
}

/// A hub that runs as long as the test.
pub fn run_hub(db: &Db, reconcile_interval: Duration) -> Hub {
    let hub = Hub::with_reconcile_interval(db.clone(), reconcile_interval);
    let running = hub.clone();
    tokio::spawn(async move { running.run().await });
    hub
}

/// Publishes an event without a notification.
async fn publish_without_notification(db: &Db, seq: u64) {
    let mut tx = db.begin().await.unwrap();
    tx.execute(sql!("update topics set seq = seq + 1 where name = $1"), params![topic().name()]).await.unwrap();
    let event = sql!("insert into events (topic, seq, payload, published_at) values ($1, $2, $3, $4)");
    tx.execute(event, params![topic().name(), seq, (seq * 10).to_string(), 0_i64]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Waits until a read of the log has failed.
async fn failed_read(registry: &prometheus_client::registry::Registry) {
    let failed = || {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, registry).unwrap();
        !text.contains("live_failed_reads_total 0")
    };
    let failure = async {
        while !failed() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), failure).await.expect("a read of the log fails");
}

db::on_both_databases! {
    async fn a_client_that_joins_late_gets_the_rest_once_and_in_order(db: Db) {
        const LAST: u64 = 300;
        let hub = run_hub(&db, NEVER);
        publish_range(&db, 1, 50).await;
        let publisher = { let db = db.clone(); tokio::spawn(async move { publish_range(&db, 51, LAST).await }) };
        // Small pages, so that reading the log and receiving from the hub overlap.
        let limits = Limits { page_size: 7, ..Limits::default() };
        let clients: Vec<_> = [0, 20, 50].into_iter().map(|since| {
            let mut client = TestClient::connect_with(&hub, Arc::default(), limits.clone(), CancellationToken::new());
            tokio::spawn(async move {
                client.join(&topic(), since).await;
                client.expect_events(since + 1, LAST).await;
                client.expect_nothing().await;
            })
        }).collect();
        publisher.await.unwrap();
        for client in clients {
            client.await.unwrap();
        }
    }

    async fn a_snapshot_reaches_connected_clients_and_those_that_join_later(db: Db) {
        let hub = run_hub(&db, NEVER);
        publish_range(&db, 1, 5).await;
        let (mut there, mut away) = (TestClient::connect(&hub), TestClient::connect(&hub));
        there.join(&topic(), 5).await;
        let mut tx = db.begin().await.unwrap();
        live::publish_snapshot(&mut tx, &topic(), &60, 0).await.unwrap();
        tx.commit().await.unwrap();
        there.expect_events(6, 6).await;
        away.join(&topic(), 2).await;
        away.expect_events(6, 6).await;
        publish_range(&db, 7, 7).await;
        for client in [&mut there, &mut away] {
            client.expect_events(7, 7).await;
            client.expect_nothing().await;
        }
    }

    async fn joining_again_starts_at_the_new_since(db: Db) {
        let hub = run_hub(&db, NEVER);
        publish_range(&db, 1, 5).await;
        let mut client = TestClient::connect(&hub);
        assert_eq!(client.join(&topic(), 5).await, 5);
        client.expect_nothing().await;
        client.join(&topic(), 2).await;
        client.expect_events(3, 5).await;
        publish_range(&db, 6, 6).await;
        client.expect_events(6, 6).await;
    }

    async fn a_client_gets_no_event_of_a_topic_that_it_left(db: Db) {
        let hub = run_hub(&db, NEVER);
        let (mut leaver, mut stayer) = (TestClient::connect(&hub), TestClient::connect(&hub));
        leaver.join(&topic(), 0).await;
        stayer.join(&topic(), 0).await;
        leaver.send(&ClientMsg::Leave { topic: topic().name().to_owned() });
        leaver.expect_nothing().await;
        publish_range(&db, 1, 3).await;
        stayer.expect_events(1, 3).await;
        leaver.expect_nothing().await;
    }

    async fn a_slow_consumer_is_closed_and_catches_up(db: Db) {
        let hub = run_hub(&db, NEVER);
        let limits = Limits { max_buffered_messages: 4, ..Limits::default() };
        let mut slow = TestClient::connect_with(&hub, Arc::default(), limits, CancellationToken::new());
        slow.join(&topic(), 0).await;
        let mut quick = TestClient::connect(&hub);
        quick.join(&topic(), 0).await;
        // Nothing reads what is written to the slow one, so its session ends by itself.
        publish_range(&db, 1, 40).await;
        tokio::time::timeout(Duration::from_secs(20), &mut slow.session).await.expect("the session ends").unwrap();
        quick.expect_events(1, 40).await;
        let mut last = 0;
        while let Some(Outgoing::Text(text)) = slow.recv_outgoing().await {
            match ServerMsg::decode(&text).unwrap() {
                ServerMsg::Event { seq, .. } if seq == last + 1 => last = seq,
                ServerMsg::Disconnect { reason: CloseReason::Slow, .. } => {}
                other => panic!("out of order: {other:?}"),
            }
        }
        assert!(last < 40, "the client was not slow");
        let mut again = TestClient::connect(&hub);
        again.join(&topic(), last).await;
        again.expect_events(last + 1, 40).await;
    }

    async fn a_refused_join_gets_no_events(db: Db) {
        let hub = run_hub(&db, NEVER);
        publish_range(&db, 1, 3).await;
        let policy = Arc::new(TestPolicy::default());
        policy.forbidden.lock().unwrap().insert(topic().name().to_owned());
        let mut outsider = TestClient::connect_with(&hub, policy, Limits::default(), CancellationToken::new());
        let mut member = TestClient::connect(&hub);
        member.join(&topic(), 3).await;
        assert_eq!(outsider.join_refused(&topic(), 0).await, Refusal::Forbidden);
        assert_eq!(outsider.join_refused(&Topic::new("no", "such topic"), 0).await, Refusal::Invalid);
        assert_eq!(member.join_refused(&Topic::new("count", 2), 9).await, Refusal::Ahead);
        publish_range(&db, 4, 6).await;
        member.expect_events(4, 6).await;
        outsider.expect_nothing().await;
    }

    async fn a_socket_cannot_join_more_topics_than_its_limit(db: Db) {
        let hub = run_hub(&db, NEVER);
        let limits = Limits { max_topics: 2, ..Limits::default() };
        let mut client = TestClient::connect_with(&hub, Arc::default(), limits, CancellationToken::new());
        client.join(&Topic::new("count", 1), 0).await;
        client.join(&Topic::new("count", 2), 0).await;
        client.join(&Topic::new("count", 2), 0).await;
        assert_eq!(client.join_refused(&Topic::new("count", 3), 0).await, Refusal::TooMany);
    }

    async fn a_revocation_closes_only_the_topics_that_are_now_forbidden(db: Db) {
        let hub = run_hub(&db, NEVER);
        let (kept, other) = (Topic::new("count", 2), Arc::new(TestPolicy { subject: "other".to_owned(), ..TestPolicy::default() }));
        let policy = Arc::new(TestPolicy { subject: "session-1".to_owned(), ..TestPolicy::default() });
        let mut client = TestClient::connect_with(&hub, Arc::clone(&policy), Limits::default(), CancellationToken::new());
        let mut bystander = TestClient::connect_with(&hub, other, Limits::default(), CancellationToken::new());
        client.join(&topic(), 0).await;
        client.join(&kept, 0).await;
        bystander.join(&topic(), 0).await;
        policy.forbidden.lock().unwrap().insert(topic().name().to_owned());
        // In the transaction that takes the right away.
        let mut tx = db.begin().await.unwrap();
        live::revoke(&mut tx, "session-1", 0).await.unwrap();
        tx.commit().await.unwrap();
        let closed = ServerMsg::Closed { topic: topic().name().to_owned(), reason: Refusal::Forbidden };
        assert_eq!(client.recv().await, closed);
        publish_range(&db, 1, 2).await;
        bystander.expect_events(1, 2).await;
        assert_eq!(publish(&db, &kept, 10).await, 1);
        client.expect_events(1, 1).await;
        client.expect_nothing().await;
    }

    async fn a_revocation_without_its_notification_is_found_by_reconciling(db: Db) {
        let hub = run_hub(&db, Duration::from_millis(20));
        let policy = Arc::new(TestPolicy { subject: "session-1".to_owned(), ..TestPolicy::default() });
        let mut client = TestClient::connect_with(&hub, Arc::clone(&policy), Limits::default(), CancellationToken::new());
        client.join(&topic(), 0).await;
        client.expect_nothing().await;
        // The transaction of another node, which dies before it sends the notification.
        let mut tx = db.begin().await.unwrap();
        for sql in [
            sql!("insert into topics (name, seq) values ('live.revoked', 1)
                  on conflict (name) do update set seq = topics.seq + 1"),
            sql!("insert into events (topic, seq, payload, published_at)
                  select name, seq, '\"session-1\"', 0 from topics where name = 'live.revoked'"),
        ] {
            tx.execute(sql, params![]).await.unwrap();
        }
        policy.forbidden.lock().unwrap().insert(topic().name().to_owned());
        tx.commit().await.unwrap();
        let closed = ServerMsg::Closed { topic: topic().name().to_owned(), reason: Refusal::Forbidden };
        assert_eq!(client.recv().await, closed);
    }

    async fn an_expired_sign_in_is_authorized_again(db: Db) {
        let hub = run_hub(&db, NEVER);
        let soon = tokio::time::Instant::now() + Duration::from_millis(50);
        let policy = Arc::new(TestPolicy { valid_until: Some(soon), ..TestPolicy::default() });
        let mut client = TestClient::connect_with(&hub, Arc::clone(&policy), Limits::default(), CancellationToken::new());
        client.join(&topic(), 0).await;
        policy.forbidden.lock().unwrap().insert(topic().name().to_owned());
        let closed = ServerMsg::Closed { topic: topic().name().to_owned(), reason: Refusal::Forbidden };
        assert_eq!(client.recv().await, closed);
    }

    async fn no_client_can_join_the_live_layers_own_topics(db: Db) {
        let hub = run_hub(&db, NEVER);
        let mut client = TestClient::connect(&hub);
        assert_eq!(client.join_refused(&Topic::named("live.revoked"), 0).await, Refusal::Invalid);
    }

    async fn a_one_way_client_gets_the_topics_of_its_request(db: Db) {
        let hub = run_hub(&db, NEVER);
        publish_range(&db, 1, 3).await;
        let (sink, receiver) = futures::channel::mpsc::channel(0);
        let incoming = live::one_way_incoming(vec![(topic().name().to_owned(), 1)], Vec::new());
        let session = live::serve(incoming, sink, hub, Arc::<TestPolicy>::default(), Limits::default(), CancellationToken::new());
        let session = tokio::spawn(session);
        publish_range(&db, 4, 5).await;
        let frames: Vec<_> = receiver.take(6).collect().await;
        let frames: Vec<_> = frames.iter().map(|frame| match frame {
            Outgoing::Text(text) => ServerMsg::decode(text).unwrap(),
            Outgoing::Close(..) => panic!("the session goes on"),
        }).collect();
        assert!(matches!(frames[0], ServerMsg::Hello { .. }) && matches!(frames[1], ServerMsg::Joined { .. }));
        let seqs: Vec<_> = frames[2..].iter().map(|frame| match frame {
            ServerMsg::Event { seq, .. } => *seq,
            other => panic!("expected an event, not {other:?}"),
        }).collect();
        assert_eq!(seqs, [2, 3, 4, 5]);
        // The receiver is dropped, which the session notices at its next frame.
        publish_range(&db, 6, 6).await;
        session.await.unwrap();
    }

    async fn a_push_is_answered_on_a_joined_topic_only(db: Db) {
        let hub = run_hub(&db, NEVER);
        let mut client = TestClient::connect(&hub);
        let push = |id, payload| ClientMsg::Push { id, topic: topic().name().to_owned(), payload };
        client.send(&push(1, json!(5)));
        assert!(matches!(client.recv().await, ServerMsg::Failed { id: 1, .. }));
        client.join(&topic(), 0).await;
        client.send(&push(2, json!({"status": "processing"})));
        assert_eq!(client.recv().await, ServerMsg::Reply { id: 2, payload: json!({"status": "processing"}) });
        client.send(&push(3, json!(null)));
        let failed = ServerMsg::Failed { id: 3, reason: "nothing to answer on count:1".to_owned() };
        assert_eq!(client.recv().await, failed);
    }

    async fn a_stopping_server_says_when_to_reconnect(db: Db) {
        let (hub, stop) = (run_hub(&db, NEVER), CancellationToken::new());
        let mut client = TestClient::connect_with(&hub, Arc::default(), Limits::default(), stop.clone());
        client.join(&topic(), 0).await;
        stop.cancel();
        let ServerMsg::Disconnect { reason: CloseReason::Restarting, reconnect_after_ms } = client.recv().await else {
            panic!("expected a disconnect");
        };
        assert_eq!(reconnect_after_ms, 0, "a single client need not wait");
        assert_eq!(client.recv_outgoing().await, Some(Outgoing::Close(1001, "restarting")));
        assert_eq!(client.recv_outgoing().await, None);
    }

    async fn a_client_that_violates_the_limits_is_closed(db: Db) {
        let hub = run_hub(&db, NEVER);
        let limits = Limits { max_message_bytes: 100, messages_per_second: 1, max_topics: 2, ..Limits::default() };
        for violation in ["{}".to_owned(), "x".repeat(101), "flood".to_owned()] {
            let mut client =
                TestClient::connect_with(&hub, Arc::default(), limits.clone(), CancellationToken::new());
            match violation.as_str() {
                "flood" => (0..20).for_each(|_| client.send(&ClientMsg::Leave { topic: String::new() })),
                _ => client.send_text(violation),
            }
            assert!(matches!(client.recv().await, ServerMsg::Disconnect { reason: CloseReason::PolicyViolation, .. }));
            assert_eq!(client.recv_outgoing().await, Some(Outgoing::Close(1008, "misbehaved")));
        }
    }

    async fn a_silent_socket_is_closed(db: Db) {
        let hub = run_hub(&db, NEVER);
        let limits = Limits { idle_timeout: Duration::from_millis(20), ..Limits::default() };
        let mut client = TestClient::connect_with(&hub, Arc::default(), limits, CancellationToken::new());
        assert!(matches!(client.recv().await, ServerMsg::Disconnect { reason: CloseReason::Idle, .. }));
    }

    async fn a_client_that_closes_ends_its_session(db: Db) {
        let hub = run_hub(&db, NEVER);
        let mut client = TestClient::connect(&hub);
        client.join(&topic(), 0).await;
        client.close();
        assert_eq!(client.recv_outgoing().await, None);
        client.session.await.unwrap();
    }

    async fn a_lost_notification_is_found_by_reconciling(db: Db) {
        let hub = run_hub(&db, Duration::from_millis(20));
        publish_range(&db, 1, 1).await;
        let mut client = TestClient::connect(&hub);
        client.join(&topic(), 0).await;
        // The session has read the log, so the next event has to come from the hub.
        client.expect_events(1, 1).await;
        publish_without_notification(&db, 2).await;
        client.expect_events(2, 2).await;
    }

    async fn a_failed_read_is_retried_soon(db: Db) {
        // Only the retry can deliver event 2: the test does not reconcile otherwise.
        let hub = run_hub(&db, NEVER);
        publish_range(&db, 1, 1).await;
        let mut client = TestClient::connect(&hub);
        client.join(&topic(), 0).await;
        client.expect_events(1, 1).await;
        // The notification of event 2 comes while the log cannot be read.
        let mut tx = db.begin().await.unwrap();
        live::publish(&mut tx, &topic(), &20, 0).await.unwrap();
        tx.execute(sql!("alter table events rename to events_elsewhere"), params![]).await.unwrap();
        let mut registry = prometheus_client::registry::Registry::default();
        hub.register_metrics(&mut registry);
        tx.commit().await.unwrap();
        failed_read(&registry).await;
        db.execute(sql!("alter table events_elsewhere rename to events"), params![]).await.unwrap();
        client.expect_events(2, 2).await;
    }

    async fn a_hub_that_lagged_reconciles(db: Db) {
        let hub = Hub::with_reconcile_interval(db.clone(), NEVER);
        let mut run = std::pin::pin!(hub.run());
        publish_range(&db, 1, 1).await;
        let mut client = TestClient::connect(&hub);
        tokio::select! {
            () = &mut run => unreachable!("the hub runs for ever"),
            () = async { client.join(&topic(), 0).await; client.expect_events(1, 1).await; } => {}
        }
        // Nothing polls the hub now. More notifications are sent than it buffers, and none of event 2.
        let mut tx = db.begin().await.unwrap();
        (0..5_000).for_each(|n| tx.notify("live", format!("elsewhere:{n} 1")));
        tx.commit().await.unwrap();
        publish_without_notification(&db, 2).await;
        tokio::select! {
            () = &mut run => unreachable!("the hub runs for ever"),
            () = client.expect_events(2, 2) => {}
        }
    }
}
