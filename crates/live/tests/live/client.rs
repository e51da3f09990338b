//! The client against a model of the server, the network and the user's day.

use std::collections::{BTreeMap, VecDeque};

use live::{Action, Client, ClientMsg, Connection, Farewell, Input, Person, Refusal, ServerMsg, Transport};
use proptest::prelude::*;
use serde_json::{Value, json};

const TOPICS: [&str; 3] = ["a:1", "b:2", "c:3"];

/// What fate can do.
#[derive(Clone, Debug)]
enum Fate {
    Publish(usize),
    /// The events of a topic so far give way to their state.
    Fold(usize),
    /// The next frame arrives; or is lost, arrives twice, or after the one behind it.
    Arrive,
    Lose,
    Double,
    Swap,
    /// The network cuts the socket; the client is told, or not.
    Cut {
        told: bool,
    },
    Restart {
        down_for: u8,
    },
    Bye,
    Unavailable(usize),
    Pass(i64),
    /// The machine's clock is set.
    Jump(i64),
    Feed(Input<'static>),
}

fn fate() -> impl Strategy<Value = Fate> {
    let inputs = prop::sample::select(vec![
        Input::Online,
        Input::Offline,
        Input::Visible,
        Input::Hidden,
        Input::Frozen,
        Input::Thawed,
        Input::Tick,
    ]);
    prop_oneof![
        6 => (0..TOPICS.len()).prop_map(Fate::Publish),
        1 => (0..TOPICS.len()).prop_map(Fate::Fold),
        8 => Just(Fate::Arrive),
        1 => Just(Fate::Lose),
        1 => Just(Fate::Double),
        1 => Just(Fate::Swap),
        1 => any::<bool>().prop_map(|told| Fate::Cut { told }),
        1 => (0..6_u8).prop_map(|down_for| Fate::Restart { down_for }),
        1 => Just(Fate::Bye),
        1 => (0..TOPICS.len()).prop_map(Fate::Unavailable),
        4 => (0..60_000_i64).prop_map(Fate::Pass),
        1 => (-10_000_000..10_000_000_i64).prop_map(Fate::Jump),
        3 => inputs.prop_map(Fate::Feed),
    ]
}

#[derive(Debug, PartialEq, Eq)]
enum Socket {
    None,
    Opening,
    Open,
    /// The client believes in it, and nobody is there.
    Dead,
}

struct World {
    client: Client,
    now: i64,
    wake: Option<i64>,
    socket: Socket,
    /// Attempts that fail before the server is up again.
    down_for: u8,
    on_the_way: VecDeque<String>,
    heads: BTreeMap<&'static str, u64>,
    folded: BTreeMap<&'static str, u64>,
    joined: BTreeMap<String, ()>,
    delivered: BTreeMap<String, u64>,
    reachable: [bool; 3],
}

impl World {
    fn new(seed: u64, since: [u64; 3]) -> Self {
        let heads = TOPICS.into_iter().zip(since.map(|since| since + 2)).collect();
        let delivered = TOPICS.into_iter().map(str::to_owned).zip(since).collect();
        let mut world = Self {
            client: Client::new(seed),
            now: 1_000_000,
            wake: None,
            socket: Socket::None,
            down_for: 0,
            on_the_way: VecDeque::new(),
            heads,
            folded: BTreeMap::new(),
            joined: BTreeMap::new(),
            delivered,
            reachable: [true; 3],
        };
        for (topic, since) in TOPICS.into_iter().zip(since) {
            let actions = world.client.join(topic, since, world.now);
            world.act(actions);
        }
        world
    }

    fn feed(&mut self, input: Input<'_>) {
        match input {
            Input::Online => self.reachable[0] = true,
            Input::Offline => self.reachable[0] = false,
            Input::Visible => self.reachable[1] = true,
            Input::Hidden => self.reachable[1] = false,
            Input::Thawed => self.reachable[2] = true,
            Input::Frozen => self.reachable[2] = false,
            _ => {}
        }
        let actions = self.client.handle(input, self.now);
        self.act(actions);
    }

