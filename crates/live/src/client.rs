//! The client as a state machine: it has no socket, clock or randomness of its own.
//!
//! Its owner passes in what happened and carries out the [`Action`]s that it returns. It delivers every
//! event of a topic exactly once and in order, from the `since` of the join on, whatever happens to
//! sockets, servers and clocks; proved by `every_topic_is_delivered_once_and_in_order_despite_faults`.
//! It never delivers past a gap, and does not reconnect while the page is hidden.

mod link;
mod subscription;
mod time;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::protocol::{ClientMsg, Person, Refusal, ServerMsg};
use link::Link;
use subscription::{JoinState, SequenceCheck, Subscription};
use time::{Jitter, MonotonicTime};

/// Attempts without a single frame after which the client tries another transport.
const MAX_FAILED_ATTEMPTS: u32 = 2;
/// Failed attempts in a row after which the client reports [`Connection::Offline`].
const OFFLINE_THRESHOLD: u32 = 3;

/// What happened. After [`Action::Disconnect`] the owner must pass in nothing more of that socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// The socket opened.
    Opened,
    /// The socket received a text frame.
    Message(&'a str),
    /// The socket closed, or could not be opened.
    Closed,
    /// The time of [`Action::WakeAt`] has come.
    Tick,
    /// The machine is connected to a network (again).
    Online,
    /// The machine lost its network.
    Offline,
    /// The page became visible (again).
    Visible,
    /// The page is no longer visible.
    Hidden,
    /// The browser froze the page, perhaps for ever (`pagehide`).
    Frozen,
    /// The browser restored the page (`pageshow`).
    Resumed,
}

/// What the owner has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Open a socket of this transport; there is none now.
    Connect(Transport),
    /// Close the socket and forget it.
    Disconnect,
    /// Send this text frame.
    Send(String),
    /// Deliver the next event of a topic.
    Deliver {
        /// The topic's name.
        topic: String,
        /// One more than that of the event before, or higher for a `snapshot`.
        seq: u64,
        /// Whether `payload` is the whole state of the topic at `seq`, which replaces the page's state.
        snapshot: bool,
        /// The event, or the state.
        payload: Value,
    },
    /// Show the people on a topic on which the client [tracks](Client::track) its user.
    Presence {
        /// The topic's name.
        topic: String,
        /// Everybody on the topic, this client's user included.
        people: Vec<Person>,
    },
    /// The build of the page that the server has; once per socket.
    Build(String),
    /// The result of a push.
    Replied {
        /// The id that [`Client::push`] returned.
        id: u64,
        /// The answer, or a sentence for the user.
        result: Result<Value, String>,
    },
    /// The state of the connection changed.
    ConnectionChanged(Connection),
    /// The topic is closed for good; the client has removed it.
    Closed {
        /// The topic's name.
        topic: String,
        /// Why it is closed.
        reason: Refusal,
    },
    /// Pass in [`Input::Tick`] at this time of the caller's clock. It replaces the time before.
    WakeAt(i64),
}

/// How frames travel. The second and third are for networks that let no WebSocket through; they carry
/// no pushes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Transport {
    /// A WebSocket, which carries frames both ways.
    #[default]
    WebSocket,
    /// Server-sent events. What the client has to say is in the request's URL.
    EventStream,
    /// Long polling, one request after the other.
    Poll,
}

impl Transport {
    /// The transport to try after this one failed. After the last comes the first, because the server
    /// may have been the reason.
    fn next(self) -> Self {
        match self {
            Self::WebSocket => Self::EventStream,
            Self::EventStream => Self::Poll,
            Self::Poll => Self::WebSocket,
        }
    }
}

/// The state of the connection, for the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Connection {
    /// The client connects, for the first time or again.
    Connecting,
    /// The page is current.
    Online,
    /// The client cannot connect, so the page may be outdated.
    Offline,
}

