//! The client against a model of the server, the network and the page.

use std::collections::{BTreeMap, VecDeque};

use live::{Action, Client, ClientMsg, CloseReason, Connection, Input, Refusal, ServerMsg};
use proptest::prelude::*;
use serde_json::json;

const TOPICS: [&str; 3] = ["a:1", "b:2", "c:3"];

/// One step of a run.
#[derive(Clone, Debug)]
enum Step {
    Publish(usize),
    /// The events of a topic so far are replaced by a snapshot.
    Fold(usize),
    /// Delivers the next frame; loses it, duplicates it, or swaps it with the one after it.
    Deliver,
    Lose,
    Duplicate,
    Swap,
    /// The network cuts the socket, and the client notices it or not.
    Cut {
        notified: bool,
    },
    Restart {
        down_for: u8,
    },
    Disconnect,
    Unavailable(usize),
    Wait(i64),
    /// Moves the machine's clock without time passing.
    SetClock(i64),
    Input(Input<'static>),
}

fn step() -> impl Strategy<Value = Step> {
    let inputs = prop::sample::select(vec![
        Input::Online,
        Input::Offline,
        Input::Visible,
        Input::Hidden,
        Input::Frozen,
        Input::Resumed,
        Input::Tick,
    ]);
    prop_oneof![
        6 => (0..TOPICS.len()).prop_map(Step::Publish),
        1 => (0..TOPICS.len()).prop_map(Step::Fold),
        8 => Just(Step::Deliver),
        1 => Just(Step::Lose),
        1 => Just(Step::Duplicate),
        1 => Just(Step::Swap),
        1 => any::<bool>().prop_map(|notified| Step::Cut { notified }),
        1 => (0..6_u8).prop_map(|down_for| Step::Restart { down_for }),
        1 => Just(Step::Disconnect),
        1 => (0..TOPICS.len()).prop_map(Step::Unavailable),
        4 => (0..60_000_i64).prop_map(Step::Wait),
        1 => (-10_000_000..10_000_000_i64).prop_map(Step::SetClock),
        3 => inputs.prop_map(Step::Input),
    ]
}

#[derive(Debug, PartialEq, Eq)]
enum Socket {
    None,
    Opening,
    Open,
    /// The client takes it for open, but the server does not have it.
    Dead,
}

struct Model {
    client: Client,
    now: i64,
    wake: Option<i64>,
    socket: Socket,
    /// How many attempts fail before the server is up again.
    down_for: u8,
    in_flight: VecDeque<String>,
    heads: BTreeMap<&'static str, u64>,
    folded: BTreeMap<&'static str, u64>,
    joined: BTreeMap<String, ()>,
    delivered: BTreeMap<String, u64>,
    may_connect: [bool; 3],
}

impl Model {
    fn new(seed: u64, since: [u64; 3]) -> Self {
        let heads = TOPICS.into_iter().zip(since.map(|since| since + 2)).collect();
        let delivered = TOPICS.into_iter().map(str::to_owned).zip(since).collect();
        let mut model = Self {
            client: Client::new(seed),
            now: 1_000_000,
            wake: None,
            socket: Socket::None,
            down_for: 0,
            in_flight: VecDeque::new(),
            heads,
            folded: BTreeMap::new(),
            joined: BTreeMap::new(),
            delivered,
            may_connect: [true; 3],
        };
        for (topic, since) in TOPICS.into_iter().zip(since) {
            let actions = model.client.join(topic, since, model.now);
            model.act(actions);
        }
        model
    }

