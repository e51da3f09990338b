//! The client against a model of the server, the network and the user's day.

use std::collections::{BTreeMap, VecDeque};

use live::{Action, Client, ClientMsg, Connection, Farewell, Input, Refusal, ServerMsg};
use proptest::prelude::*;
use serde_json::json;

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
