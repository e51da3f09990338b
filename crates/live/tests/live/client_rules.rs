//! The rules of the client, one by one.

use live::{Action, Client, ClientMsg, Connection, Input, Person, Refusal, ServerMsg, Transport};
use serde_json::{Value, json};

fn is_connect(action: &Action) -> bool {
    matches!(action, Action::Connect(_))
}

fn open(client: &mut Client) {
    assert!(client.join("a:1", 0, 0).iter().any(is_connect));
    let join = ClientMsg::Join { topic: "a:1".to_owned(), since: 0 };
    assert!(client.handle(Input::Opened, 0).contains(&Action::Send(join.encode())));
    let joined = ServerMsg::Joined { topic: "a:1".to_owned(), seq: 0 };
    client.handle(Input::Message(&joined.encode()), 0);
}

fn event(seq: u64) -> String {
    ServerMsg::Event { topic: "a:1".to_owned(), seq, snapshot: false, payload: Value::from(seq) }.encode()
}

#[test]
fn a_snapshot_is_delivered_over_a_gap_and_never_twice() {
    let mut client = Client::new(1);
    open(&mut client);
    let snapshot =
        ServerMsg::Event { topic: "a:1".to_owned(), seq: 9, snapshot: true, payload: Value::from(9) }.encode();
    let delivered = |actions: Vec<Action>| {
        let seq_of = |action| match action {
            Action::Deliver { seq, .. } => Some(seq),
            _ => None,
        };
        actions.into_iter().filter_map(seq_of).collect::<Vec<_>>()
    };
    assert_eq!(delivered(client.handle(Input::Message(&event(1)), 1)), [1]);
    assert_eq!(delivered(client.handle(Input::Message(&snapshot), 2)), [9]);
    assert_eq!(delivered(client.handle(Input::Message(&snapshot), 3)), [0; 0]);
    assert_eq!(delivered(client.handle(Input::Message(&event(2)), 4)), [0; 0]);
    assert_eq!(delivered(client.handle(Input::Message(&event(10)), 5)), [10]);
}

#[test]
fn a_gap_rejoins_after_the_last_event() {
    let mut client = Client::new(1);
    open(&mut client);
    client.handle(Input::Message(&event(1)), 1);
    let actions = client.handle(Input::Message(&event(3)), 2);
    let join = ClientMsg::Join { topic: "a:1".to_owned(), since: 1 };
    assert!(actions.contains(&Action::Send(join.encode())), "{actions:?}");
    assert!(!actions.iter().any(|action| matches!(action, Action::Deliver { .. })));
}

#[test]
fn a_silent_server_is_disconnected() {
    let mut client = Client::new(1);
    open(&mut client);
    assert!(client.handle(Input::Tick, 30_000).contains(&Action::Send(ClientMsg::Ping.encode())));
    let actions = client.handle(Input::Tick, 40_000);
    assert!(actions.contains(&Action::Disconnect), "{actions:?}");
    assert!(actions.contains(&Action::ConnectionChanged(Connection::Connecting)), "{actions:?}");
}

#[test]
fn a_client_that_gets_events_still_pings_every_30_s() {
    let mut client = Client::new(1);
    open(&mut client);
    let mut pings = Vec::new();
    for seq in 1..=200 {
        let now = i64::try_from(seq).unwrap() * 1_000;
        let actions = [client.handle(Input::Message(&event(seq)), now), client.handle(Input::Tick, now)].concat();
        assert!(!actions.contains(&Action::Disconnect), "an event counts as an answer");
        if actions.contains(&Action::Send(ClientMsg::Ping.encode())) {
            pings.push(now);
        }
    }
    assert_eq!(pings, [30_000, 60_000, 90_000, 120_000, 150_000, 180_000]);
}