/// The client of one socket and its topics. All times are milliseconds of one clock, which may be any.
#[derive(Debug)]
pub struct Client {
    topics: BTreeMap<String, Subscription>,
    link: Link,
    transport: Transport,
    /// Whether `transport` has brought a frame in this network.
    transport_works: bool,
    /// Attempts by `transport` that brought no frame.
    failed_attempts: u32,
    network: bool,
    visible: bool,
    frozen: bool,
    /// Attempts since the last one that brought something useful.
    failures: u32,
    /// The last connection state that was reported.
    connection: Connection,
    /// The epoch of the topics' history, once the client knows it.
    epoch: Option<String>,
    pending_pushes: BTreeSet<u64>,
    last_push: u64,
    wake: Option<i64>,
    time: MonotonicTime,
    jitter: Jitter,
    actions: Vec<Action>,
}

impl Client {
    /// A client without topics. It connects when it gets one. `seed` randomizes its reconnects.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            topics: BTreeMap::new(),
            link: Link::Down,
            transport: Transport::default(),
            transport_works: false,
            failed_attempts: 0,
            network: true,
            visible: true,
            frozen: false,
            failures: 0,
            connection: Connection::Connecting,
            epoch: None,
            pending_pushes: BTreeSet::new(),
            last_push: 0,
            wake: None,
            time: MonotonicTime::default(),
            jitter: Jitter::new(seed),
            actions: Vec::new(),
        }
    }

    /// Sets the epoch in which the server rendered the page. When a server has another epoch, the client
    /// closes its topics.
    #[must_use]
    pub fn with_epoch(self, epoch: Option<String>) -> Self {
        Self { epoch, ..self }
    }

    /// The state of the connection.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.connection
    }

    /// Subscribes to the events of `topic` after `since`. If the client has the topic already, it goes
    /// back to `since` when that is earlier, and delivers the events after it again.
    pub fn join(&mut self, topic: &str, since: u64, now_ms: i64) -> Vec<Action> {
        let now = self.time.at(now_ms);
        let known = self.topics.get(topic).map(|subscription| subscription.last);
        if known.is_none_or(|last| since < last) {
            let doing = self.topics.remove(topic).and_then(|subscription| subscription.doing);
            self.topics.insert(topic.to_owned(), Subscription { doing, ..Subscription::new(since) });
            if self.link.is_open() {
                self.send_join(topic, now);
            }
        }
        self.take_actions(now)
    }

    /// Ends the subscription to `topic`.
    pub fn leave(&mut self, topic: &str, now_ms: i64) -> Vec<Action> {
        let now = self.time.at(now_ms);
        if self.topics.remove(topic).is_some_and(|subscription| subscription.state != JoinState::NotJoined) {
            self.send(&ClientMsg::Leave { topic: topic.to_owned() });
        }
        self.take_actions(now)
    }

    /// Shows the user to the others on `topic`, which must be joined, now and after each reconnect;
    /// `None` stops it. [`Action::Presence`] then reports who is there.
    pub fn track(&mut self, topic: &str, doing: Option<&str>, now_ms: i64) -> Vec<Action> {
        let now = self.time.at(now_ms);
        if let Some(subscription) = self.topics.get_mut(topic) {
            subscription.doing = doing.map(str::to_owned);
            if subscription.state != JoinState::NotJoined {
                self.send(&ClientMsg::Track { topic: topic.to_owned(), doing: doing.map(str::to_owned) });
            }
        }
        self.take_actions(now)
    }

    /// Sends a request on `topic`. One [`Action::Replied`] with the returned id answers it. The client
    /// sends a push at most once: when there is no connection, or it breaks, the result is an error.
    pub fn push(&mut self, topic: &str, payload: Value, now_ms: i64) -> (u64, Vec<Action>) {
        let now = self.time.at(now_ms);
        self.last_push += 1;
        let id = self.last_push;
        self.pending_pushes.insert(id);
        if self.link.is_open() {
            self.send(&ClientMsg::Push { id, topic: topic.to_owned(), payload });
        } else {
            self.fail_pushes();
        }
        (id, self.take_actions(now))
    }

    /// Takes in what happened, and returns what to do, in this order.
    pub fn handle(&mut self, input: Input<'_>, now_ms: i64) -> Vec<Action> {
        let now = self.time.at(now_ms);
        match input {
            Input::Opened => self.on_opened(now),
            Input::Message(frame) => self.on_frame(frame, now),
            Input::Closed => self.on_closed(now, 0),
            // The timer is gone, even when it fired early.
            Input::Tick => self.wake = None,
            Input::Online => self.network = true,
            Input::Visible => self.visible = true,
            Input::Resumed => self.frozen = false,
            Input::Hidden => self.visible = false,
            Input::Offline => self.network = false,
            Input::Frozen => self.frozen = true,
        }
        match input {
            Input::Online => {
                // It may be another network, which lets other transports through.
                (self.transport_works, self.failed_attempts) = (false, 0);
                if !self.link.has_socket() {
                    self.transport = Transport::default();
                }
                self.link.hurry(now);
            }
            Input::Visible | Input::Resumed => self.link.hurry(now),
            Input::Offline | Input::Frozen => self.disconnect(now, 0),
            _ => {}
        }
        self.take_actions(now)
    }

    fn on_opened(&mut self, now: i64) {
        if !matches!(self.link, Link::Connecting { .. }) {
            return;
        }
        self.link = Link::open(now);
        let joins = self.topics.iter_mut().flat_map(|(topic, subscription)| subscription.join(topic, now));
        self.actions.extend(joins.map(Action::Send));
    }

    fn on_frame(&mut self, frame: &str, now: i64) {
        if !self.link.is_open() {
            return;
        }
        self.link.on_frame();
        (self.transport_works, self.failed_attempts) = (true, 0);
        // A newer server may send messages that this client does not know.
        let Ok(message) = ServerMsg::decode(frame) else { return };
        match message {
            ServerMsg::Hello { epoch, build } => self.on_hello(epoch, build),
            ServerMsg::Joined { topic, seq } => self.on_joined(&topic, seq),
            ServerMsg::Event { topic, seq, snapshot, payload } => self.on_event(topic, seq, snapshot, payload, now),
            ServerMsg::Refused { topic, reason } | ServerMsg::Closed { topic, reason } => {
                self.on_refused(topic, reason, now);
            }
            ServerMsg::Reply { id, payload } => self.on_reply(id, Ok(payload)),
            ServerMsg::Failed { id, reason } => self.on_reply(id, Err(reason)),
            ServerMsg::Presence { topic, people } => self.actions.push(Action::Presence { topic, people }),
            ServerMsg::Pong => self.failures = 0,
            ServerMsg::Disconnect { reconnect_after_ms, .. } => {
                let delay = i64::try_from(reconnect_after_ms).unwrap_or(i64::MAX);
                self.disconnect(now, delay.min(link::MAX_RECONNECT_DELAY_MS));
            }
        }
    }

    /// A server of another epoch has another history, to which the topics' states do not belong.
    fn on_hello(&mut self, epoch: String, build: String) {
        if self.epoch.as_ref().is_some_and(|known| *known != epoch) {
            for topic in std::mem::take(&mut self.topics).into_keys() {
                self.send(&ClientMsg::Leave { topic: topic.clone() });
                self.actions.push(Action::Closed { topic, reason: Refusal::Epoch });
            }
        }
        // Topics that are joined from now on were rendered by this server.
        self.epoch = Some(epoch);
        self.actions.push(Action::Build(build));
    }

    fn on_joined(&mut self, topic: &str, seq: u64) {
        let Some(subscription) = self.topics.get_mut(topic) else { return };
        if !matches!(subscription.state, JoinState::Joining { .. }) {
            return;
        }
        subscription.state = JoinState::Joined;
        if seq <= subscription.last {
            self.failures = 0;
        }
    }

    fn on_event(&mut self, topic: String, seq: u64, snapshot: bool, payload: Value, now: i64) {
        let Some(subscription) = self.topics.get_mut(&topic) else { return };
        match subscription.check(seq, snapshot) {
            SequenceCheck::Next => {
                self.failures = 0;
                self.actions.push(Action::Deliver { topic, seq, snapshot, payload });
            }
            SequenceCheck::Ignore => {}
            SequenceCheck::Gap => self.send_join(&topic, now),
            SequenceCheck::TooManyGaps => self.disconnect(now, 0),
        }
    }

    fn on_refused(&mut self, topic: String, reason: Refusal, now: i64) {
        let Some(subscription) = self.topics.get_mut(&topic) else { return };
        if reason == Refusal::Unavailable {
            subscription.rejoins += 1;
            subscription.state = JoinState::Retrying { at: now + self.jitter.delay(3 + subscription.rejoins) };
            return;
        }
        self.topics.remove(&topic);
        self.actions.push(Action::Closed { topic, reason });
    }

    fn on_reply(&mut self, id: u64, result: Result<Value, String>) {
        if self.pending_pushes.remove(&id) {
            self.actions.push(Action::Replied { id, result });
        }
    }

    fn send(&mut self, message: &ClientMsg) {
        self.actions.push(Action::Send(message.encode()));
    }

    fn send_join(&mut self, topic: &str, now: i64) {
        if let Some(subscription) = self.topics.get_mut(topic) {
            let frames = subscription.join(topic, now);
            self.actions.extend(frames.into_iter().map(Action::Send));
        }
    }

    fn fail_pushes(&mut self) {
        let failed = std::mem::take(&mut self.pending_pushes);
        let result = || Err("The connection is interrupted. Please try again.".to_owned());
        self.actions.extend(failed.into_iter().map(|id| Action::Replied { id, result: result() }));
    }

    /// Closes the socket, if there is one. The next attempt comes after at least `delay` milliseconds.
    fn disconnect(&mut self, now: i64, delay: i64) {
        if self.link.has_socket() {
            self.actions.push(Action::Disconnect);
            self.on_closed(now, delay);
        }
    }

    /// Schedules the next attempt after at least `delay` milliseconds; all topics have to be joined again.
    fn on_closed(&mut self, now: i64, delay: i64) {
        if !self.link.has_socket() {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        self.choose_transport();
        self.link = Link::Waiting { until: now + self.jitter.delay(self.failures).max(delay) };
        for subscription in self.topics.values_mut() {
            subscription.state = JoinState::NotJoined;
            subscription.rejoins = 0;
        }
        self.fail_pushes();
    }

    /// Changes to another transport when this one has brought no frame. One that has brought frames
    /// stays: then the server is the reason.
    fn choose_transport(&mut self) {
        self.failed_attempts += 1;
        if !self.transport_works && self.failed_attempts >= MAX_FAILED_ATTEMPTS {
            (self.transport, self.failed_attempts) = (self.transport.next(), 0);
        }
    }

    /// Does what is due, reports what changed, and returns all actions.
    fn take_actions(&mut self, now: i64) -> Vec<Action> {
        if self.link.is_dead(now) || self.topics.values().any(|subscription| subscription.is_overdue(now)) {
            self.disconnect(now, 0);
        }
        if self.may_connect() && self.link.is_due(now) {
            self.link = Link::connecting(now);
            self.actions.push(Action::Connect(self.transport));
        }
        if self.link.ping(now) {
            self.send(&ClientMsg::Ping);
        }
        self.retry_joins(now);
        self.report_connection();
        self.set_wake();
        std::mem::take(&mut self.actions)
    }

    fn may_connect(&self) -> bool {
        self.network && self.visible && !self.frozen && !self.topics.is_empty()
    }

    fn retry_joins(&mut self, now: i64) {
        for (topic, subscription) in &mut self.topics {
            if matches!(subscription.state, JoinState::Retrying { at } if at <= now) {
                self.actions.extend(subscription.join(topic, now).into_iter().map(Action::Send));
            }
        }
    }

    fn report_connection(&mut self) {
        let connection = match self.link {
            Link::Open { .. } => Connection::Online,
            _ if !self.network || self.failures >= OFFLINE_THRESHOLD => Connection::Offline,
            _ => Connection::Connecting,
        };
        if connection != self.connection {
            self.connection = connection;
            self.actions.push(Action::ConnectionChanged(connection));
        }
    }

    fn set_wake(&mut self) {
        let link = self.link.deadline().filter(|_| self.link.has_socket() || self.may_connect());
        let joins = self.topics.values().filter_map(Subscription::deadline);
        let wake = joins.chain(link).min().map(|at| self.time.to_caller(at));
        if let Some(at) = wake.filter(|_| wake != self.wake) {
            self.actions.push(Action::WakeAt(at));
        }
        self.wake = wake;
    }
}
