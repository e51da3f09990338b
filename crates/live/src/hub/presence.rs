//! Who is on which topic: the users of this node's sockets, and those that other nodes report. No I/O.
//!
//! Each node owns its part. It numbers its changes; a node that misses a number requests the other's
//! full state, and a node that gets no message of another one for [`NODE_TIMEOUT_MS`] removes that
//! node's people. Nothing is written to the database, and it is not exact: a person may be shown for
//! a moment after they left.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::registry::Message;
use crate::protocol::{Person, ServerMsg};

/// The time between two heartbeats of a node that has people, in milliseconds.
pub(super) const HEARTBEAT_INTERVAL_MS: i64 = 2_000;
/// How long after its last message a node is taken for dead, in milliseconds. Within ten seconds of a
/// node's death its people are gone (`a_dead_nodes_people_are_removed_within_ten_seconds`).
const NODE_TIMEOUT_MS: i64 = 7_000;
/// How many people of one topic are sent to sockets.
const MAX_SHOWN: usize = 50;

/// A message between nodes: one line of JSON, at most 1,000 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(super) enum PresenceMessage {
    /// The node is alive; `change` is the number of its last change.
    #[serde(rename = "beat")]
    Heartbeat { node: String, change: u64 },
    /// A person does something else on a topic now, or left it if `doing` is `None`.
    Change { node: String, change: u64, topic: String, key: String, name: String, doing: Option<String> },
    /// The full state of the node follows, as changes that count on from `change`.
    #[serde(rename = "anew")]
    Reset { node: String, change: u64 },
    /// Requests the full state of `node`, or of every node.
    #[serde(rename = "ask")]
    Request { by: String, node: Option<String> },
}

/// How a user is shown to the others on a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name to show.
    pub name: String,
    /// Distinguishes people of the same name, and unites the tabs of one person.
    pub key: String,
}

/// A socket that is tracked on a topic.
struct TrackedSocket {
    identity: Identity,
    doing: String,
    messages: mpsc::Sender<Message>,
}

/// What this node knows of another one.
#[derive(Default)]
struct RemoteNode {
    /// The number of its last change that was applied.
    change: u64,
    last_message_at: i64,
    people: BTreeMap<(String, String), Person>,
}

pub(super) struct Presences {
    node: String,
    change: u64,
    sockets: BTreeMap<String, BTreeMap<u64, TrackedSocket>>,
    /// This node's people as the other nodes know them, by topic and key.
    local_people: BTreeMap<(String, String), Person>,
    nodes: HashMap<String, RemoteNode>,
    /// Topics whose sockets have to be sent the people again.
    changed: BTreeSet<String>,
    /// Messages to send to the other nodes.
    outgoing: Vec<PresenceMessage>,
}

impl Presences {
    pub fn new(node: String) -> Self {
        Self {
            node,
            change: 0,
            sockets: BTreeMap::new(),
            local_people: BTreeMap::new(),
            nodes: HashMap::new(),
            changed: BTreeSet::new(),
            outgoing: Vec::new(),
        }
    }

    /// Tracks a socket on a topic, or updates what its user does there.
    pub fn track(
        &mut self,
        socket: u64,
        topic: &str,
        identity: Identity,
        doing: String,
        messages: mpsc::Sender<Message>,
    ) {
        let key = identity.key.clone();
        let tracked = TrackedSocket { identity, doing, messages };
        self.sockets.entry(topic.to_owned()).or_default().insert(socket, tracked);
        // The socket has no people yet, even if nothing changes for the others.
        self.changed.insert(topic.to_owned());
        self.update_local(topic, &key);
    }

    /// Stops tracking a socket on a topic.
    pub fn untrack(&mut self, socket: u64, topic: &str) {
        let Some(sockets) = self.sockets.get_mut(topic) else { return };
        let Some(tracked) = sockets.remove(&socket) else { return };
        if sockets.is_empty() {
            self.sockets.remove(topic);
        }
        self.update_local(topic, &tracked.identity.key);
    }

