//! What the client does in one situation after another.

use live::{Action, Client, ClientMsg, Connection, Input, Person, Refusal, ServerMsg, Transport};
use serde_json::{Value, json};

fn connects(action: &Action) -> bool {
    matches!(action, Action::Connect(_))
}

fn opened(client: &mut Client) {
    assert!(client.join("a:1", 0, 0).iter().any(connects));
    let join = ClientMsg::Join { topic: "a:1".to_owned(), since: 0 };
    assert!(client.handle(Input::Opened, 0).contains(&Action::Send(join.encode())));
    let joined = ServerMsg::Joined { topic: "a:1".to_owned(), seq: 0 };
    client.handle(Input::Message(&joined.encode()), 0);
}

fn event(seq: u64) -> String {
    ServerMsg::Event { topic: "a:1".to_owned(), seq, whole: false, payload: Value::from(seq) }.encode()
}

#[test]
fn a_whole_state_is_delivered_over_a_gap_and_never_twice() {
    let mut client = Client::new(1);
    opened(&mut client);
    let whole = ServerMsg::Event { topic: "a:1".to_owned(), seq: 9, whole: true, payload: Value::from(9) }.encode();
    let delivered = |actions: Vec<Action>| {
        let of = |action| match action {
            Action::Deliver { seq, .. } => Some(seq),
            _ => None,
        };
        actions.into_iter().filter_map(of).collect::<Vec<_>>()
    };
    assert_eq!(delivered(client.handle(Input::Message(&event(1)), 1)), [1]);
    assert_eq!(delivered(client.handle(Input::Message(&whole), 2)), [9]);
    assert_eq!(delivered(client.handle(Input::Message(&whole), 3)), [0; 0]);
    assert_eq!(delivered(client.handle(Input::Message(&event(2)), 4)), [0; 0]);
    assert_eq!(delivered(client.handle(Input::Message(&event(10)), 5)), [10]);
}

#[test]
fn a_gap_joins_again_from_the_last_event() {
    let mut client = Client::new(1);
    opened(&mut client);
    client.handle(Input::Message(&event(1)), 1);
    let actions = client.handle(Input::Message(&event(3)), 2);
    let join = ClientMsg::Join { topic: "a:1".to_owned(), since: 1 };
    assert!(actions.contains(&Action::Send(join.encode())), "{actions:?}");
    assert!(!actions.iter().any(|action| matches!(action, Action::Deliver { .. })));
}

#[test]
fn a_dead_server_is_noticed_by_its_silence() {
    let mut client = Client::new(1);
    opened(&mut client);
    assert!(client.handle(Input::Tick, 30_000).contains(&Action::Send(ClientMsg::Ping.encode())));
    let actions = client.handle(Input::Tick, 40_000);
    assert!(actions.contains(&Action::Disconnect), "{actions:?}");
    assert!(actions.contains(&Action::Connection(Connection::Connecting)), "{actions:?}");
}

#[test]
fn a_client_that_hears_all_the_time_is_heard_every_30_s() {
    let mut client = Client::new(1);
    opened(&mut client);
    let mut pinged = Vec::new();
    for seq in 1..=200 {
        let now = i64::try_from(seq).unwrap() * 1_000;
        let actions = [client.handle(Input::Message(&event(seq)), now), client.handle(Input::Tick, now)].concat();
        assert!(!actions.contains(&Action::Disconnect), "an event is an answer, too");
        if actions.contains(&Action::Send(ClientMsg::Ping.encode())) {
            pinged.push(now);
        }
    }
    assert_eq!(pinged, [30_000, 60_000, 90_000, 120_000, 150_000, 180_000]);
}

#[test]
fn a_hidden_page_does_not_reconnect_and_a_seen_one_does_at_once() {
    let mut client = Client::new(1);
    opened(&mut client);
    client.handle(Input::Hidden, 1_000);
    let closed = client.handle(Input::Closed, 2_000);
    assert!(!closed.iter().any(|action| connects(action) || matches!(action, Action::WakeAt(_))), "{closed:?}");
    assert!(!client.handle(Input::Tick, 900_000).iter().any(connects));
    assert!(client.handle(Input::Visible, 900_001).iter().any(connects));
}

#[test]
fn without_a_network_the_user_is_told_and_with_one_it_connects_at_once() {
    let mut client = Client::new(1);
    opened(&mut client);
    let offline = client.handle(Input::Offline, 1_000);
    assert!(offline.contains(&Action::Disconnect) && offline.contains(&Action::Connection(Connection::Offline)));
    assert!(client.handle(Input::Online, 1_001).iter().any(connects));
}

