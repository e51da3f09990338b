//! Checks the result of a run: the log, the rows that were committed with it, and every client's
//! history. It knows nothing of the faults.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use db::{Db, params, sql};
use serde_json::Value;

use crate::{
    fault_client::{History, topics},
    producer::{SECRET, STATE},
};

/// How long after a revocation its subject may still receive events: a second, and as long as a fault
/// may stop a process.
pub const GRACE_PERIOD: Duration = Duration::from_millis(4_000);

/// A right that was taken away.
#[derive(Clone, Debug)]
pub struct Revocation {
    pub who: String,
    pub topic: String,
    /// When its transaction had committed, in milliseconds since 1970.
    pub at_ms: i64,
}

/// The content of the database.
pub struct DatabaseState {
    pub log: BTreeMap<String, Vec<(u64, Value)>>,
    /// The counters of the topics.
    pub counted: BTreeMap<String, u64>,
    /// The rows that were committed with the events.
    pub effects: BTreeMap<String, BTreeSet<String>>,
}

impl DatabaseState {
    pub async fn read(db: &Db) -> Self {
        let read = async {
            // A fault may have cut the connections, and the database may be starting again.
            loop {
                match Self::try_read(db).await {
                    Ok(state) => return state,
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), read).await.expect("the database answers")
    }

    async fn try_read(db: &Db) -> Result<Self, live::Error> {
        let mut tx = db.snapshot().await?;
        let (mut log, mut counted) = (BTreeMap::new(), BTreeMap::new());
        for topic in topics() {
            let entries = live::read_since(&mut tx, topic, 0, u32::MAX >> 1).await?;
            let events = entries.iter().map(|entry| (entry.seq, serde_json::from_str(&entry.payload).unwrap()));
            log.insert(topic.to_owned(), events.collect());
            counted.insert(topic.to_owned(), live::last_seq(&mut tx, topic).await?);
        }
        let mut effects = BTreeMap::<_, BTreeSet<_>>::new();
        let all = sql!("select topic, id from effects order by topic, id" => { topic: String, id: String });
        for row in tx.all(all, params![]).await? {
            effects.entry(row.topic).or_default().insert(row.id);
        }
        tx.commit().await?;
        Ok(Self { log, counted, effects })
    }
}

/// Returns everything that violates a guarantee.
pub fn check(state: &DatabaseState, clients: &[(String, History)], revoked: &[Revocation]) -> Vec<String> {
    let mut problems = Vec::new();
    for (topic, events) in &state.log {
        check_log(topic, events, state, &mut problems);
    }
    for (name, history) in clients {
        for (topic, received) in &history.received {
            let taken = revoked.iter().find(|right| right.who == *name && right.topic == *topic);
            check_rights(name, topic, received, taken, &mut problems);
            check_history(name, topic, received, &state.log[topic], &mut problems);
        }
        for (topic, events) in state.log.iter().filter(|(topic, _)| *topic != SECRET) {
            let allowed = !revoked.iter().any(|right| right.who == *name && right.topic == *topic);
            if let Some(reason) = history.closed.get(topic).filter(|_| allowed) {
                problems.push(format!("{name} was closed on {topic}: {reason:?}"));
            }
            let received = history.received.get(topic).map_or(&[][..], Vec::as_slice);
            if allowed && fold(received) != fold(events) {
                let (last, newest) = (received.last().map_or(0, |event| event.0), state.counted[topic]);
                problems.push(format!("{name} has another state of {topic} than the log: {last} of {newest}"));
            }
        }
    }
    problems
}

/// The state of a page: the newest snapshot, if there is one, and the events after it.
fn fold(events: &[(u64, Value)]) -> Vec<&Value> {
    let snapshot = events.iter().rposition(|(_, payload)| payload["snapshot"] == true).unwrap_or(0);
    events[snapshot..].iter().map(|(_, payload)| payload).collect()
}

fn check_log(topic: &str, events: &[(u64, Value)], state: &DatabaseState, problems: &mut Vec<String>) {
    let first = if topic == STATE { events.first().map_or(0, |event| event.0) } else { 1 };
    let mut last = BTreeMap::new();
    for ((seq, payload), due) in events.iter().zip(first..) {
        if *seq != due {
            problems.push(format!("the log of {topic} has {seq} where {due} is due"));
            break;
        }
        let (id, number) = (payload["id"].as_str().unwrap(), payload["number"].as_u64().unwrap());
        let producer = id.split('-').next().unwrap().to_owned();
        if producer != "last" && last.insert(producer, number).is_some_and(|before| before >= number) {
            problems.push(format!("the log of {topic} has {id} out of order"));
        }
    }
    let newest = events.last().map_or(0, |event| event.0);
    if newest != state.counted[topic] {
        problems.push(format!("{topic} counted {} events, and the last one is {newest}", state.counted[topic]));
    }
    let ids: BTreeSet<_> = events.iter().map(|(_, payload)| payload["id"].as_str().unwrap().to_owned()).collect();
    if topic != STATE && Some(&ids) != state.effects.get(topic) {
        problems.push(format!("the log of {topic} is not what was committed with it"));
    }
}

/// Each event once, in order, without a gap, and equal to that of the log.
fn check_history(name: &str, topic: &str, received: &[(u64, Value)], log: &[(u64, Value)], problems: &mut Vec<String>) {
    let mut last = 0;
    for (seq, payload) in received {
        if *seq <= last || *seq > last + 1 && payload["snapshot"] != true {
            problems.push(format!("{name} went from {last} to {seq} on {topic}"));
            break;
        }
        last = *seq;
    }
    let log: BTreeMap<_, _> = log.iter().map(|(seq, payload)| (seq, payload)).collect();
    if let Some((seq, _)) = received.iter().find(|(seq, payload)| log.get(seq).is_some_and(|entry| *entry != payload)) {
        problems.push(format!("{name} received another {seq} on {topic} than the log has"));
    }
}

fn check_rights(
    name: &str,
    topic: &str,
    received: &[(u64, Value)],
    taken: Option<&Revocation>,
    problems: &mut Vec<String>,
) {
    if topic == SECRET {
        problems.push(format!("{name} received {topic}"));
    }
    let Some(taken) = taken else { return };
    let grace = i64::try_from(GRACE_PERIOD.as_millis()).unwrap();
    let late = received.iter().filter_map(|(_, payload)| payload["at"].as_i64()).map(|at| at - taken.at_ms).max();
    if let Some(late) = late.filter(|late| *late > grace) {
        problems.push(format!("{name} received an event of {topic} {late} ms after the right was taken away"));
    }
}