    /// Records a change of one of this node's people, if there is one, for sockets and other nodes.
    fn update_local(&mut self, topic: &str, key: &str) {
        let now = self.local_person(topic, key);
        let index = (topic.to_owned(), key.to_owned());
        if self.local_people.get(&index) == now.as_ref() {
            return;
        }
        self.changed.insert(topic.to_owned());
        self.change += 1;
        self.outgoing.push(change_message(&self.node, self.change, topic, key, now.as_ref()));
        match now {
            Some(person) => self.local_people.insert(index, person),
            None => self.local_people.remove(&index),
        };
    }

    /// Takes the messages that the other nodes have to be sent.
    pub fn take_outgoing(&mut self) -> Vec<PresenceMessage> {
        std::mem::take(&mut self.outgoing)
    }

    /// One person over their tabs on this node.
    fn local_person(&self, topic: &str, key: &str) -> Option<Person> {
        let tabs = self.sockets.get(topic)?.values().filter(|socket| socket.identity.key == key);
        let tab = tabs.max_by(|one, other| one.doing.cmp(&other.doing))?;
        Some(Person { name: tab.identity.name.clone(), key: key.to_owned(), doing: tab.doing.clone() })
    }

    /// The heartbeat of this node, if it has people.
    pub fn heartbeat(&self) -> Option<PresenceMessage> {
        let heartbeat = || PresenceMessage::Heartbeat { node: self.node.clone(), change: self.change };
        (!self.local_people.is_empty()).then(heartbeat)
    }

    /// Whether neither this node nor another one has people, so that no heartbeat is needed.
    pub fn is_idle(&self) -> bool {
        self.local_people.is_empty() && self.nodes.is_empty()
    }

    /// The full state of this node, and a request for that of all others.
    pub fn resync(&mut self) -> Vec<PresenceMessage> {
        let mut messages = if self.local_people.is_empty() { Vec::new() } else { self.full_state() };
        messages.push(PresenceMessage::Request { by: self.node.clone(), node: None });
        messages
    }

    /// Whether this node sent the message.
    pub fn is_own(&self, message: &PresenceMessage) -> bool {
        let (PresenceMessage::Heartbeat { node, .. }
        | PresenceMessage::Change { node, .. }
        | PresenceMessage::Reset { node, .. }
        | PresenceMessage::Request { by: node, .. }) = message;
        *node == self.node
    }

    fn full_state(&mut self) -> Vec<PresenceMessage> {
        // The full state has the outgoing changes already.
        self.outgoing.clear();
        let mut messages = vec![PresenceMessage::Reset { node: self.node.clone(), change: self.change }];
        for ((topic, key), person) in &self.local_people {
            self.change += 1;
            messages.push(change_message(&self.node, self.change, topic, key, Some(person)));
        }
        messages
    }

    /// Applies a message of another node, and returns the answers to send.
    pub fn on_message(&mut self, message: PresenceMessage, now_ms: i64) -> Vec<PresenceMessage> {
        match message {
            PresenceMessage::Request { node: Some(node), .. } if node == self.node => return self.full_state(),
            PresenceMessage::Request { node: None, .. } if !self.local_people.is_empty() => return self.full_state(),
            PresenceMessage::Request { .. } => {}
            PresenceMessage::Heartbeat { node, change } => return self.check_change(&node, change, now_ms),
            PresenceMessage::Reset { node, change } => {
                let reset = RemoteNode { change, last_message_at: now_ms, people: BTreeMap::new() };
                let before = self.nodes.insert(node, reset);
                let people = before.into_iter().flat_map(|node| node.people.into_keys());
                self.changed.extend(people.map(|(topic, _)| topic));
            }
            PresenceMessage::Change { node, change, topic, key, name, doing } => {
                // The first message of a node may be any of its changes.
                let requests = self.check_change(&node, change.saturating_sub(1), now_ms);
                if !requests.is_empty() {
                    return requests;
                }
                self.changed.insert(topic.clone());
                let known = self.nodes.entry(node).or_default();
                known.change = change;
                match doing {
                    Some(doing) => known.people.insert((topic, key.clone()), Person { name, key, doing }),
                    None => known.people.remove(&(topic, key)),
                };
            }
        }
        Vec::new()
    }

