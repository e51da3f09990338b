//! Decides over what a run left behind: the log, what was committed with it, and every client's
//! history. Knows nothing of how it came about.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use db::{Db, params, sql};
use serde_json::Value;

use crate::{
    follower::{History, topics},
    producer::{SECRET, STATE},
};

/// Events published so long after a right was taken away must reach nobody who had it: a second,
/// and as long as a process may have stood still.
pub const GRACE: Duration = Duration::from_millis(4_000);

/// A right that was taken away.
#[derive(Clone, Debug)]
pub struct Revocation {
    pub who: String,
    pub topic: String,
    /// When its transaction had committed, in milliseconds since 1970.
    pub at_ms: i64,
}

/// What the database holds.
pub struct Truth {
    pub log: BTreeMap<String, Vec<(u64, Value)>>,
    /// The counters of the topics.
    pub counted: BTreeMap<String, u64>,
    /// The rows that were committed with the events.
    pub effects: BTreeMap<String, BTreeSet<String>>,
}

impl Truth {
    pub async fn read(db: &Db) -> Self {
        let read = async {
            // The connections at hand may have been cut, and the database may be starting again.
            loop {
                match Self::try_read(db).await {
                    Ok(truth) => return truth,
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
            let logged = live::read_since(&mut tx, topic, 0, u32::MAX >> 1).await?;
            let events = logged.iter().map(|logged| (logged.seq, serde_json::from_str(&logged.payload).unwrap()));
            log.insert(topic.to_owned(), events.collect());
            counted.insert(topic.to_owned(), live::seq(&mut tx, topic).await?);
        }
        let mut effects = BTreeMap::<_, BTreeSet<_>>::new();
        for row in tx.all(sql!("select topic, id from effects order by topic, id"), params![]).await? {
            effects.entry(row.text("topic")?).or_default().insert(row.text("id")?);
        }
        tx.commit().await?;
        Ok(Self { log, counted, effects })
    }
}

/// Everything that is not as it was promised.
pub fn verdict(truth: &Truth, clients: &[(String, History)], revoked: &[Revocation]) -> Vec<String> {
    let mut faults = Vec::new();
    for (topic, events) in &truth.log {
        check_log(topic, events, truth, &mut faults);
    }
    for (name, history) in clients {
        for (topic, heard) in &history.heard {
            let taken = revoked.iter().find(|right| right.who == *name && right.topic == *topic);
            check_rights(name, topic, heard, taken, &mut faults);
            check_history(name, topic, heard, &truth.log[topic], &mut faults);
        }
        for (topic, events) in truth.log.iter().filter(|(topic, _)| *topic != SECRET) {
            let may = !revoked.iter().any(|right| right.who == *name && right.topic == *topic);
            if let Some(reason) = history.closed.get(topic).filter(|_| may) {
                faults.push(format!("{name} was put out of {topic}: {reason:?}"));
            }
            let heard = history.heard.get(topic).map_or(&[][..], Vec::as_slice);
            if may && fold(heard) != fold(events) {
                let (last, newest) = (heard.last().map_or(0, |event| event.0), truth.counted[topic]);
                faults.push(format!("{name} has another state of {topic} than the log: {last} of {newest}"));
            }
        }
    }
    faults
}

/// What a page would show: for a topic of wholes the newest, else all events in their order.
fn fold(events: &[(u64, Value)]) -> Vec<&Value> {
    let whole = events.iter().rposition(|(_, payload)| payload["whole"] == true).unwrap_or(0);
    events[whole..].iter().map(|(_, payload)| payload).collect()
}

fn check_log(topic: &str, events: &[(u64, Value)], truth: &Truth, faults: &mut Vec<String>) {
    let first = if topic == STATE { events.first().map_or(0, |event| event.0) } else { 1 };
    let mut last = BTreeMap::new();
    for ((seq, payload), due) in events.iter().zip(first..) {
        if *seq != due {
            faults.push(format!("the log of {topic} has {seq} where {due} is due"));
            break;
        }
        let (id, number) = (payload["id"].as_str().unwrap(), payload["number"].as_u64().unwrap());
        let producer = id.split('-').next().unwrap().to_owned();
        if producer != "last" && last.insert(producer, number).is_some_and(|before| before >= number) {
            faults.push(format!("the log of {topic} has {id} out of order"));
        }
    }
    let newest = events.last().map_or(0, |event| event.0);
    if newest != truth.counted[topic] {
        faults.push(format!("{topic} counted {} events, and the last one is {newest}", truth.counted[topic]));
    }
    let ids: BTreeSet<_> = events.iter().map(|(_, payload)| payload["id"].as_str().unwrap().to_owned()).collect();
    if topic != STATE && Some(&ids) != truth.effects.get(topic) {
        faults.push(format!("the log of {topic} is not what was committed with it"));
    }
}

/// Each event once, in order, without a gap, as the log has it.
fn check_history(name: &str, topic: &str, heard: &[(u64, Value)], log: &[(u64, Value)], faults: &mut Vec<String>) {
    let mut last = 0;
    for (seq, payload) in heard {
        if *seq <= last || *seq > last + 1 && payload["whole"] != true {
            faults.push(format!("{name} went from {last} to {seq} on {topic}"));
            break;
        }
        last = *seq;
    }
    let log: BTreeMap<_, _> = log.iter().map(|(seq, payload)| (seq, payload)).collect();
    if let Some((seq, _)) = heard.iter().find(|(seq, payload)| log.get(seq).is_some_and(|logged| *logged != payload)) {
        faults.push(format!("{name} was told another {seq} on {topic} than the log has"));
    }
}

fn check_rights(name: &str, topic: &str, heard: &[(u64, Value)], taken: Option<&Revocation>, faults: &mut Vec<String>) {
    if topic == SECRET {
        faults.push(format!("{name} saw {topic}"));
    }
    let Some(taken) = taken else { return };
    let grace = i64::try_from(GRACE.as_millis()).unwrap();
    let late = heard.iter().filter_map(|(_, payload)| payload["at"].as_i64()).map(|at| at - taken.at_ms).max();
    if let Some(late) = late.filter(|late| *late > grace) {
        faults.push(format!("{name} saw on {topic} what came {late} ms after the right was taken away"));
    }
}
