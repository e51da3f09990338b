//! The client's shell in a browser: one WebSocket per tab for all topics.
//!
//! Thin on purpose: it carries out what [`Client`](crate::client::Client) decides. Refuses to
//! decide anything itself, to poll, and to believe `navigator.onLine` at load (a machine without a
//! network still reaches a server of its own).

mod page;
mod shell;
mod wire;

use std::rc::Rc;

use serde_json::Value;

use crate::{
    client::Connection,
    protocol::{Person, Refusal},
};
use shell::Shell;

/// What happened on a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Its place in the topic.
    pub seq: u64,
    /// Whether `payload` is the whole state of the topic at `seq`.
    pub whole: bool,
    /// The event, or the state.
    pub payload: Value,
}

/// The tab's socket; clones are the same one.
#[derive(Clone)]
pub struct LiveSocket(Rc<Shell>);

impl LiveSocket {
    /// The socket at `path` (such as `/live`) of the server that the page came from. It connects
    /// with the first [`join`](Self::join). `epoch` is the one that the page was rendered in.
    #[must_use]
    pub fn open(path: &str, epoch: Option<String>) -> Self {
        Self(Shell::new(path.to_owned(), epoch))
    }

    /// Calls `on_event` with every event of `topic` after `since`, each once and in order, until
    /// the subscription is dropped.
    #[must_use = "the subscription ends when it is dropped"]
    pub fn join(&self, topic: &str, since: u64, on_event: impl FnMut(Told) + 'static) -> Subscription {
        let id = self.0.subscribe(topic, since, on_event);
        Subscription { shell: Rc::clone(&self.0), id }
    }

    /// Calls `on_change` with the state of the connection, now and whenever it changes.
    pub fn on_connection(&self, on_change: impl FnMut(Connection) + 'static) {
        self.0.watch_connection(on_change);
    }

    /// Shows the visitor to the others on `topic`, which is joined, until the topic is left; `None`: no
    /// more. [`on_people`](Self::on_people) then tells who is there.
    pub fn track(&self, topic: &str, doing: Option<&str>) {
        self.0.track(topic, doing);
    }

    /// Calls `on_people` with everybody on a topic whenever that changes.
    pub fn on_people(&self, on_people: impl FnMut(&str, &[Person]) + 'static) {
        self.0.watch_people(on_people);
    }

    /// Calls `on_build` with the build of the page that the server has, at each connection.
    pub fn on_build(&self, on_build: impl FnMut(&str) + 'static) {
        self.0.watch_build(on_build);
    }

    /// Calls `on_closed` when the server closes a topic for good: signed out, role taken away.
    pub fn on_closed(&self, on_closed: impl FnMut(&str, Refusal) + 'static) {
        self.0.watch_closed(on_closed);
    }
}

/// A place in a topic; dropped, it hears no more, and the last one leaves the topic.
pub struct Subscription {
    shell: Rc<Shell>,
    id: u64,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.shell.unsubscribe(self.id);
    }
}