    /// Requests the full state of `node` unless `change` is the last one that was applied.
    fn check_change(&mut self, node: &str, change: u64, now_ms: i64) -> Vec<PresenceMessage> {
        let known = self.nodes.entry(node.to_owned()).or_default();
        known.last_message_at = now_ms;
        if known.change == change {
            Vec::new()
        } else {
            vec![PresenceMessage::Request { by: self.node.clone(), node: Some(node.to_owned()) }]
        }
    }

    /// Removes nodes that sent nothing for [`NODE_TIMEOUT_MS`].
    pub fn remove_silent_nodes(&mut self, now_ms: i64) {
        let silent = |node: &RemoteNode| now_ms - node.last_message_at > NODE_TIMEOUT_MS;
        let names: Vec<_> = self.nodes.iter().filter(|(_, node)| silent(node)).map(|(name, _)| name.clone()).collect();
        for name in names {
            let people = self.nodes.remove(&name).map(|node| node.people).unwrap_or_default();
            self.changed.extend(people.into_keys().map(|(topic, _)| topic));
        }
    }

    /// Sends the people of changed topics to the sockets there. A topic with a socket whose buffer is full
    /// stays changed, so that the next call sends it again.
    pub fn notify_sockets(&mut self) {
        for topic in std::mem::take(&mut self.changed) {
            let Some(sockets) = self.sockets.get(&topic) else { continue };
            let people = self.people(&topic);
            let frame = ServerMsg::Presence { topic: topic.clone(), people }.encode();
            let message = Message::Presence { frame: frame.into() };
            let is_full = |socket: &TrackedSocket| {
                matches!(socket.messages.try_send(message.clone()), Err(mpsc::error::TrySendError::Full(_)))
            };
            if sockets.values().filter(|socket| is_full(socket)).count() > 0 {
                self.changed.insert(topic);
            }
        }
    }

    /// Whether [`notify_sockets`](Self::notify_sockets) would send anything.
    #[cfg(test)]
    fn has_changes(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Each person on a topic once, over all nodes.
    fn people(&self, topic: &str) -> Vec<Person> {
        let remote = self.nodes.values().flat_map(|node| on_topic(&node.people, topic));
        let mut people: BTreeMap<&str, &Person> = BTreeMap::new();
        for person in on_topic(&self.local_people, topic).chain(remote) {
            let shown = people.entry(&person.key).or_insert(person);
            if person.doing > shown.doing {
                *shown = person;
            }
        }
        let mut people: Vec<_> = people.into_values().cloned().collect();
        people.sort_unstable();
        people.truncate(MAX_SHOWN);
        people
    }
}

fn on_topic<'a>(people: &'a BTreeMap<(String, String), Person>, topic: &str) -> impl Iterator<Item = &'a Person> {
    let from = (topic.to_owned(), String::new());
    let topic = topic.to_owned();
    people.range(from..).take_while(move |((at, _), _)| *at == topic).map(|(_, person)| person)
}

fn change_message(node: &str, change: u64, topic: &str, key: &str, person: Option<&Person>) -> PresenceMessage {
    PresenceMessage::Change {
        node: node.to_owned(),
        change,
        topic: topic.to_owned(),
        key: key.to_owned(),
        name: person.map(|person| person.name.clone()).unwrap_or_default(),
        doing: person.map(|person| person.doing.clone()),
    }
}

#[cfg(test)]
mod tests;
