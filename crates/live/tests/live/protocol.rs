//! Encoding and decoding of frames.

use live::{ClientMsg, CloseReason, Refusal, ServerMsg};
use proptest::prelude::*;
use serde_json::{Value, json};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn client_msg() -> impl Strategy<Value = ClientMsg> {
    prop_oneof![
        (".*", any::<u64>()).prop_map(|(topic, since)| ClientMsg::Join { topic, since }),
        ".*".prop_map(|topic| ClientMsg::Leave { topic }),
        (any::<u64>(), ".*", value()).prop_map(|(id, topic, payload)| ClientMsg::Push { id, topic, payload }),
        Just(ClientMsg::Ping),
    ]
}

fn server_msg() -> impl Strategy<Value = ServerMsg> {
    let refusal = prop::sample::select(vec![
        Refusal::Forbidden,
        Refusal::Ahead,
        Refusal::TooMany,
        Refusal::Invalid,
        Refusal::Unavailable,
    ]);
    let close_reason = prop::sample::select(vec![
        CloseReason::Restarting,
        CloseReason::Slow,
        CloseReason::Idle,
        CloseReason::PolicyViolation,
    ]);
    prop_oneof![
        (".*", any::<u64>()).prop_map(|(topic, seq)| ServerMsg::Joined { topic, seq }),
        (".*", any::<u64>(), any::<bool>(), value()).prop_map(|(topic, seq, snapshot, payload)| ServerMsg::Event {
            topic,
            seq,
            snapshot,
            payload
        }),
        (".*", refusal.clone()).prop_map(|(topic, reason)| ServerMsg::Refused { topic, reason }),
        (".*", refusal).prop_map(|(topic, reason)| ServerMsg::Closed { topic, reason }),
        (any::<u64>(), value()).prop_map(|(id, payload)| ServerMsg::Reply { id, payload }),
        (any::<u64>(), ".*").prop_map(|(id, reason)| ServerMsg::Failed { id, reason }),
        Just(ServerMsg::Pong),
        (close_reason, any::<u64>())
            .prop_map(|(reason, reconnect_after_ms)| ServerMsg::Disconnect { reason, reconnect_after_ms }),
    ]
}

proptest! {
    #[test]
    fn every_client_message_round_trips(message in client_msg()) {
        prop_assert_eq!(ClientMsg::decode(&message.encode()).unwrap(), message);
    }

    #[test]
    fn every_server_message_round_trips(message in server_msg()) {
        prop_assert_eq!(ServerMsg::decode(&message.encode()).unwrap(), message);
    }

    #[test]
    fn decoding_never_panics(text in ".*") {
        let _ = ClientMsg::decode(&text);
        let _ = ServerMsg::decode(&text);
    }
}

#[test]
fn frames_match_the_documented_protocol() {
    let join = ClientMsg::Join { topic: "application:1".to_owned(), since: 4 };
    assert_eq!(join.encode(), r#"{"type":"join","topic":"application:1","since":4}"#);
    let event =
        ServerMsg::Event { topic: "application:1".to_owned(), seq: 5, snapshot: false, payload: json!({"a": 1}) };
    assert_eq!(event.encode(), r#"{"type":"event","topic":"application:1","seq":5,"payload":{"a":1}}"#);
    let disconnect = ServerMsg::Disconnect { reason: CloseReason::Restarting, reconnect_after_ms: 700 };
    assert_eq!(disconnect.encode(), r#"{"type":"bye","reason":"restarting","rejoin_after_ms":700}"#);
}
