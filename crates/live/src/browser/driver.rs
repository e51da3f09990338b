//! Passes events of the browser to the client, and carries out its actions.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::{Rc, Weak},
};

use super::{
    environment::{self, Listener, Timer},
    event_message::EventMessage,
    input_sink::{InputSink, WeakSink},
    transport::ActiveTransport,
};
use crate::{
    client::{Action, Client, Connection, Input},
    protocol::{Person, Refusal},
};

type OnEvent = Rc<RefCell<dyn FnMut(EventMessage)>>;
type OnPresence = Rc<RefCell<dyn FnMut(&str, &[Person])>>;
type OnBuild = Rc<RefCell<dyn FnMut(&str)>>;
type OnConnection = Rc<RefCell<dyn FnMut(Connection)>>;
type OnClosed = Rc<RefCell<dyn FnMut(&str, Refusal)>>;

/// Runs the client in the browser. [`LiveSocket`](super::LiveSocket) is a handle to it.
pub(super) struct Driver {
    path: String,
    state: RefCell<State>,
}

struct State {
    client: Client,
    actions: VecDeque<Action>,
    /// Whether a caller further up the stack carries out `actions`.
    running: bool,
    transport: Option<ActiveTransport>,
    timer: Option<Timer>,
    subscriptions: BTreeMap<u64, Subscriber>,
    last_id: u64,
    on_connection: Vec<OnConnection>,
    on_closed: Vec<OnClosed>,
    on_presence: Vec<OnPresence>,
    on_build: Vec<OnBuild>,
    /// Removed from the page when the driver is dropped.
    _listeners: Vec<Listener>,
}

/// A subscription and the last event that its callback got.
struct Subscriber {
    topic: String,
    last: u64,
    on_event: OnEvent,
}

impl InputSink for Driver {
    fn handle(self: Rc<Self>, input: Input<'_>) {
        self.drive(|client, now| client.handle(input, now));
    }
}

fn weak_sink(driver: &Weak<Driver>) -> WeakSink {
    Weak::<Driver>::clone(driver)
}

impl Driver {
    pub fn new(path: String, epoch: Option<String>) -> Rc<Self> {
        let driver = Rc::new_cyclic(|driver: &Weak<Self>| Self {
            path,
            state: RefCell::new(State {
                client: Client::new(environment::seed()).with_epoch(epoch),
                actions: VecDeque::new(),
                running: false,
                transport: None,
                timer: None,
                subscriptions: BTreeMap::new(),
                last_id: 0,
                on_connection: Vec::new(),
                on_closed: Vec::new(),
                on_presence: Vec::new(),
                on_build: Vec::new(),
                _listeners: environment::listen(&weak_sink(driver)),
            }),
        });
        if environment::is_hidden() {
            Rc::clone(&driver).handle(Input::Hidden);
        }
        driver
    }

    pub fn subscribe(self: &Rc<Self>, topic: &str, since: u64, on_event: impl FnMut(EventMessage) + 'static) -> u64 {
        let id = {
            let mut state = self.state.borrow_mut();
            state.last_id += 1;
            let id = state.last_id;
            let on_event: OnEvent = Rc::new(RefCell::new(on_event));
            state.subscriptions.insert(id, Subscriber { topic: topic.to_owned(), last: since, on_event });
            id
        };
        self.drive(|client, now| client.join(topic, since, now));
        id
    }

    pub fn unsubscribe(self: &Rc<Self>, id: u64) {
        // Dropped after the borrow ends, because the callback may own another subscription.
        let Some(subscription) = self.state.borrow_mut().subscriptions.remove(&id) else { return };
        let others = self.state.borrow().subscriptions.values().any(|other| other.topic == subscription.topic);
        if !others {
            self.drive(|client, now| client.leave(&subscription.topic, now));
        }
    }

    pub fn on_connection(&self, mut on_change: impl FnMut(Connection) + 'static) {
        let present = self.state.borrow().client.connection();
        on_change(present);
        self.state.borrow_mut().on_connection.push(Rc::new(RefCell::new(on_change)));
    }

