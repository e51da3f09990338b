//! The sockets of this node and the topics that each of them joined. No I/O.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::event::Event;

/// A message from the hub to one socket. Sockets share the contents.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    /// An event of a topic. A buffered one costs a pointer.
    Event(Arc<Event>),
    /// Who is on a topic, as a frame. It has no order relative to events.
    Presence { frame: Arc<str> },
}

/// How the hub reaches one socket.
#[derive(Debug)]
pub(crate) struct SocketHandle {
    pub(super) messages: mpsc::Sender<Message>,
    /// Cancelled when the buffer of messages is full.
    pub slow: CancellationToken,
    /// Notified when the socket must authorize its topics again.
    pub revoked: Notify,
    /// The user or session behind the socket, as [`revoke`](crate::revoke) names it.
    pub(super) subject: String,
}

#[derive(Debug, Default)]
pub(super) struct Registry {
    last_id: u64,
    sockets: HashMap<u64, Arc<SocketHandle>>,
    topics: HashMap<Arc<str>, TopicEntry>,
}

/// The sockets that joined a topic, and the last seq that they were sent.
#[derive(Debug)]
struct TopicEntry {
    seq: u64,
    sockets: BTreeMap<u64, Arc<SocketHandle>>,
}

impl Registry {
    /// Adds a socket and returns its id.
    pub fn add(&mut self, socket: Arc<SocketHandle>) -> u64 {
        self.last_id += 1;
        self.sockets.insert(self.last_id, socket);
        self.last_id
    }

    /// How many sockets are open.
    pub fn open_sockets(&self) -> usize {
        self.sockets.len()
    }

    /// Removes a socket, which is subscribed to `topics`.
    pub fn remove(&mut self, socket: u64, topics: impl Iterator<Item = Arc<str>>) {
        self.sockets.remove(&socket);
        topics.for_each(|topic| self.unsubscribe(socket, &topic));
    }

    /// The sender of messages to a socket.
    pub fn messages(&self, socket: u64) -> Option<mpsc::Sender<Message>> {
        Some(self.sockets.get(&socket)?.messages.clone())
    }

    /// Subscribes a socket to `topic`. `seq` is the topic's newest seq that the socket knows of; the first
    /// subscriber determines after which seq the hub reads the log.
    pub fn subscribe(&mut self, socket: u64, topic: &Arc<str>, seq: u64) {
        let Some(handle) = self.sockets.get(&socket) else { return };
        let new = || TopicEntry { seq, sockets: BTreeMap::new() };
        let entry = self.topics.entry(Arc::clone(topic)).or_insert_with(new);
        entry.sockets.insert(socket, Arc::clone(handle));
    }

    pub fn unsubscribe(&mut self, socket: u64, topic: &str) {
        let Some(entry) = self.topics.get_mut(topic) else { return };
        entry.sockets.remove(&socket);
        if entry.sockets.is_empty() {
            self.topics.remove(topic);
        }
    }

    /// The last seq that was sent of `topic`, if it has subscribers and `seq` is newer.
    pub fn behind(&self, topic: &str, seq: u64) -> Option<(Arc<str>, u64)> {
        let (name, entry) = self.topics.get_key_value(topic)?;
        (entry.seq < seq).then(|| (Arc::clone(name), entry.seq))
    }

    /// The topics that have subscribers.
    pub fn topics(&self) -> Vec<Arc<str>> {
        self.topics.keys().cloned().collect()
    }

    /// Sends an event to the subscribers of its topic. Unsubscribes a socket whose buffer is full and
    /// cancels its `slow` token.
    pub fn fan_out(&mut self, event: &Arc<Event>) {
        let Some(entry) = self.topics.get_mut(&event.topic) else { return };
        if event.seq <= entry.seq {
            return;
        }
        entry.seq = event.seq;
        entry.sockets.retain(|_, socket| {
            let sent = socket.messages.try_send(Message::Event(Arc::clone(event))).is_ok();
            if !sent {
                socket.slow.cancel();
            }
            sent
        });
        if entry.sockets.is_empty() {
            self.topics.remove(&event.topic);
        }
    }

    /// Has the sockets of `subject` (all sockets, if `None`) authorize their topics again.
    pub fn revoke(&self, subject: Option<&str>) {
        let concerned = self.sockets.values().filter(|socket| subject.is_none_or(|subject| socket.subject == subject));
        concerned.for_each(|socket| socket.revoked.notify_one());
    }
}
