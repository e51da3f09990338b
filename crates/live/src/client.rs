//! The client as a state machine: no socket, no clock, no chance of its own.
//!
//! Its owner feeds it what happened and carries out the [`Action`]s it answers with. Every event
//! of a topic is delivered exactly once and in order, from the `since` of the join on, whatever
//! happens to sockets, servers and clocks; proved by
//! `whatever_happens_each_topic_is_delivered_once_and_in_order`. Refuses to deliver past a gap, and
//! to reconnect while nobody looks at the page.

mod feed;
mod link;
mod time;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::protocol::{ClientMsg, Person, Refusal, ServerMsg};
use feed::{Feed, Fit, Place};
use link::Link;
use time::{Jitter, Steady};

/// Attempts without a single frame after which another transport is tried.
const BARREN: u32 = 2;
/// Failed attempts in a row after which the user is told.
const OFFLINE_AFTER: u32 = 3;

/// What happened. A socket that was given up with [`Action::Disconnect`] must not be heard again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// The socket is open.
    Opened,
    /// A text frame came.
    Message(&'a str),
    /// The socket is closed, or could not be opened.
    Closed,
    /// Some time passed.
    Tick,
    /// The machine has a network (again).
    Online,
    /// The machine has no network.
    Offline,
    /// The page can be seen (again).
    Visible,
    /// The page cannot be seen.
    Hidden,
    /// The browser puts the page away, perhaps for ever (`pagehide`).
    Frozen,
    /// The browser took the page out again (`pageshow`).
    Thawed,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Open a socket, or what stands in for one; there is none now.
    Connect(Transport),
    /// Close the socket and forget it.
    Disconnect,
    /// Send this text frame.
    Send(String),
    /// The next event of a topic.
    Deliver {
        /// The topic's name.
        topic: String,
        /// One more than the one before, or further on if the event is the whole state of the topic.
        seq: u64,
        /// Whether `payload` is the whole state of the topic at `seq`, to be taken instead of what is there.
        whole: bool,
        /// The event, or the state.
        payload: Value,
    },
    /// Who is on a topic that the client [tracks](Client::track) itself on.
    Presence {
        /// The topic's name.
        topic: String,
        /// Everybody, this client's person among them.
        people: Vec<Person>,
    },
    /// Which build of the page the server has; said once a socket.
    Build(String),
    /// A push was answered, or failed with a sentence for the user.
    Replied {
        /// What [`Client::push`] returned.
        id: u64,
        /// The answer.
        result: Result<Value, String>,
    },
    /// The state of the connection changed.
    Connection(Connection),
    /// The topic is closed for good and forgotten.
    Closed {
        /// The topic's name.
        topic: String,
        /// Why.
        reason: Refusal,
    },
    /// Feed [`Input::Tick`] at this time of the caller's clock; replaces the time before.
    WakeAt(i64),
}

/// How frames travel. Those after the first are for networks that let no WebSocket through; by them
/// nothing is pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Both ways.
    #[default]
    WebSocket,
    /// Server-sent events; what the client says is in the request.
    EventStream,
    /// One request after the other.
    Poll,
}

impl Transport {
    /// What to try when this one brings nothing. After the last the first again: it may be the server
    /// that was gone.
    fn next(self) -> Self {
        match self {
            Self::WebSocket => Self::EventStream,
            Self::EventStream => Self::Poll,
            Self::Poll => Self::WebSocket,
        }
    }
}

/// What the user should know of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Connection {
    /// Being made, for the first time or again.
    Connecting,
    /// Up to date.
    Online,
    /// It does not work; what is shown may be old.
    Offline,
}