    fn act(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Connect(_) => {
                    assert_eq!(self.socket, Socket::None, "a second socket");
                    assert_eq!(self.reachable, [true; 3], "connects while nobody looks");
                    self.socket = Socket::Opening;
                }
                Action::Disconnect => {
                    assert_ne!(self.socket, Socket::None, "no socket to close");
                    self.drop_socket();
                }
                Action::Send(frame) => self.hear(&ClientMsg::decode(&frame).unwrap()),
                Action::Deliver { topic, seq, whole, payload } => {
                    let last = self.delivered.get_mut(&topic).unwrap();
                    assert!(seq == *last + 1 || whole && seq > *last, "{topic}: a gap or a duplicate");
                    assert_eq!(payload, json!(seq * 10));
                    *last = seq;
                }
                Action::WakeAt(at) => self.wake = Some(at),
                Action::Connection(_) | Action::Build(_) => {}
                Action::Closed { .. } | Action::Replied { .. } | Action::Presence { .. } => {
                    panic!("nobody asked for {action:?}")
                }
            }
        }
    }

    /// The model server.
    fn hear(&mut self, message: &ClientMsg) {
        assert!(matches!(self.socket, Socket::Open | Socket::Dead), "sends without a socket");
        if self.socket == Socket::Dead {
            return;
        }
        match message {
            ClientMsg::Join { topic, since } => {
                let head = self.heads[topic.as_str()];
                assert!(*since <= head);
                self.joined.insert(topic.clone(), ());
                self.say(&ServerMsg::Joined { topic: topic.clone(), seq: head });
                let folded = self.folded.get(topic.as_str()).copied().filter(|folded| since < folded);
                if let Some(seq) = folded {
                    self.say(&ServerMsg::Event { topic: topic.clone(), seq, whole: true, payload: json!(seq * 10) });
                }
                (folded.unwrap_or(*since) + 1..=head).for_each(|seq| self.say_event(topic, seq));
            }
            ClientMsg::Ping => self.say(&ServerMsg::Pong),
            other => panic!("nobody asked for {other:?}"),
        }
    }

    fn say(&mut self, message: &ServerMsg) {
        self.on_the_way.push_back(message.encode());
    }

    fn say_event(&mut self, topic: &str, seq: u64) {
        self.say(&ServerMsg::Event { topic: topic.to_owned(), seq, whole: false, payload: json!(seq * 10) });
    }

    fn drop_socket(&mut self) {
        self.socket = Socket::None;
        self.on_the_way.clear();
        self.joined.clear();
    }

    fn cut(&mut self, told: bool) {
        if self.socket == Socket::None {
            return;
        }
        self.drop_socket();
        if told {
            self.feed(Input::Closed);
        } else {
            self.socket = Socket::Dead;
        }
    }

    /// The handshake ends.
    fn handshake(&mut self) {
        if self.socket == Socket::Opening {
            if self.down_for > 0 {
                self.down_for -= 1;
                self.cut(true);
            } else {
                self.socket = Socket::Open;
                self.feed(Input::Opened);
            }
        }
    }

    fn arrive(&mut self) {
        if let Some(frame) = self.on_the_way.pop_front() {
            self.feed(Input::Message(&frame));
        }
    }

    fn publish(&mut self, topic: &'static str) {
        let head = self.heads.get_mut(topic).unwrap();
        *head += 1;
        let seq = *head;
        if self.socket == Socket::Open && self.joined.contains_key(topic) {
            self.say_event(topic, seq);
        }
    }

    fn suffer(&mut self, fate: &Fate) {
        match fate {
            Fate::Publish(topic) => self.publish(TOPICS[*topic]),
            Fate::Fold(topic) => drop(self.folded.insert(TOPICS[*topic], self.heads[TOPICS[*topic]])),
            Fate::Arrive => {
                self.handshake();
                self.arrive();
            }
            Fate::Lose => drop(self.on_the_way.pop_front()),
            Fate::Double => {
                if let Some(frame) = self.on_the_way.front().cloned() {
                    self.on_the_way.push_front(frame);
                }
            }
            Fate::Swap if self.on_the_way.len() > 1 => self.on_the_way.swap(0, 1),
            Fate::Swap => {}
            Fate::Cut { told } => self.cut(*told),
            Fate::Restart { down_for } => {
                self.down_for = *down_for;
                self.cut(true);
            }
            Fate::Bye if self.socket == Socket::Open => {
                self.say(&ServerMsg::Bye { reason: Farewell::Restarting, rejoin_after_ms: 500 });
            }
            Fate::Bye => {}
            Fate::Unavailable(topic) if self.socket == Socket::Open => {
                self.joined.remove(TOPICS[*topic]);
                self.say(&ServerMsg::Closed { topic: TOPICS[*topic].to_owned(), reason: Refusal::Unavailable });
            }
            Fate::Unavailable(_) => {}
            Fate::Pass(ms) => {
                self.now += ms;
                self.ring();
            }
            Fate::Jump(ms) => self.now += ms,
            Fate::Feed(input) => self.feed(*input),
        }
    }

    /// The timer, if it is time.
    fn ring(&mut self) {
        if self.wake.is_some_and(|at| at <= self.now) {
            self.wake = None;
            self.feed(Input::Tick);
        }
    }

    /// Fate is kind from now on: everything arrives, and time passes.
    fn come_to_rest(&mut self) {
        self.down_for = 0;
        for input in [Input::Online, Input::Visible, Input::Thawed] {
            self.feed(input);
        }
        // A frame that was lost before the last one of a topic shows with the next event.
        for topic in TOPICS {
            self.publish(topic);
        }
        for _ in 0..400 {
            self.handshake();
            while !self.on_the_way.is_empty() {
                self.arrive();
            }
            // A timer set before the clock was put back rings after its own span, not at its time.
            let pause = self.wake.map_or(1_000, |at| (at - self.now).clamp(0, 30_000));
            self.now += pause;
            self.feed(Input::Tick);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_each_topic_is_delivered_once_and_in_order(
        seed: u64,
        since in prop::array::uniform3(0..5_u64),
        fates in prop::collection::vec(fate(), 0..150),
    ) {
        let mut world = World::new(seed, since);
        for fate in &fates {
            world.suffer(fate);
        }
        world.come_to_rest();
        let heads: BTreeMap<_, _> = world.heads.iter().map(|(topic, seq)| ((*topic).to_owned(), *seq)).collect();
        prop_assert_eq!(world.delivered, heads);
        prop_assert_eq!(world.client.connection(), Connection::Online);
    }
}

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