#[test]
fn a_hidden_page_does_not_reconnect_and_a_visible_one_does_at_once() {
    let mut client = Client::new(1);
    open(&mut client);
    client.handle(Input::Hidden, 1_000);
    let closed = client.handle(Input::Closed, 2_000);
    assert!(!closed.iter().any(|action| is_connect(action) || matches!(action, Action::WakeAt(_))), "{closed:?}");
    assert!(!client.handle(Input::Tick, 900_000).iter().any(is_connect));
    assert!(client.handle(Input::Visible, 900_001).iter().any(is_connect));
}

#[test]
fn losing_the_network_reports_offline_and_getting_it_back_connects_at_once() {
    let mut client = Client::new(1);
    open(&mut client);
    let offline = client.handle(Input::Offline, 1_000);
    assert!(offline.contains(&Action::Disconnect) && offline.contains(&Action::ConnectionChanged(Connection::Offline)));
    assert!(client.handle(Input::Online, 1_001).iter().any(is_connect));
}

#[test]
fn three_failures_report_offline() {
    let mut client = Client::new(1);
    let mut now = 0;
    client.join("a:1", 0, now);
    for failure in 1..=3 {
        let reported = client.handle(Input::Closed, now).contains(&Action::ConnectionChanged(Connection::Offline));
        assert_eq!(reported, failure == 3);
        now += 5_000;
        assert!(client.handle(Input::Tick, now).iter().any(is_connect));
    }
}

#[test]
fn a_forbidden_topic_is_closed_and_not_joined_again() {
    let mut client = Client::new(1);
    open(&mut client);
    let closed = ServerMsg::Closed { topic: "a:1".to_owned(), reason: Refusal::Forbidden };
    let actions = client.handle(Input::Message(&closed.encode()), 1);
    assert!(actions.contains(&Action::Closed { topic: "a:1".to_owned(), reason: Refusal::Forbidden }));
    let again = [client.handle(Input::Closed, 2), client.handle(Input::Tick, 60_000)].concat();
    assert!(!again.iter().any(is_connect));
}

#[test]
fn joining_from_an_earlier_seq_delivers_from_there() {
    let mut client = Client::new(1);
    open(&mut client);
    for seq in 1..=3 {
        client.handle(Input::Message(&event(seq)), 1);
    }
    let join = ClientMsg::Join { topic: "a:1".to_owned(), since: 1 };
    assert!(client.join("a:1", 1, 2).contains(&Action::Send(join.encode())));
    assert!(!client.join("a:1", 1, 2).iter().any(|action| matches!(action, Action::Send(_))));
    let actions = client.handle(Input::Message(&event(2)), 3);
    assert!(actions.contains(&Action::Deliver {
        topic: "a:1".to_owned(),
        seq: 2,
        snapshot: false,
        payload: Value::from(2)
    }));
}

#[test]
fn a_push_is_answered_once_even_when_the_socket_breaks() {
    let mut client = Client::new(1);
    open(&mut client);
    let (first, _) = client.push("a:1", json!(1), 1);
    let reply = ServerMsg::Reply { id: first, payload: json!(2) }.encode();
    let replied = Action::Replied { id: first, result: Ok(json!(2)) };
    assert!(client.handle(Input::Message(&reply), 2).contains(&replied));
    assert!(!client.handle(Input::Message(&reply), 3).contains(&replied));
    let (second, _) = client.push("a:1", json!(1), 4);
    let broken = client.handle(Input::Closed, 5);
    assert!(broken.iter().any(|action| matches!(action, Action::Replied { id, result: Err(_) } if *id == second)));
}

fn transport(actions: &[Action]) -> Option<Transport> {
    actions.iter().find_map(|action| if let Action::Connect(transport) = action { Some(*transport) } else { None })
}

/// Fails `attempts` times, and returns the transport of each next attempt.
fn fail(client: &mut Client, attempts: usize, now: &mut i64) -> Vec<Transport> {
    let attempt = |_| {
        let mut actions = client.handle(Input::Closed, *now);
        *now += 5_000;
        actions.extend(client.handle(Input::Tick, *now));
        transport(&actions).unwrap()
    };
    (0..attempts).map(attempt).collect()
}

