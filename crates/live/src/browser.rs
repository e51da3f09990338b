//! The client in a browser: one connection per tab for all topics.
//!
//! It is thin: it carries out what [`Client`](crate::client::Client) decides, and decides nothing
//! itself. It ignores `navigator.onLine` at load, because a machine without a network still reaches a
//! server on itself.

mod driver;
mod environment;
mod event_message;
mod input_sink;
mod transport;

use std::rc::Rc;

use crate::{
    client::Connection,
    protocol::{Person, Refusal},
};
use driver::Driver;
pub use event_message::EventMessage;

/// A connection to the server with its topics; cheap to clone.
#[derive(Clone)]
pub struct LiveSocket(Rc<Driver>);

impl LiveSocket {
    /// A connection to `path` (such as `/live`) on the server that the page came from. It connects at the
    /// first [`join`](Self::join). `epoch` is the one in which the server rendered the page.
    #[must_use]
    pub fn open(path: &str, epoch: Option<String>) -> Self {
        Self(Driver::new(path.to_owned(), epoch))
    }

    /// Calls `on_event` with every event of `topic` after `since`, each once and in order, until the
    /// subscription is dropped.
    #[must_use = "the subscription ends when it is dropped"]
    pub fn join(&self, topic: &str, since: u64, on_event: impl FnMut(EventMessage) + 'static) -> Subscription {
        let id = self.0.subscribe(topic, since, on_event);
        Subscription { driver: Rc::clone(&self.0), id }
    }

    /// Calls `on_change` with the state of the connection, now and whenever it changes.
    pub fn on_connection(&self, on_change: impl FnMut(Connection) + 'static) {
        self.0.on_connection(on_change);
    }

    /// Shows the user to the others on `topic`, which must be joined, until the topic is left; `None` stops
    /// it. [`on_presence`](Self::on_presence) then reports who is there.
    pub fn track(&self, topic: &str, doing: Option<&str>) {
        self.0.track(topic, doing);
    }

    /// Calls `on_presence` with a topic and the people there whenever they change.
    pub fn on_presence(&self, on_presence: impl FnMut(&str, &[Person]) + 'static) {
        self.0.on_presence(on_presence);
    }

    /// Calls `on_build` with the build of the page that the server has, once per connection.
    pub fn on_build(&self, on_build: impl FnMut(&str) + 'static) {
        self.0.on_build(on_build);
    }

    /// Calls `on_closed` with a topic and the reason when it is closed for good, for example because the
    /// user signed out or lost a role.
    pub fn on_closed(&self, on_closed: impl FnMut(&str, Refusal) + 'static) {
        self.0.on_closed(on_closed);
    }
}

/// A subscription to a topic, which ends when it is dropped. The client leaves the topic with the last
/// one.
pub struct Subscription {
    driver: Rc<Driver>,
    id: u64,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.driver.unsubscribe(self.id);
    }
}
