//! Who is on which topic: this node's sockets, and what the other nodes say of theirs. No I/O.
//!
//! Each node owns what it says. It numbers its changes; whoever misses a number asks for the whole,
//! and whoever does not hear of a node for [`SILENCE_MS`] forgets its people. Nothing of it is
//! written to the database, and it is not exact: a person may be shown for a moment after they left.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::registry::Mail;
use crate::protocol::{Person, ServerMsg};

/// Between two signs of life of a node that has people, in milliseconds.
pub(super) const BEAT_MS: i64 = 2_000;
/// A node that is silent for so long is gone: within ten seconds of its death nobody is shown that
/// was there (`a_dead_nodes_people_are_gone_within_ten_seconds`).
const SILENCE_MS: i64 = 7_000;
/// People on one topic that are told of; more than that is a crowd.
const MOST: usize = 50;

/// What nodes say to each other: one line each, at most 1,000 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(super) enum Gossip {
    /// I am there, and this is the number of my last change.
    Beat { node: String, change: u64 },
    /// This person does this on that topic now (nothing: is there no more).
    Change { node: String, change: u64, topic: String, key: String, name: String, doing: Option<String> },
    /// What follows is everything; the changes begin anew after this number.
    Anew { node: String, change: u64 },
    /// Say everything again (nobody in particular: all of you).
    Ask { by: String, node: Option<String> },
}

/// Who one is on a topic.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// Tells people of one name apart.
    pub key: String,
    /// As shown to the others.
    pub name: String,
}

/// A socket on a topic.
struct Tab {
    who: Identity,
    doing: String,
    mail: mpsc::Sender<Mail>,
}

/// Another node.
#[derive(Default)]
struct Node {
    change: u64,
    heard_at: i64,
    people: BTreeMap<(String, String), Person>,
}

pub(super) struct Presences {
    node: String,
    change: u64,
    tabs: BTreeMap<String, BTreeMap<u64, Tab>>,
    /// What was said of this node's people, by topic and key.
    said: BTreeMap<(String, String), Person>,
    nodes: HashMap<String, Node>,
    /// Topics whose people are to be told of anew.
    changed: BTreeSet<String>,
    /// What the other nodes are to hear.
    unsaid: Vec<Gossip>,
}

impl Presences {
    pub fn of(node: String) -> Self {
        Self {
            node,
            change: 0,
            tabs: BTreeMap::new(),
            said: BTreeMap::new(),
            nodes: HashMap::new(),
            changed: BTreeSet::new(),
            unsaid: Vec::new(),
        }
    }

    /// Shows a socket on a topic, or what it does there now.
    pub fn track(&mut self, socket: u64, topic: &str, who: Identity, doing: String, mail: mpsc::Sender<Mail>) {
        let key = who.key.clone();
        self.tabs.entry(topic.to_owned()).or_default().insert(socket, Tab { who, doing, mail });
        // The newcomer has not seen anybody yet, even if nothing changes for the others.
        self.changed.insert(topic.to_owned());
        self.say(topic, &key);
    }

    /// Shows a socket on a topic no more.
    pub fn untrack(&mut self, socket: u64, topic: &str) {
        let Some(tabs) = self.tabs.get_mut(topic) else { return };
        let Some(tab) = tabs.remove(&socket) else { return };
        if tabs.is_empty() {
            self.tabs.remove(topic);
        }
        self.say(topic, &tab.who.key);
    }

    /// Has the other nodes hear of one of this node's people, if anything changed.
    fn say(&mut self, topic: &str, key: &str) {
        let now = self.here(topic, key);
        let place = (topic.to_owned(), key.to_owned());
        if self.said.get(&place) == now.as_ref() {
            return;
        }
        self.changed.insert(topic.to_owned());
        self.change += 1;
        self.unsaid.push(change_of(&self.node, self.change, topic, key, now.as_ref()));
        match now {
            Some(person) => self.said.insert(place, person),
            None => self.said.remove(&place),
        };
    }

    /// What the other nodes have not heard yet.
    pub fn take_unsaid(&mut self) -> Vec<Gossip> {
        std::mem::take(&mut self.unsaid)
    }

    /// One person over their tabs on this node.
    fn here(&self, topic: &str, key: &str) -> Option<Person> {
        let tabs = self.tabs.get(topic)?.values().filter(|tab| tab.who.key == key);
        let tab = tabs.max_by(|one, other| one.doing.cmp(&other.doing))?;
        Some(Person { name: tab.who.name.clone(), key: key.to_owned(), doing: tab.doing.clone() })
    }

    /// A sign of life, while there is anybody to vouch for.
    pub fn beat(&self) -> Option<Gossip> {
        (!self.said.is_empty()).then(|| Gossip::Beat { node: self.node.clone(), change: self.change })
    }

    /// Whether there is anything to be kept up.
    pub fn is_idle(&self) -> bool {
        self.said.is_empty() && self.nodes.is_empty()
    }