#[test]
fn after_three_failures_the_user_is_told() {
    let mut client = Client::new(1);
    let mut now = 0;
    client.join("a:1", 0, now);
    for failure in 1..=3 {
        let told = client.handle(Input::Closed, now).contains(&Action::Connection(Connection::Offline));
        assert_eq!(told, failure == 3);
        now += 5_000;
        assert!(client.handle(Input::Tick, now).iter().any(connects));
    }
}

#[test]
fn a_forbidden_topic_is_closed_and_asked_for_no_more() {
    let mut client = Client::new(1);
    opened(&mut client);
    let closed = ServerMsg::Closed { topic: "a:1".to_owned(), reason: Refusal::Forbidden };
    let actions = client.handle(Input::Message(&closed.encode()), 1);
    assert!(actions.contains(&Action::Closed { topic: "a:1".to_owned(), reason: Refusal::Forbidden }));
    let again = [client.handle(Input::Closed, 2), client.handle(Input::Tick, 60_000)].concat();
    assert!(!again.iter().any(connects));
}

#[test]
fn joining_from_an_earlier_place_delivers_from_there() {
    let mut client = Client::new(1);
    opened(&mut client);
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
        whole: false,
        payload: Value::from(2)
    }));
}

#[test]
fn a_push_is_answered_once_also_when_the_socket_breaks() {
    let mut client = Client::new(1);
    opened(&mut client);
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

/// Fails `attempts` times; by which transport each was made.
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
fn where_no_websocket_gets_through_a_stream_and_then_polls_are_tried() {
    use Transport::{EventStream, Poll, WebSocket};
    let (mut client, mut now) = (Client::new(1), 0);
    assert_eq!(transport(&client.join("a:1", 0, 0)), Some(WebSocket));
    // Opened, and cut before anything came: as proxies do.
    client.handle(Input::Opened, 0);
    let tried = fail(&mut client, 6, &mut now);
    assert_eq!(tried, [WebSocket, EventStream, EventStream, Poll, Poll, WebSocket]);
    fail(&mut client, 1, &mut now);
    client.handle(Input::Closed, now);
    now += 5_000;
    assert_eq!(transport(&client.handle(Input::Tick, now)), Some(EventStream));
}

#[test]
fn a_transport_that_has_worked_is_kept_while_the_server_is_gone() {
    let (mut client, mut now) = (Client::new(1), 0);
    opened(&mut client);
    assert!(fail(&mut client, 20, &mut now).iter().all(|transport| *transport == Transport::WebSocket));
}

#[test]
fn another_network_is_tried_from_the_start() {
    let (mut client, mut now) = (Client::new(1), 0);
    client.join("a:1", 0, 0);
    assert_eq!(fail(&mut client, 2, &mut now)[1], Transport::EventStream);
    client.handle(Input::Opened, now);
    client.handle(Input::Message(&ServerMsg::Pong.encode()), now);
    client.handle(Input::Offline, now);
    assert_eq!(transport(&client.handle(Input::Online, now)), Some(Transport::WebSocket));
}

#[test]
fn a_server_of_another_epoch_closes_what_was_joined_and_takes_what_is_joined_then() {
    let mut client = Client::new(1).of_epoch(Some("one".to_owned()));
    opened(&mut client);
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
fn whoever_is_shown_is_shown_again_after_a_reconnect() {
    let mut client = Client::new(1);
    opened(&mut client);
    let track = |doing: &str| ClientMsg::Track { topic: "a:1".to_owned(), doing: Some(doing.to_owned()) }.encode();
    assert!(client.track("a:1", Some("looking"), 1).contains(&Action::Send(track("looking"))));
    client.handle(Input::Closed, 2);
    assert!(!client.track("a:1", Some("writing"), 3).iter().any(|action| matches!(action, Action::Send(_))));
    assert!(client.handle(Input::Tick, 60_000).iter().any(connects));
    let again = client.handle(Input::Opened, 60_000);
    assert!(again.contains(&Action::Send(track("writing"))), "{again:?}");
    let people = vec![Person { name: "Ada".to_owned(), key: "1".to_owned(), doing: "writing".to_owned() }];
    let told = ServerMsg::Presence { topic: "a:1".to_owned(), people: people.clone() }.encode();
    let heard = client.handle(Input::Message(&told), 60_001);
    assert!(heard.contains(&Action::Presence { topic: "a:1".to_owned(), people }), "{heard:?}");
}