/// The client of one socket and its topics. All times are milliseconds of any one clock.
#[derive(Debug)]
pub struct Client {
    topics: BTreeMap<String, Feed>,
    link: Link,
    transport: Transport,
    /// Whether a frame has come by `transport` in this network.
    proved: bool,
    /// Attempts by `transport` that brought no frame.
    barren: u32,
    network: bool,
    visible: bool,
    frozen: bool,
    /// Attempts since the last one that was of use.
    failures: u32,
    shown: Connection,
    /// Which history the topics are of, once that is known.
    epoch: Option<String>,
    pushed: BTreeSet<u64>,
    pushes: u64,
    wake: Option<i64>,
    steady: Steady,
    jitter: Jitter,
    actions: Vec<Action>,
}

impl Client {
    /// A client without topics; it connects when it has one. `seed` spreads its reconnects.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            topics: BTreeMap::new(),
            link: Link::Down,
            transport: Transport::default(),
            proved: false,
            barren: 0,
            network: true,
            visible: true,
            frozen: false,
            failures: 0,
            shown: Connection::Connecting,
            epoch: None,
            pushed: BTreeSet::new(),
            pushes: 0,
            wake: None,
            steady: Steady::default(),
            jitter: Jitter::seeded(seed),
            actions: Vec::new(),
        }
    }

    /// The same, whose page was rendered in this epoch: a server of another one closes its topics.
    #[must_use]
    pub fn of_epoch(self, epoch: Option<String>) -> Self {
        Self { epoch, ..self }
    }

    /// The state of the connection.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.shown
    }

    /// Wants the events of `topic` after `since`. For a topic that it has already, it goes back to
    /// `since` if that is earlier (and delivers again what comes after it).
    pub fn join(&mut self, topic: &str, since: u64, now_ms: i64) -> Vec<Action> {
        let now = self.steady.at(now_ms);
        let known = self.topics.get(topic).map(|feed| feed.last);
        if known.is_none_or(|last| since < last) {
            let doing = self.topics.remove(topic).and_then(|feed| feed.doing);
            self.topics.insert(topic.to_owned(), Feed { doing, ..Feed::after(since) });
            if self.link.is_open() {
                self.send_join(topic, now);
            }
        }
        self.settle(now)
    }

    /// Wants no more of `topic`.
    pub fn leave(&mut self, topic: &str, now_ms: i64) -> Vec<Action> {
        let now = self.steady.at(now_ms);
        if self.topics.remove(topic).is_some_and(|feed| feed.place != Place::Apart) {
            self.send(&ClientMsg::Leave { topic: topic.to_owned() });
        }
        self.settle(now)
    }

    /// Shows its person to the others on `topic`, a topic that it joined, now and after each reconnect;
    /// `None`: no more. [`Action::Presence`] then tells who is there.
    pub fn track(&mut self, topic: &str, doing: Option<&str>, now_ms: i64) -> Vec<Action> {
        let now = self.steady.at(now_ms);
        if let Some(feed) = self.topics.get_mut(topic) {
            feed.doing = doing.map(str::to_owned);
            if feed.place != Place::Apart {
                self.send(&ClientMsg::Track { topic: topic.to_owned(), doing: doing.map(str::to_owned) });
            }
        }
        self.settle(now)
    }

    /// Asks something on `topic`; [`Action::Replied`] with the returned id answers, once. A push is
    /// sent at most once: without a connection, and when it breaks, the answer is an error.
    pub fn push(&mut self, topic: &str, payload: Value, now_ms: i64) -> (u64, Vec<Action>) {
        let now = self.steady.at(now_ms);
        self.pushes += 1;
        let id = self.pushes;
        self.pushed.insert(id);
        if self.link.is_open() {
            self.send(&ClientMsg::Push { id, topic: topic.to_owned(), payload });
        } else {
            self.fail_pushes();
        }
        (id, self.settle(now))
    }

    /// Takes in what happened; what is to be done, in this order.
    pub fn handle(&mut self, input: Input<'_>, now_ms: i64) -> Vec<Action> {
        let now = self.steady.at(now_ms);
        match input {
            Input::Opened => self.opened(now),
            Input::Message(frame) => self.message(frame, now),
            Input::Closed => self.lose(now, 0),
            // A timer that went off is gone, even when it was early.
            Input::Tick => self.wake = None,
            Input::Online => self.network = true,
            Input::Visible => self.visible = true,
            Input::Thawed => self.frozen = false,
            Input::Hidden => self.visible = false,
            Input::Offline => self.network = false,
            Input::Frozen => self.frozen = true,
        }
        match input {
            Input::Online => {
                // Another network, perhaps: what it lets through is not known.
                (self.proved, self.barren) = (false, 0);
                if !self.link.has_socket() {
                    self.transport = Transport::default();
                }
                self.link.hurry(now);
            }
            Input::Visible | Input::Thawed => self.link.hurry(now),
            Input::Offline | Input::Frozen => self.give_up(now, 0),
            _ => {}
        }
        self.settle(now)
    }

    fn opened(&mut self, now: i64) {
        if !matches!(self.link, Link::Connecting { .. }) {
            return;
        }
        self.link = Link::open(now);
        let joins = self.topics.iter_mut().flat_map(|(topic, feed)| feed.join(topic, now)).map(Action::Send);
        self.actions.extend(joins);
    }

    fn message(&mut self, frame: &str, now: i64) {
        if !self.link.is_open() {
            return;
        }
        self.link.heard();
        (self.proved, self.barren) = (true, 0);
        // A message of a newer server that this client does not know is none of its business.
        let Ok(message) = ServerMsg::decode(frame) else { return };
        match message {
            ServerMsg::Hello { epoch, build } => self.greeted(epoch, build),
            ServerMsg::Joined { topic, seq } => self.joined(&topic, seq),
            ServerMsg::Event { topic, seq, whole, payload } => self.event(topic, seq, whole, payload, now),
            ServerMsg::Refused { topic, reason } | ServerMsg::Closed { topic, reason } => {
                self.refused(topic, reason, now);
            }
            ServerMsg::Reply { id, payload } => self.replied(id, Ok(payload)),
            ServerMsg::Failed { id, reason } => self.replied(id, Err(reason)),
            ServerMsg::Presence { topic, people } => self.actions.push(Action::Presence { topic, people }),
            ServerMsg::Pong => self.failures = 0,
            ServerMsg::Bye { rejoin_after_ms, .. } => {
                self.give_up(now, i64::try_from(rejoin_after_ms).unwrap_or(i64::MAX).min(link::LONGEST_BYE_MS));
            }
        }
    }

    /// A server of another epoch holds another history: what is here is not a beginning of it.
    fn greeted(&mut self, epoch: String, build: String) {
        if self.epoch.as_ref().is_some_and(|known| *known != epoch) {
            for topic in std::mem::take(&mut self.topics).into_keys() {
                self.send(&ClientMsg::Leave { topic: topic.clone() });
                self.actions.push(Action::Closed { topic, reason: Refusal::Epoch });
            }
        }
        // What is joined from now on was rendered by this server.
        self.epoch = Some(epoch);
        self.actions.push(Action::Build(build));
    }

    fn joined(&mut self, topic: &str, seq: u64) {
        let Some(feed) = self.topics.get_mut(topic) else { return };
        if !matches!(feed.place, Place::Joining { .. }) {
            return;
        }
        feed.place = Place::Joined;
        if seq <= feed.last {
            self.failures = 0;
        }
    }

    fn event(&mut self, topic: String, seq: u64, whole: bool, payload: Value, now: i64) {
        let Some(feed) = self.topics.get_mut(&topic) else { return };
        match feed.fit(seq, whole) {
            Fit::Next => {
                self.failures = 0;
                self.actions.push(Action::Deliver { topic, seq, whole, payload });
            }
            Fit::Ignored => {}
            Fit::Gap => self.send_join(&topic, now),
            Fit::Hopeless => self.give_up(now, 0),
        }
    }

    fn refused(&mut self, topic: String, reason: Refusal, now: i64) {
        let Some(feed) = self.topics.get_mut(&topic) else { return };
        if reason == Refusal::Unavailable {
            feed.rejoins += 1;
            feed.place = Place::Retrying { at: now + self.jitter.delay(3 + feed.rejoins) };
            return;
        }
        self.topics.remove(&topic);
        self.actions.push(Action::Closed { topic, reason });
    }

    fn replied(&mut self, id: u64, result: Result<Value, String>) {
        if self.pushed.remove(&id) {
            self.actions.push(Action::Replied { id, result });
        }
    }

    fn send(&mut self, message: &ClientMsg) {
        self.actions.push(Action::Send(message.encode()));
    }

    fn send_join(&mut self, topic: &str, now: i64) {
        if let Some(feed) = self.topics.get_mut(topic) {
            let frames = feed.join(topic, now);
            self.actions.extend(frames.into_iter().map(Action::Send));
        }
    }

    fn fail_pushes(&mut self) {
        let failed = std::mem::take(&mut self.pushed);
        let result = || Err("The connection is interrupted. Please try again.".to_owned());
        self.actions.extend(failed.into_iter().map(|id| Action::Replied { id, result: result() }));
    }

    /// Closes the socket, if there is one; the next attempt comes after `pause` at the earliest.
    fn give_up(&mut self, now: i64, pause: i64) {
        if self.link.has_socket() {
            self.actions.push(Action::Disconnect);
            self.lose(now, pause);
        }
    }

    /// The socket is gone.
    fn lose(&mut self, now: i64, pause: i64) {
        if !self.link.has_socket() {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        self.doubt_transport();
        self.link = Link::Waiting { until: now + self.jitter.delay(self.failures).max(pause) };
        for feed in self.topics.values_mut() {
            feed.place = Place::Apart;
            feed.rejoins = 0;
        }
        self.fail_pushes();
    }

    /// Tries another transport when this one has brought nothing yet. One that has is kept: then it is
    /// the server that is gone.
    fn doubt_transport(&mut self) {
        self.barren += 1;
        if !self.proved && self.barren >= BARREN {
            (self.transport, self.barren) = (self.transport.next(), 0);
        }
    }

    /// Does what is due, then says what changed and when to come back.
    fn settle(&mut self, now: i64) -> Vec<Action> {
        if self.link.is_dead(now) || self.topics.values().any(|feed| overdue(feed, now)) {
            self.give_up(now, 0);
        }
        if self.may_connect() && self.link.is_due(now) {
            self.link = Link::connecting(now);
            self.actions.push(Action::Connect(self.transport));
        }
        if self.link.ping(now) {
            self.send(&ClientMsg::Ping);
        }
        self.retry(now);
        self.show();
        self.set_wake();
        std::mem::take(&mut self.actions)
    }

    fn may_connect(&self) -> bool {
        self.network && self.visible && !self.frozen && !self.topics.is_empty()
    }

    fn retry(&mut self, now: i64) {
        for (topic, feed) in &mut self.topics {
            if matches!(feed.place, Place::Retrying { at } if at <= now) {
                self.actions.extend(feed.join(topic, now).into_iter().map(Action::Send));
            }
        }
    }

    fn show(&mut self) {
        let connection = match self.link {
            Link::Open { .. } => Connection::Online,
            _ if !self.network || self.failures >= OFFLINE_AFTER => Connection::Offline,
            _ => Connection::Connecting,
        };
        if connection != self.shown {
            self.shown = connection;
            self.actions.push(Action::Connection(connection));
        }
    }

    fn set_wake(&mut self) {
        let link = self.link.deadline().filter(|_| self.link.has_socket() || self.may_connect());
        let feeds = self.topics.values().filter_map(Feed::deadline);
        let wake = feeds.chain(link).min().map(|at| self.steady.shown(at));
        if let Some(at) = wake.filter(|_| wake != self.wake) {
            self.actions.push(Action::WakeAt(at));
        }
        self.wake = wake;
    }
}

/// Whether the server did not answer a join.
fn overdue(feed: &Feed, now: i64) -> bool {
    matches!(feed.place, Place::Joining { by } if by <= now)
}