    pub fn on_presence(&self, on_presence: impl FnMut(&str, &[Person]) + 'static) {
        self.state.borrow_mut().on_presence.push(Rc::new(RefCell::new(on_presence)));
    }

    pub fn on_build(&self, on_build: impl FnMut(&str) + 'static) {
        self.state.borrow_mut().on_build.push(Rc::new(RefCell::new(on_build)));
    }

    pub fn track(self: &Rc<Self>, topic: &str, doing: Option<&str>) {
        self.drive(|client, now| client.track(topic, doing, now));
    }

    pub fn on_closed(&self, on_closed: impl FnMut(&str, Refusal) + 'static) {
        self.state.borrow_mut().on_closed.push(Rc::new(RefCell::new(on_closed)));
    }

    /// Lets the client decide, and carries out its actions. A callback may call this again; its actions
    /// are carried out after the present ones.
    fn drive(self: &Rc<Self>, decide: impl FnOnce(&mut Client, i64) -> Vec<Action>) {
        {
            let mut state = self.state.borrow_mut();
            let actions = decide(&mut state.client, environment::now_ms());
            state.actions.extend(actions);
            if std::mem::replace(&mut state.running, true) {
                return;
            }
        }
        while let Some(action) = self.next() {
            self.act(action);
        }
    }

    fn next(&self) -> Option<Action> {
        let mut state = self.state.borrow_mut();
        let action = state.actions.pop_front();
        state.running = action.is_some();
        action
    }

    fn act(self: &Rc<Self>, action: Action) {
        match action {
            Action::Connect(transport) => {
                let transport = ActiveTransport::open(transport, &self.path, &weak_sink(&Rc::downgrade(self)));
                self.state.borrow_mut().transport = transport;
            }
            Action::Disconnect => self.state.borrow_mut().transport = None,
            Action::Send(frame) => {
                if let Some(transport) = &self.state.borrow().transport {
                    transport.send(&frame);
                }
            }
            Action::WakeAt(at) => {
                let timer = Timer::at(at, weak_sink(&Rc::downgrade(self)));
                self.state.borrow_mut().timer = Some(timer);
            }
            Action::Deliver { topic, seq, snapshot, payload } => {
                self.deliver(&topic, &EventMessage { seq, snapshot, payload })
            }
            Action::Presence { topic, people } => {
                let callbacks = self.state.borrow().on_presence.clone();
                callbacks.iter().for_each(|callback| (callback.borrow_mut())(&topic, &people));
            }
            Action::Build(build) => {
                let callbacks = self.state.borrow().on_build.clone();
                callbacks.iter().for_each(|callback| (callback.borrow_mut())(&build));
            }
            Action::ConnectionChanged(connection) => {
                let callbacks = self.state.borrow().on_connection.clone();
                callbacks.iter().for_each(|callback| (callback.borrow_mut())(connection));
            }
            Action::Closed { topic, reason } => self.notify_closed(&topic, reason),
            // The browser sends no pushes.
            Action::Replied { .. } => {}
        }
    }

    /// Calls the subscriptions of which the event is the next one.
    fn deliver(&self, topic: &str, message: &EventMessage) {
        let callbacks: Vec<OnEvent> = {
            let mut state = self.state.borrow_mut();
            let is_next = |last: u64| message.seq == last + 1 || message.snapshot && message.seq > last;
            let next = state
                .subscriptions
                .values_mut()
                .filter(|subscription| subscription.topic == topic && is_next(subscription.last));
            next.map(|subscription| {
                subscription.last = message.seq;
                Rc::clone(&subscription.on_event)
            })
            .collect()
        };
        callbacks.iter().for_each(|callback| (callback.borrow_mut())(message.clone()));
    }

    fn notify_closed(&self, topic: &str, reason: Refusal) {
        let callbacks = self.state.borrow().on_closed.clone();
        callbacks.iter().for_each(|callback| (callback.borrow_mut())(topic, reason));
    }
}