#[test]
fn where_websockets_fail_it_tries_an_event_stream_and_then_polling() {
    use Transport::{EventStream, Poll, WebSocket};
    let (mut client, mut now) = (Client::new(1), 0);
    assert_eq!(transport(&client.join("a:1", 0, 0)), Some(WebSocket));
    // Some proxies open the socket and close it before the first frame.
    client.handle(Input::Opened, 0);
    let tried = fail(&mut client, 6, &mut now);
    assert_eq!(tried, [WebSocket, EventStream, EventStream, Poll, Poll, WebSocket]);
    fail(&mut client, 1, &mut now);
    client.handle(Input::Closed, now);
    now += 5_000;
    assert_eq!(transport(&client.handle(Input::Tick, now)), Some(EventStream));
}

#[test]
fn a_transport_that_worked_is_kept_while_the_server_is_down() {
    let (mut client, mut now) = (Client::new(1), 0);
    open(&mut client);
    assert!(fail(&mut client, 20, &mut now).iter().all(|transport| *transport == Transport::WebSocket));
}

#[test]
fn another_network_starts_with_the_first_transport() {
    let (mut client, mut now) = (Client::new(1), 0);
    client.join("a:1", 0, 0);
    assert_eq!(fail(&mut client, 2, &mut now)[1], Transport::EventStream);
    client.handle(Input::Opened, now);
    client.handle(Input::Message(&ServerMsg::Pong.encode()), now);
    client.handle(Input::Offline, now);
    assert_eq!(transport(&client.handle(Input::Online, now)), Some(Transport::WebSocket));
}

#[test]
fn a_server_of_another_epoch_closes_the_topics_and_accepts_new_joins() {
    let mut client = Client::new(1).with_epoch(Some("one".to_owned()));
    open(&mut client);
    let hello = |epoch: &str| ServerMsg::Hello { epoch: epoch.to_owned(), build: "b".to_owned() }.encode();
    let same = client.handle(Input::Message(&hello("one")), 1);
    let closes = |actions: &[Action]| actions.iter().any(|action| matches!(action, Action::Closed { .. }));
    assert!(same.contains(&Action::Build("b".to_owned())) && !closes(&same), "{same:?}");
    let other = client.handle(Input::Message(&hello("two")), 2);
    assert!(other.contains(&Action::Closed { topic: "a:1".to_owned(), reason: Refusal::Epoch }), "{other:?}");
    assert!(!client.handle(Input::Message(&event(1)), 3).iter().any(|action| matches!(action, Action::Deliver { .. })));
    let join = ClientMsg::Join { topic: "a:1".to_owned(), since: 1 };
    assert!(client.join("a:1", 1, 4).contains(&Action::Send(join.encode())));
    assert!(!closes(&client.handle(Input::Message(&hello("two")), 5)));
}

#[test]
fn a_tracked_user_is_tracked_again_after_a_reconnect() {
    let mut client = Client::new(1);
    open(&mut client);
    let track = |doing: &str| ClientMsg::Track { topic: "a:1".to_owned(), doing: Some(doing.to_owned()) }.encode();
    assert!(client.track("a:1", Some("looking"), 1).contains(&Action::Send(track("looking"))));
    client.handle(Input::Closed, 2);
    assert!(!client.track("a:1", Some("writing"), 3).iter().any(|action| matches!(action, Action::Send(_))));
    assert!(client.handle(Input::Tick, 60_000).iter().any(is_connect));
    let again = client.handle(Input::Opened, 60_000);
    assert!(again.contains(&Action::Send(track("writing"))), "{again:?}");
    let people = vec![Person { name: "Ada".to_owned(), key: "1".to_owned(), doing: "writing".to_owned() }];
    let presence = ServerMsg::Presence { topic: "a:1".to_owned(), people: people.clone() }.encode();
    let actions = client.handle(Input::Message(&presence), 60_001);
    assert!(actions.contains(&Action::Presence { topic: "a:1".to_owned(), people }), "{actions:?}");
}
