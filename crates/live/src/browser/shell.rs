//! Carries out the client's actions.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::{Rc, Weak},
};

use super::{
    Told,
    page::{self, Listener, Timer},
    wire::Wire,
};
use crate::{
    client::{Action, Client, Connection, Input},
    protocol::{Person, Refusal},
};

type OnEvent = Rc<RefCell<dyn FnMut(Told)>>;
type OnPeople = Rc<RefCell<dyn FnMut(&str, &[Person])>>;
type OnBuild = Rc<RefCell<dyn FnMut(&str)>>;
type OnConnection = Rc<RefCell<dyn FnMut(Connection)>>;
type OnClosed = Rc<RefCell<dyn FnMut(&str, Refusal)>>;

pub(super) struct Shell {
    path: String,
    state: RefCell<State>,
}

struct State {
    client: Client,
    todo: VecDeque<Action>,
    /// Somebody further up the stack works off `todo`.
    busy: bool,
    wire: Option<Wire>,
    timer: Option<Timer>,
    subscriptions: BTreeMap<u64, Place>,
    newest: u64,
    on_connection: Vec<OnConnection>,
    on_closed: Vec<OnClosed>,
    on_people: Vec<OnPeople>,
    on_build: Vec<OnBuild>,
    /// Removed from the page when the shell goes.
    _listeners: Vec<Listener>,
}

/// Where one subscription stands in its topic.
struct Place {
    topic: String,
    last: u64,
    on_event: OnEvent,
}

impl Shell {
    pub fn new(path: String, epoch: Option<String>) -> Rc<Self> {
        let shell = Rc::new_cyclic(|shell: &Weak<Self>| Self {
            path,
            state: RefCell::new(State {
                client: Client::new(page::seed()).of_epoch(epoch),
                todo: VecDeque::new(),
                busy: false,
                wire: None,
                timer: None,
                subscriptions: BTreeMap::new(),
                newest: 0,
                on_connection: Vec::new(),
                on_closed: Vec::new(),
                on_people: Vec::new(),
                on_build: Vec::new(),
                _listeners: page::listen(shell),
            }),
        });
        if page::is_hidden() {
            shell.handle(Input::Hidden);
        }
        shell
    }

    pub fn subscribe(self: &Rc<Self>, topic: &str, since: u64, on_event: impl FnMut(Told) + 'static) -> u64 {
        let id = {
            let mut state = self.state.borrow_mut();
            state.newest += 1;
            let id = state.newest;
            let on_event: OnEvent = Rc::new(RefCell::new(on_event));
            state.subscriptions.insert(id, Place { topic: topic.to_owned(), last: since, on_event });
            id
        };
        self.drive(|client, now| client.join(topic, since, now));
        id
    }

    pub fn unsubscribe(self: &Rc<Self>, id: u64) {
        // Dropped after the borrow: the callback may own another subscription.
        let Some(place) = self.state.borrow_mut().subscriptions.remove(&id) else { return };
        let others = self.state.borrow().subscriptions.values().any(|other| other.topic == place.topic);
        if !others {
            self.drive(|client, now| client.leave(&place.topic, now));
        }
    }

    pub fn watch_connection(&self, mut on_change: impl FnMut(Connection) + 'static) {
        let present = self.state.borrow().client.connection();
        on_change(present);
        self.state.borrow_mut().on_connection.push(Rc::new(RefCell::new(on_change)));
    }

    pub fn watch_people(&self, on_people: impl FnMut(&str, &[Person]) + 'static) {
        self.state.borrow_mut().on_people.push(Rc::new(RefCell::new(on_people)));
    }

    pub fn watch_build(&self, on_build: impl FnMut(&str) + 'static) {
        self.state.borrow_mut().on_build.push(Rc::new(RefCell::new(on_build)));
    }

    pub fn track(self: &Rc<Self>, topic: &str, doing: Option<&str>) {
        self.drive(|client, now| client.track(topic, doing, now));
    }

    pub fn watch_closed(&self, on_closed: impl FnMut(&str, Refusal) + 'static) {
        self.state.borrow_mut().on_closed.push(Rc::new(RefCell::new(on_closed)));
    }

    pub fn handle(self: &Rc<Self>, input: Input<'_>) {
        self.drive(|client, now| client.handle(input, now));
    }

    /// Lets the client decide, and carries it out. Callbacks may come back here; what they cause is
    /// done after what is under way.
    fn drive(self: &Rc<Self>, decide: impl FnOnce(&mut Client, i64) -> Vec<Action>) {
        {
            let mut state = self.state.borrow_mut();
            let actions = decide(&mut state.client, page::now_ms());
            state.todo.extend(actions);
            if std::mem::replace(&mut state.busy, true) {
                return;
            }
        }
        while let Some(action) = self.next() {
            self.act(action);
        }
    }

    fn next(&self) -> Option<Action> {
        let mut state = self.state.borrow_mut();
        let action = state.todo.pop_front();
        state.busy = action.is_some();
        action
    }

    fn act(self: &Rc<Self>, action: Action) {
        match action {
            Action::Connect(transport) => {
                let wire = Wire::open(transport, &self.path, self);
                self.state.borrow_mut().wire = wire;
            }
            Action::Disconnect => self.state.borrow_mut().wire = None,
            Action::Send(frame) => {
                if let Some(wire) = &self.state.borrow().wire {
                    wire.send(&frame);
                }
            }
            Action::WakeAt(at) => {
                let timer = Timer::at(at, self);
                self.state.borrow_mut().timer = Some(timer);
            }
            Action::Deliver { topic, seq, whole, payload } => self.deliver(&topic, &Told { seq, whole, payload }),
            Action::Presence { topic, people } => {
                let watchers = self.state.borrow().on_people.clone();
                watchers.iter().for_each(|watcher| (watcher.borrow_mut())(&topic, &people));
            }
            Action::Build(build) => {
                let watchers = self.state.borrow().on_build.clone();
                watchers.iter().for_each(|watcher| (watcher.borrow_mut())(&build));
            }
            Action::Connection(connection) => {
                let watchers = self.state.borrow().on_connection.clone();
                watchers.iter().for_each(|watcher| (watcher.borrow_mut())(connection));
            }
            Action::Closed { topic, reason } => self.closed(&topic, reason),
            // This shell sends no pushes.
            Action::Replied { .. } => {}
        }
    }

    /// Hands the event to those subscriptions whose next one it is.
    fn deliver(&self, topic: &str, told: &Told) {
        let hearers: Vec<OnEvent> = {
            let mut state = self.state.borrow_mut();
            let fits = |last: u64| told.seq == last + 1 || told.whole && told.seq > last;
            let next = state.subscriptions.values_mut().filter(|place| place.topic == topic && fits(place.last));
            next.map(|place| {
                place.last = told.seq;
                Rc::clone(&place.on_event)
            })
            .collect()
        };
        hearers.iter().for_each(|hearer| (hearer.borrow_mut())(told.clone()));
    }

    fn closed(&self, topic: &str, reason: Refusal) {
        let watchers = self.state.borrow().on_closed.clone();
        watchers.iter().for_each(|watcher| (watcher.borrow_mut())(topic, reason));
    }
}