    /// Everything of this node, and the question for that of the others.
    pub fn everything_and_ask(&mut self) -> Vec<Gossip> {
        let mut all = if self.said.is_empty() { Vec::new() } else { self.everything() };
        all.push(Gossip::Ask { by: self.node.clone(), node: None });
        all
    }

    /// Whether this node said it.
    pub fn is_own(&self, gossip: &Gossip) -> bool {
        let (Gossip::Beat { node, .. }
        | Gossip::Change { node, .. }
        | Gossip::Anew { node, .. }
        | Gossip::Ask { by: node, .. }) = gossip;
        *node == self.node
    }

    /// Everything of this node.
    fn everything(&mut self) -> Vec<Gossip> {
        // Whatever waits to be said is part of it.
        self.unsaid.clear();
        let mut all = vec![Gossip::Anew { node: self.node.clone(), change: self.change }];
        for ((topic, key), person) in &self.said {
            self.change += 1;
            all.push(change_of(&self.node, self.change, topic, key, Some(person)));
        }
        all
    }

    /// Takes in what another node says; what to answer.
    pub fn hear(&mut self, gossip: Gossip, now_ms: i64) -> Vec<Gossip> {
        match gossip {
            Gossip::Ask { node: Some(node), .. } if node == self.node => return self.everything(),
            Gossip::Ask { node: None, .. } if !self.said.is_empty() => return self.everything(),
            Gossip::Ask { .. } => {}
            Gossip::Beat { node, change } => return self.heard(&node, change, now_ms),
            Gossip::Anew { node, change } => {
                let gone = self.nodes.insert(node, Node { change, heard_at: now_ms, people: BTreeMap::new() });
                self.changed.extend(gone.into_iter().flat_map(|node| node.people.into_keys().map(|(topic, _)| topic)));
            }
            Gossip::Change { node, change, topic, key, name, doing } => {
                // The first that is heard of a node may be in the middle of its story.
                let asked = self.heard(&node, change.saturating_sub(1), now_ms);
                if !asked.is_empty() {
                    return asked;
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

    /// A node that stands at `change`: if that is not where it is known to stand, it is asked.
    fn heard(&mut self, node: &str, change: u64, now_ms: i64) -> Vec<Gossip> {
        let known = self.nodes.entry(node.to_owned()).or_default();
        known.heard_at = now_ms;
        if known.change == change {
            Vec::new()
        } else {
            vec![Gossip::Ask { by: self.node.clone(), node: Some(node.to_owned()) }]
        }
    }

    /// Forgets nodes that are silent.
    pub fn forget_silent(&mut self, now_ms: i64) {
        let gone: Vec<_> = self
            .nodes
            .iter()
            .filter(|(_, node)| now_ms - node.heard_at > SILENCE_MS)
            .map(|(name, _)| name.clone())
            .collect();
        for name in gone {
            let people = self.nodes.remove(&name).map(|node| node.people).unwrap_or_default();
            self.changed.extend(people.into_keys().map(|(topic, _)| topic));
        }
    }

    /// Tells the sockets on topics that changed. One that has no room now is told later.
    pub fn tell(&mut self) {
        for topic in std::mem::take(&mut self.changed) {
            let Some(tabs) = self.tabs.get(&topic) else { continue };
            let people = self.people(&topic);
            let frame = ServerMsg::Presence { topic: topic.clone(), people }.encode();
            let mail = Mail::Presence { frame: frame.into() };
            let full = |tab: &Tab| matches!(tab.mail.try_send(mail.clone()), Err(mpsc::error::TrySendError::Full(_)));
            if tabs.values().filter(|tab| full(tab)).count() > 0 {
                self.changed.insert(topic);
            }
        }
    }

    /// Whether there is something to [tell](Self::tell).
    #[cfg(test)]
    fn has_news(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Each person on a topic once, over all nodes.
    fn people(&self, topic: &str) -> Vec<Person> {
        let elsewhere = self.nodes.values().flat_map(|node| on(&node.people, topic));
        let mut people: BTreeMap<&str, &Person> = BTreeMap::new();
        for person in on(&self.said, topic).chain(elsewhere) {
            let shown = people.entry(&person.key).or_insert(person);
            if person.doing > shown.doing {
                *shown = person;
            }
        }
        let mut people: Vec<_> = people.into_values().cloned().collect();
        people.sort_unstable();
        people.truncate(MOST);
        people
    }
}

fn on<'a>(people: &'a BTreeMap<(String, String), Person>, topic: &str) -> impl Iterator<Item = &'a Person> {
    let from = (topic.to_owned(), String::new());
    let topic = topic.to_owned();
    people.range(from..).take_while(move |((at, _), _)| *at == topic).map(|(_, person)| person)
}

fn change_of(node: &str, change: u64, topic: &str, key: &str, person: Option<&Person>) -> Gossip {
    Gossip::Change {
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
