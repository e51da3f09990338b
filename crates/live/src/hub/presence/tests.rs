//! Nodes that exchange presence, lose messages, and die.

use proptest::prelude::*;
use tokio::sync::mpsc;

use super::{HEARTBEAT_INTERVAL_MS, Identity, Message, NODE_TIMEOUT_MS, PresenceMessage, Presences};
use crate::protocol::Person;

fn identity(name: &str) -> Identity {
    Identity { key: name.to_lowercase(), name: name.to_owned() }
}

fn channel() -> (mpsc::Sender<Message>, mpsc::Receiver<Message>) {
    mpsc::channel(8)
}

fn names(presences: &Presences, topic: &str) -> Vec<(String, String)> {
    presences.people(topic).into_iter().map(|Person { name, doing, .. }| (name, doing)).collect()
}

#[test]
fn a_person_with_two_tabs_is_shown_once_until_the_last_tab_closes() {
    let mut here = Presences::new("a".into());
    let (sender, _receiver) = channel();
    here.track(1, "t:1", identity("Ada"), "looking".into(), sender.clone());
    assert_eq!(here.take_outgoing().len(), 1);
    here.track(2, "t:1", identity("Ada"), "looking".into(), sender.clone());
    assert_eq!(here.take_outgoing(), [], "nothing changed for the other nodes");
    assert_eq!(names(&here, "t:1"), [("Ada".into(), "looking".into())]);
    here.track(2, "t:1", identity("Ada"), "writing".into(), sender);
    assert_eq!(here.take_outgoing().len(), 1);
    assert_eq!(names(&here, "t:1"), [("Ada".into(), "writing".into())]);
    here.untrack(2, "t:1");
    assert_eq!(names(&here, "t:1"), [("Ada".into(), "looking".into())]);
    here.untrack(1, "t:1");
    assert_eq!(here.take_outgoing().len(), 2);
    assert!(names(&here, "t:1").is_empty() && here.is_idle());
}

#[test]
fn a_dead_nodes_people_are_removed_within_ten_seconds() {
    let (mut here, mut there) = (Presences::new("a".into()), Presences::new("b".into()));
    let (sender, _receiver) = channel();
    there.track(1, "t:1", identity("Bo"), "looking".into(), sender);
    for message in there.take_outgoing() {
        here.on_message(message, 0);
    }
    let mut now = 0;
    // While it sends heartbeats its people stay, however long that is.
    while now < 60_000 {
        now += HEARTBEAT_INTERVAL_MS;
        assert!(here.on_message(there.heartbeat().unwrap(), now).is_empty());
        here.remove_silent_nodes(now);
        assert_eq!(names(&here, "t:1").len(), 1);
    }
    here.remove_silent_nodes(now + NODE_TIMEOUT_MS);
    assert_eq!(names(&here, "t:1").len(), 1);
    // This node checks at each heartbeat of its own.
    const { assert!(NODE_TIMEOUT_MS + HEARTBEAT_INTERVAL_MS < 10_000) };
    here.remove_silent_nodes(now + NODE_TIMEOUT_MS + HEARTBEAT_INTERVAL_MS);
    assert!(names(&here, "t:1").is_empty() && here.is_idle());
}

#[test]
fn a_socket_whose_buffer_is_full_gets_presence_later() {
    let mut here = Presences::new("a".into());
    let (sender, mut receiver) = mpsc::channel(1);
    here.track(1, "t:1", identity("Ada"), "looking".into(), sender);
    here.notify_sockets();
    let (other, _other) = channel();
    here.track(2, "t:1", identity("Bo"), "looking".into(), other);
    here.notify_sockets();
    assert!(here.has_changes(), "one socket was not notified");
    receiver.try_recv().unwrap();
    here.notify_sockets();
    assert!(!here.has_changes());
    assert!(matches!(receiver.try_recv(), Ok(Message::Presence { frame }) if frame.contains("Bo")));
}

#[derive(Clone, Debug)]
enum Step {
    Track { node: usize, socket: u64, topic: usize, person: usize, doing: bool },
    Untrack { node: usize, socket: u64, topic: usize },
}

/// Steps, each with whether the other node gets the messages that it causes.
fn steps() -> impl Strategy<Value = Vec<(Step, bool)>> {
    let one = prop_oneof![
        (0..2_usize, 0..3_u64, 0..2_usize, 0..3_usize, any::<bool>())
            .prop_map(|(node, socket, topic, person, doing)| Step::Track { node, socket, topic, person, doing }),
        (0..2_usize, 0..3_u64, 0..2_usize).prop_map(|(node, socket, topic)| Step::Untrack { node, socket, topic }),
    ];
    prop::collection::vec((one, any::<bool>()), 1..40)
}

const PEOPLE: [&str; 3] = ["Ada", "Bo", "Cy"];
const TOPICS: [&str; 2] = ["t:1", "t:2"];

proptest! {
    #[test]
    fn nodes_agree_after_a_heartbeat_whatever_messages_were_lost(steps in steps()) {
        let mut nodes = [Presences::new("a".into()), Presences::new("b".into())];
        let (sender, _receiver) = mpsc::channel(1_000);
        for (step, received) in steps {
            let node = match step {
                Step::Track { node, socket, topic, person, doing } => {
                    let doing = if doing { "writing" } else { "looking" };
                    // A socket belongs to one person.
                    let person = PEOPLE[(person + socket as usize) % 3];
                    nodes[node].track(socket, TOPICS[topic], identity(person), doing.into(), sender.clone());
                    node
                }
                Step::Untrack { node, socket, topic } => {
                    nodes[node].untrack(socket, TOPICS[topic]);
                    node
                }
            };
            for message in nodes[node].take_outgoing().into_iter().filter(|_| received) {
                let answers = nodes[1 - node].on_message(message, 0);
                // Requests are lost as well.
                let requests = answers.iter().all(|answer| matches!(answer, PresenceMessage::Request { .. }));
                prop_assert!(requests);
            }
        }
        for node in 0..2 {
            let change = nodes[node].change;
            let heartbeat = PresenceMessage::Heartbeat { node: nodes[node].node.clone(), change };
            for request in nodes[1 - node].on_message(heartbeat, 0) {
                for message in nodes[node].on_message(request, 0) {
                    prop_assert!(nodes[1 - node].on_message(message, 0).is_empty());
                }
            }
        }
        for topic in TOPICS {
            prop_assert_eq!(names(&nodes[0], topic), names(&nodes[1], topic));
        }
    }
}