    fn input(&mut self, input: Input<'_>) {
        match input {
            Input::Online => self.may_connect[0] = true,
            Input::Offline => self.may_connect[0] = false,
            Input::Visible => self.may_connect[1] = true,
            Input::Hidden => self.may_connect[1] = false,
            Input::Resumed => self.may_connect[2] = true,
            Input::Frozen => self.may_connect[2] = false,
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
                    assert_eq!(self.may_connect, [true; 3], "connects while it must not");
                    self.socket = Socket::Opening;
                }
                Action::Disconnect => {
                    assert_ne!(self.socket, Socket::None, "no socket to close");
                    self.drop_socket();
                }
                Action::Send(frame) => self.on_client_message(&ClientMsg::decode(&frame).unwrap()),
                Action::Deliver { topic, seq, snapshot, payload } => {
                    let last = self.delivered.get_mut(&topic).unwrap();
                    assert!(seq == *last + 1 || snapshot && seq > *last, "{topic}: a gap or a duplicate");
                    assert_eq!(payload, json!(seq * 10));
                    *last = seq;
                }
                Action::WakeAt(at) => self.wake = Some(at),
                Action::ConnectionChanged(_) | Action::Build(_) => {}
                Action::Closed { .. } | Action::Replied { .. } | Action::Presence { .. } => {
                    panic!("unexpected {action:?}")
                }
            }
        }
    }

    /// How the server handles a message.
    fn on_client_message(&mut self, message: &ClientMsg) {
        assert!(matches!(self.socket, Socket::Open | Socket::Dead), "sends without a socket");
        if self.socket == Socket::Dead {
            return;
        }
        match message {
            ClientMsg::Join { topic, since } => {
                let head = self.heads[topic.as_str()];
                assert!(*since <= head);
                self.joined.insert(topic.clone(), ());
                self.send(&ServerMsg::Joined { topic: topic.clone(), seq: head });
                let folded = self.folded.get(topic.as_str()).copied().filter(|folded| since < folded);
                if let Some(seq) = folded {
                    self.send(&ServerMsg::Event {
                        topic: topic.clone(),
                        seq,
                        snapshot: true,
                        payload: json!(seq * 10),
                    });
                }
                (folded.unwrap_or(*since) + 1..=head).for_each(|seq| self.send_event(topic, seq));
            }
            ClientMsg::Ping => self.send(&ServerMsg::Pong),
            other => panic!("unexpected {other:?}"),
        }
    }

    fn send(&mut self, message: &ServerMsg) {
        self.in_flight.push_back(message.encode());
    }

    fn send_event(&mut self, topic: &str, seq: u64) {
        self.send(&ServerMsg::Event { topic: topic.to_owned(), seq, snapshot: false, payload: json!(seq * 10) });
    }

    fn drop_socket(&mut self) {
        self.socket = Socket::None;
        self.in_flight.clear();
        self.joined.clear();
    }

    fn cut(&mut self, notified: bool) {
        if self.socket == Socket::None {
            return;
        }
        self.drop_socket();
        if notified {
            self.input(Input::Closed);
        } else {
            self.socket = Socket::Dead;
        }
    }

    /// Completes the handshake.
    fn handshake(&mut self) {
        if self.socket == Socket::Opening {
            if self.down_for > 0 {
                self.down_for -= 1;
                self.cut(true);
            } else {
                self.socket = Socket::Open;
                self.input(Input::Opened);
            }
        }
    }

    fn deliver_frame(&mut self) {
        if let Some(frame) = self.in_flight.pop_front() {
            self.input(Input::Message(&frame));
        }
    }

    fn publish(&mut self, topic: &'static str) {
        let head = self.heads.get_mut(topic).unwrap();
        *head += 1;
        let seq = *head;
        if self.socket == Socket::Open && self.joined.contains_key(topic) {
            self.send_event(topic, seq);
        }
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Publish(topic) => self.publish(TOPICS[*topic]),
            Step::Fold(topic) => drop(self.folded.insert(TOPICS[*topic], self.heads[TOPICS[*topic]])),
            Step::Deliver => {
                self.handshake();
                self.deliver_frame();
            }
            Step::Lose => drop(self.in_flight.pop_front()),
            Step::Duplicate => {
                if let Some(frame) = self.in_flight.front().cloned() {
                    self.in_flight.push_front(frame);
                }
            }
            Step::Swap if self.in_flight.len() > 1 => self.in_flight.swap(0, 1),
            Step::Swap => {}
            Step::Cut { notified } => self.cut(*notified),
            Step::Restart { down_for } => {
                self.down_for = *down_for;
                self.cut(true);
            }
            Step::Disconnect if self.socket == Socket::Open => {
                self.send(&ServerMsg::Disconnect { reason: CloseReason::Restarting, reconnect_after_ms: 500 });
            }
            Step::Disconnect => {}
            Step::Unavailable(topic) if self.socket == Socket::Open => {
                self.joined.remove(TOPICS[*topic]);
                self.send(&ServerMsg::Closed { topic: TOPICS[*topic].to_owned(), reason: Refusal::Unavailable });
            }
            Step::Unavailable(_) => {}
            Step::Wait(ms) => {
                self.now += ms;
                self.fire_timer();
            }
            Step::SetClock(ms) => self.now += ms,
            Step::Input(input) => self.input(*input),
        }
    }

    /// Fires the timer if it is due.
    fn fire_timer(&mut self) {
        if self.wake.is_some_and(|at| at <= self.now) {
            self.wake = None;
            self.input(Input::Tick);
        }
    }

    /// Ends all faults: every frame is delivered, and time passes.
    fn recover(&mut self) {
        self.down_for = 0;
        for input in [Input::Online, Input::Visible, Input::Resumed] {
            self.input(input);
        }
        // The client notices a lost last event of a topic only by the next one.
        for topic in TOPICS {
            self.publish(topic);
        }
        for _ in 0..400 {
            self.handshake();
            while !self.in_flight.is_empty() {
                self.deliver_frame();
            }
            // A timer that was set before the clock moved back fires after its duration, not at its time.
            let pause = self.wake.map_or(1_000, |at| (at - self.now).clamp(0, 30_000));
            self.now += pause;
            self.input(Input::Tick);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn every_topic_is_delivered_once_and_in_order_despite_faults(
        seed: u64,
        since in prop::array::uniform3(0..5_u64),
        steps in prop::collection::vec(step(), 0..150),
    ) {
        let mut model = Model::new(seed, since);
        for step in &steps {
            model.apply(step);
        }
        model.recover();
        let heads: BTreeMap<_, _> = model.heads.iter().map(|(topic, seq)| ((*topic).to_owned(), *seq)).collect();
        prop_assert_eq!(model.delivered, heads);
        prop_assert_eq!(model.client.connection(), Connection::Online);
    }
}
