//! Sessions on a running hub.

use std::{sync::Arc, time::Duration};

use db::{Db, params, sql};
use futures::StreamExt;
use live::{ClientMsg, Farewell, Hub, Limits, Outgoing, Refusal, ServerMsg, Topic};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    log::publish,
    visitor::{Doors, Visitor},
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

/// A hub that lives as long as the test, and is woken by hints alone.
pub fn run_hub(db: &Db, heal_every: Duration) -> Hub {
    let hub = Hub::healing_every(db.clone(), heal_every);
    let running = hub.clone();
    tokio::spawn(async move { running.run().await });
    hub
}

/// Publishes an event of which no hint tells.
async fn publish_unheard(db: &Db, seq: u64) {
    let mut tx = db.begin().await.unwrap();
    tx.execute(sql!("update topics set seq = seq + 1 where name = $1"), params![topic().name()]).await.unwrap();
    let event = sql!("insert into events (topic, seq, payload, published_at) values ($1, $2, $3, $4)");
    tx.execute(event, params![topic().name(), seq, (seq * 10).to_string(), 0_i64]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Waits until a look at the log has failed.
async fn failed_read(registry: &prometheus_client::registry::Registry) {
    let failed = || {
        let mut told = String::new();
        prometheus_client::encoding::text::encode(&mut told, registry).unwrap();
        !told.contains("live_failed_reads_total 0")
    };
    let failure = async {
        while !failed() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), failure).await.expect("the log cannot be read");
}

db::on_both_databases! {
    async fn a_subscriber_that_joins_half_way_hears_the_rest_once_and_in_order(db: Db) {
        const LAST: u64 = 300;
        let hub = run_hub(&db, NEVER);
        publish_range(&db, 1, 50).await;
        let publisher = { let db = db.clone(); tokio::spawn(async move { publish_range(&db, 51, LAST).await }) };
        // Small pages, so that reading the log and hearing the hub overlap.
        let limits = Limits { page: 7, ..Limits::default() };
        let visitors: Vec<_> = [0, 20, 50].into_iter().map(|since| {
            let mut visitor = Visitor::enter_with(&hub, Arc::default(), limits.clone(), CancellationToken::new());
            tokio::spawn(async move {
                visitor.join(&topic(), since).await;
                visitor.hears(since + 1, LAST).await;
                visitor.hears_nothing().await;
            })
        }).collect();
        publisher.await.unwrap();
        for visitor in visitors {
            visitor.await.unwrap();
        }
    }

    async fn a_state_reaches_whoever_listens_and_whoever_was_away(db: Db) {
        let hub = run_hub(&db, NEVER);
        publish_range(&db, 1, 5).await;
        let (mut there, mut away) = (Visitor::enter(&hub), Visitor::enter(&hub));
        there.join(&topic(), 5).await;
        let mut tx = db.begin().await.unwrap();
        live::publish_state(&mut tx, &topic(), &60, 0).await.unwrap();
        tx.commit().await.unwrap();
        there.hears(6, 6).await;
        away.join(&topic(), 2).await;
        away.hears(6, 6).await;
        publish_range(&db, 7, 7).await;
        for visitor in [&mut there, &mut away] {
            visitor.hears(7, 7).await;
            visitor.hears_nothing().await;
        }
    }

    async fn joining_again_starts_at_the_new_place(db: Db) {
        let hub = run_hub(&db, NEVER);
        publish_range(&db, 1, 5).await;
        let mut visitor = Visitor::enter(&hub);
        assert_eq!(visitor.join(&topic(), 5).await, 5);
        visitor.hears_nothing().await;
        visitor.join(&topic(), 2).await;
        visitor.hears(3, 5).await;
        publish_range(&db, 6, 6).await;
        visitor.hears(6, 6).await;
    }

    async fn a_topic_that_was_left_is_heard_no_more(db: Db) {
        let hub = run_hub(&db, NEVER);
        let (mut leaver, mut stayer) = (Visitor::enter(&hub), Visitor::enter(&hub));
        leaver.join(&topic(), 0).await;
        stayer.join(&topic(), 0).await;
        leaver.say(&ClientMsg::Leave { topic: topic().name().to_owned() });
        leaver.hears_nothing().await;
        publish_range(&db, 1, 3).await;
        stayer.hears(1, 3).await;
        leaver.hears_nothing().await;
    }

    async fn a_slow_consumer_is_closed_and_catches_up(db: Db) {
        let hub = run_hub(&db, NEVER);
        let limits = Limits { mailbox: 4, ..Limits::default() };
        let mut slow = Visitor::enter_with(&hub, Arc::default(), limits, CancellationToken::new());
        slow.join(&topic(), 0).await;
        let mut quick = Visitor::enter(&hub);
        quick.join(&topic(), 0).await;
        // Nobody reads what is written to the slow one: its session ends by itself.
        publish_range(&db, 1, 40).await;
        tokio::time::timeout(Duration::from_secs(20), &mut slow.session).await.expect("it is closed").unwrap();
        quick.hears(1, 40).await;
        let mut last = 0;
        while let Some(Outgoing::Text(text)) = slow.hear_any().await {
            match ServerMsg::decode(&text).unwrap() {
                ServerMsg::Event { seq, .. } if seq == last + 1 => last = seq,
                ServerMsg::Bye { reason: Farewell::Slow, .. } => {}
                other => panic!("out of order: {other:?}"),
            }
        }
        assert!(last < 40, "it was not slow");
        let mut again = Visitor::enter(&hub);
        again.join(&topic(), last).await;
        again.hears(last + 1, 40).await;
    }

    async fn a_refused_join_hears_nothing(db: Db) {
        let hub = run_hub(&db, NEVER);
        publish_range(&db, 1, 3).await;
        let doors = Arc::new(Doors::default());
        doors.shut.lock().unwrap().insert(topic().name().to_owned());
        let mut stranger = Visitor::enter_with(&hub, doors, Limits::default(), CancellationToken::new());
        let mut guest = Visitor::enter(&hub);
        guest.join(&topic(), 3).await;
        assert_eq!(stranger.refused(&topic(), 0).await, Refusal::Forbidden);
        assert_eq!(stranger.refused(&Topic::new("no", "such topic"), 0).await, Refusal::Invalid);
        assert_eq!(guest.refused(&Topic::new("count", 2), 9).await, Refusal::Ahead);
        publish_range(&db, 4, 6).await;
        guest.hears(4, 6).await;
        stranger.hears_nothing().await;
    }

    async fn no_socket_holds_more_topics_than_it_may(db: Db) {
        let hub = run_hub(&db, NEVER);
        let limits = Limits { topics: 2, ..Limits::default() };
        let mut visitor = Visitor::enter_with(&hub, Arc::default(), limits, CancellationToken::new());
        visitor.join(&Topic::new("count", 1), 0).await;
        visitor.join(&Topic::new("count", 2), 0).await;
        visitor.join(&Topic::new("count", 2), 0).await;
        assert_eq!(visitor.refused(&Topic::new("count", 3), 0).await, Refusal::TooMany);
    }

    async fn a_revocation_closes_what_is_forbidden_now_and_nothing_else(db: Db) {
        let hub = run_hub(&db, NEVER);
        let (kept, other) = (Topic::new("count", 2), Arc::new(Doors { subject: "other".to_owned(), ..Doors::default() }));
        let doors = Arc::new(Doors { subject: "session-1".to_owned(), ..Doors::default() });
        let mut visitor = Visitor::enter_with(&hub, Arc::clone(&doors), Limits::default(), CancellationToken::new());
        let mut bystander = Visitor::enter_with(&hub, other, Limits::default(), CancellationToken::new());
        visitor.join(&topic(), 0).await;
        visitor.join(&kept, 0).await;
        bystander.join(&topic(), 0).await;
        doors.shut.lock().unwrap().insert(topic().name().to_owned());
        // With the transaction that takes the right away.
        let mut tx = db.begin().await.unwrap();
        live::revoke(&mut tx, "session-1", 0).await.unwrap();
        tx.commit().await.unwrap();
        let closed = ServerMsg::Closed { topic: topic().name().to_owned(), reason: Refusal::Forbidden };
        assert_eq!(visitor.hear().await, closed);
        publish_range(&db, 1, 2).await;
        bystander.hears(1, 2).await;
        assert_eq!(publish(&db, &kept, 10).await, 1);
        visitor.hears(1, 1).await;
        visitor.hears_nothing().await;
    }

    async fn a_revocation_without_its_hint_is_healed(db: Db) {
        let hub = run_hub(&db, Duration::from_millis(20));
        let doors = Arc::new(Doors { subject: "session-1".to_owned(), ..Doors::default() });
        let mut visitor = Visitor::enter_with(&hub, Arc::clone(&doors), Limits::default(), CancellationToken::new());
        visitor.join(&topic(), 0).await;
        visitor.hears_nothing().await;
        // The transaction of another node, which dies before it could say so.
        let mut tx = db.begin().await.unwrap();
        for sql in [
            sql!("insert into topics (name, seq) values ('live.revoked', 1)
                  on conflict (name) do update set seq = topics.seq + 1"),
            sql!("insert into events (topic, seq, payload, published_at)
                  select name, seq, '\"session-1\"', 0 from topics where name = 'live.revoked'"),
        ] {
            tx.execute(sql, params![]).await.unwrap();
        }
        doors.shut.lock().unwrap().insert(topic().name().to_owned());
        tx.commit().await.unwrap();
        let closed = ServerMsg::Closed { topic: topic().name().to_owned(), reason: Refusal::Forbidden };
        assert_eq!(visitor.hear().await, closed);
    }

    async fn a_visitor_who_became_somebody_else_is_asked_again(db: Db) {
        let hub = run_hub(&db, NEVER);
        let soon = tokio::time::Instant::now() + Duration::from_millis(50);
        let doors = Arc::new(Doors { until: Some(soon), ..Doors::default() });
        let mut visitor = Visitor::enter_with(&hub, Arc::clone(&doors), Limits::default(), CancellationToken::new());
        visitor.join(&topic(), 0).await;
        doors.shut.lock().unwrap().insert(topic().name().to_owned());
        let closed = ServerMsg::Closed { topic: topic().name().to_owned(), reason: Refusal::Forbidden };
        assert_eq!(visitor.hear().await, closed);
    }

    async fn topics_of_the_live_layer_itself_are_for_nobody(db: Db) {
        let hub = run_hub(&db, NEVER);
        let mut visitor = Visitor::enter(&hub);
        assert_eq!(visitor.refused(&Topic::only("live.revoked"), 0).await, Refusal::Invalid);
    }

    async fn a_visitor_who_cannot_speak_hears_what_the_request_named(db: Db) {
        let hub = run_hub(&db, NEVER);
        publish_range(&db, 1, 3).await;
        let (sink, from) = futures::channel::mpsc::channel(0);
        let incoming = live::follow(vec![(topic().name().to_owned(), 1)], Vec::new());
        let session = live::serve(incoming, sink, hub, Arc::<Doors>::default(), Limits::default(), CancellationToken::new());
        let session = tokio::spawn(session);
        publish_range(&db, 4, 5).await;
        let frames: Vec<_> = from.take(6).collect().await;
        let frames: Vec<_> = frames.iter().map(|frame| match frame {
            Outgoing::Text(text) => ServerMsg::decode(text).unwrap(),
            Outgoing::Close(..) => panic!("it goes on"),
        }).collect();
        assert!(matches!(frames[0], ServerMsg::Hello { .. }) && matches!(frames[1], ServerMsg::Joined { .. }));
        let seqs: Vec<_> = frames[2..].iter().map(|frame| match frame {
            ServerMsg::Event { seq, .. } => *seq,
            other => panic!("an event was due, not {other:?}"),
        }).collect();
        assert_eq!(seqs, [2, 3, 4, 5]);
        // Nobody listens any more: its next frame finds that out.
        publish_range(&db, 6, 6).await;
        session.await.unwrap();
    }

    async fn a_push_is_answered_on_a_joined_topic_only(db: Db) {
        let hub = run_hub(&db, NEVER);
        let mut visitor = Visitor::enter(&hub);
        let push = |id, payload| ClientMsg::Push { id, topic: topic().name().to_owned(), payload };
        visitor.say(&push(1, json!(5)));
        assert!(matches!(visitor.hear().await, ServerMsg::Failed { id: 1, .. }));
        visitor.join(&topic(), 0).await;
        visitor.say(&push(2, json!({"status": "processing"})));
        assert_eq!(visitor.hear().await, ServerMsg::Reply { id: 2, payload: json!({"status": "processing"}) });
        visitor.say(&push(3, json!(null)));
        let failed = ServerMsg::Failed { id: 3, reason: "nothing to say on count:1".to_owned() };
        assert_eq!(visitor.hear().await, failed);
    }

    async fn a_stopping_server_says_when_to_come_back(db: Db) {
        let (hub, stop) = (run_hub(&db, NEVER), CancellationToken::new());
        let mut visitor = Visitor::enter_with(&hub, Arc::default(), Limits::default(), stop.clone());
        visitor.join(&topic(), 0).await;
        stop.cancel();
        let ServerMsg::Bye { reason: Farewell::Restarting, rejoin_after_ms } = visitor.hear().await else {
            panic!("a farewell was due");
        };
        assert_eq!(rejoin_after_ms, 0, "one alone need not wait");
        assert_eq!(visitor.hear_any().await, Some(Outgoing::Close(1001, "restarting")));
        assert_eq!(visitor.hear_any().await, None);
    }

    async fn whoever_misbehaves_is_shown_out(db: Db) {
        let hub = run_hub(&db, NEVER);
        let limits = Limits { message_bytes: 100, messages_per_second: 1, topics: 2, ..Limits::default() };
        for misdeed in ["{}".to_owned(), "x".repeat(101), "flood".to_owned()] {
            let mut visitor =
                Visitor::enter_with(&hub, Arc::default(), limits.clone(), CancellationToken::new());
            match misdeed.as_str() {
                "flood" => (0..20).for_each(|_| visitor.say(&ClientMsg::Leave { topic: String::new() })),
                _ => visitor.say_text(misdeed),
            }
            assert!(matches!(visitor.hear().await, ServerMsg::Bye { reason: Farewell::Misbehaved, .. }));
            assert_eq!(visitor.hear_any().await, Some(Outgoing::Close(1008, "misbehaved")));
        }
    }

    async fn a_silent_socket_is_closed(db: Db) {
        let hub = run_hub(&db, NEVER);
        let limits = Limits { idle: Duration::from_millis(20), ..Limits::default() };
        let mut visitor = Visitor::enter_with(&hub, Arc::default(), limits, CancellationToken::new());
        assert!(matches!(visitor.hear().await, ServerMsg::Bye { reason: Farewell::Idle, .. }));
    }

    async fn a_client_that_hangs_up_ends_its_session(db: Db) {
        let hub = run_hub(&db, NEVER);
        let mut visitor = Visitor::enter(&hub);
        visitor.join(&topic(), 0).await;
        visitor.hang_up();
        assert_eq!(visitor.hear_any().await, None);
        visitor.session.await.unwrap();
    }

    async fn a_lost_hint_is_healed_by_the_poll(db: Db) {
        let hub = run_hub(&db, Duration::from_millis(20));
        publish_range(&db, 1, 1).await;
        let mut visitor = Visitor::enter(&hub);
        visitor.join(&topic(), 0).await;
        // The session has read the log; what follows has to come from the hub.
        visitor.hears(1, 1).await;
        publish_unheard(&db, 2).await;
        visitor.hears(2, 2).await;
    }

    async fn what_could_not_be_read_is_read_again_soon(db: Db) {
        // The poll comes too late for this test.
        let hub = run_hub(&db, NEVER);
        publish_range(&db, 1, 1).await;
        let mut visitor = Visitor::enter(&hub);
        visitor.join(&topic(), 0).await;
        visitor.hears(1, 1).await;
        // The hint of event 2 comes while the log cannot be read.
        let mut tx = db.begin().await.unwrap();
        live::publish(&mut tx, &topic(), &20, 0).await.unwrap();
        tx.execute(sql!("alter table events rename to events_elsewhere"), params![]).await.unwrap();
        let mut registry = prometheus_client::registry::Registry::default();
        hub.register_metrics(&mut registry);
        tx.commit().await.unwrap();
        failed_read(&registry).await;
        db.execute(sql!("alter table events_elsewhere rename to events"), params![]).await.unwrap();
        visitor.hears(2, 2).await;
    }

    async fn a_hub_that_missed_hints_reads_everything_again(db: Db) {
        let hub = Hub::healing_every(db.clone(), NEVER);
        let mut run = std::pin::pin!(hub.run());
        publish_range(&db, 1, 1).await;
        let mut visitor = Visitor::enter(&hub);
        tokio::select! {
            () = &mut run => unreachable!("it runs for ever"),
            () = async { visitor.join(&topic(), 0).await; visitor.hears(1, 1).await; } => {}
        }
        // Nobody polls the hub now: more is said than its backlog holds, and of event 2 nothing.
        let mut tx = db.begin().await.unwrap();
        (0..5_000).for_each(|n| tx.notify("live", format!("elsewhere:{n} 1")));
        tx.commit().await.unwrap();
        publish_unheard(&db, 2).await;
        tokio::select! {
            () = &mut run => unreachable!("it runs for ever"),
            () = visitor.hears(2, 2) => {}
        }
    }
}
