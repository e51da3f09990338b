//! Nodes that talk, lose what was said, and die.

use proptest::prelude::*;
use tokio::sync::mpsc;

use super::{BEAT_MS, Gossip, Identity, Mail, Presences, SILENCE_MS};
use crate::protocol::Person;

fn identity(name: &str) -> Identity {
    Identity { key: name.to_lowercase(), name: name.to_owned() }
}

fn mailbox() -> (mpsc::Sender<Mail>, mpsc::Receiver<Mail>) {
    mpsc::channel(8)
}

fn names(presences: &Presences, topic: &str) -> Vec<(String, String)> {
    presences.people(topic).into_iter().map(|Person { name, doing, .. }| (name, doing)).collect()
}

#[test]
fn a_person_with_two_tabs_is_shown_once_and_until_the_last_tab_goes() {
    let mut here = Presences::of("a".into());
    let (mail, _hold) = mailbox();
    here.track(1, "t:1", identity("Ada"), "looking".into(), mail.clone());
    assert_eq!(here.take_unsaid().len(), 1);
    here.track(2, "t:1", identity("Ada"), "looking".into(), mail.clone());
    assert_eq!(here.take_unsaid(), [], "nothing new for the others");
    assert_eq!(names(&here, "t:1"), [("Ada".into(), "looking".into())]);
    here.track(2, "t:1", identity("Ada"), "writing".into(), mail);
    assert_eq!(here.take_unsaid().len(), 1);
    assert_eq!(names(&here, "t:1"), [("Ada".into(), "writing".into())]);
    here.untrack(2, "t:1");
    assert_eq!(names(&here, "t:1"), [("Ada".into(), "looking".into())]);
    here.untrack(1, "t:1");
    assert_eq!(here.take_unsaid().len(), 2);
    assert!(names(&here, "t:1").is_empty() && here.is_idle());
}

#[test]
fn a_dead_nodes_people_are_gone_within_ten_seconds() {
    let (mut here, mut there) = (Presences::of("a".into()), Presences::of("b".into()));
    let (mail, _hold) = mailbox();
    there.track(1, "t:1", identity("Bo"), "looking".into(), mail);
    for said in there.take_unsaid() {
        here.hear(said, 0);
    }
    let mut now = 0;
    // It lives: nobody is forgotten, however long it takes.
    while now < 60_000 {
        now += BEAT_MS;
        assert!(here.hear(there.beat().unwrap(), now).is_empty());
        here.forget_silent(now);
        assert_eq!(names(&here, "t:1").len(), 1);
    }
    here.forget_silent(now + SILENCE_MS);
    assert_eq!(names(&here, "t:1").len(), 1);
    // The look after the silence comes with the next beat at the latest.
    const { assert!(SILENCE_MS + BEAT_MS < 10_000) };
    here.forget_silent(now + SILENCE_MS + BEAT_MS);
    assert!(names(&here, "t:1").is_empty() && here.is_idle());
}

#[test]
fn a_socket_whose_box_is_full_is_told_later() {
    let mut here = Presences::of("a".into());
    let (mail, mut hold) = mpsc::channel(1);
    here.track(1, "t:1", identity("Ada"), "looking".into(), mail);
    here.tell();
    let (other, _other) = mailbox();
    here.track(2, "t:1", identity("Bo"), "looking".into(), other);
    here.tell();
    assert!(here.has_news(), "one was not told");
    hold.try_recv().unwrap();
    here.tell();
    assert!(!here.has_news());
    assert!(matches!(hold.try_recv(), Ok(Mail::Presence { frame }) if frame.contains("Bo")));
}

#[derive(Clone, Debug)]
enum Move {
    Track { node: usize, socket: u64, topic: usize, person: usize, doing: bool },
    Untrack { node: usize, socket: u64, topic: usize },
}

fn moves() -> impl Strategy<Value = Vec<(Move, bool)>> {
    let one = prop_oneof![
        (0..2_usize, 0..3_u64, 0..2_usize, 0..3_usize, any::<bool>())
            .prop_map(|(node, socket, topic, person, doing)| Move::Track { node, socket, topic, person, doing }),
        (0..2_usize, 0..3_u64, 0..2_usize).prop_map(|(node, socket, topic)| Move::Untrack { node, socket, topic }),
    ];
    prop::collection::vec((one, any::<bool>()), 1..40)
}

const PEOPLE: [&str; 3] = ["Ada", "Bo", "Cy"];
const TOPICS: [&str; 2] = ["t:1", "t:2"];

proptest! {
    #[test]
    fn nodes_agree_after_a_beat_whatever_was_lost(moves in moves()) {
        let mut nodes = [Presences::of("a".into()), Presences::of("b".into())];
        let (mail, _hold) = mpsc::channel(1_000);
        for (step, heard) in moves {
            let node = match step {
                Move::Track { node, socket, topic, person, doing } => {
                    let doing = if doing { "writing" } else { "looking" };
                    // A socket is one person's.
                    let person = PEOPLE[(person + socket as usize) % 3];
                    nodes[node].track(socket, TOPICS[topic], identity(person), doing.into(), mail.clone());
                    node
                }
                Move::Untrack { node, socket, topic } => {
                    nodes[node].untrack(socket, TOPICS[topic]);
                    node
                }
            };
            for said in nodes[node].take_unsaid().into_iter().filter(|_| heard) {
                let answers = nodes[1 - node].hear(said, 0);
                // Questions are lost as well.
                let asks = answers.iter().all(|answer| matches!(answer, Gossip::Ask { .. }));
                prop_assert!(asks);
            }
        }
        for node in 0..2 {
            let change = nodes[node].change;
            let beat = Gossip::Beat { node: nodes[node].node.clone(), change };
            for asked in nodes[1 - node].hear(beat, 0) {
                for said in nodes[node].hear(asked, 0) {
                    prop_assert!(nodes[1 - node].hear(said, 0).is_empty());
                }
            }
        }
        for topic in TOPICS {
            prop_assert_eq!(names(&nodes[0], topic), names(&nodes[1], topic));
        }
    }
}
