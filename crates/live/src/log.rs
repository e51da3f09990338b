//! The event log: published with the caller's transaction, read from any seq.
//!
//! The topic's row counts `seq` and stays locked until the transaction ends, so events are numbered
//! without a gap and in commit order. A transaction that publishes to several topics must do so in a
//! fixed order of topics; otherwise two of them can deadlock.

use std::sync::Arc;

use db::{Tx, params, sql};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    error::Error,
    event::Event,
    topic::{Topic, is_valid_topic},
};

/// The channel of notifications `"<topic> <seq>"`, one for each commit that published to the topic.
pub const PUBLISHED: &str = "live";

/// An event in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// The event's number in the topic, from 1.
    pub seq: u64,
    /// The event as JSON.
    pub payload: String,
    /// Whether `payload` is the whole state of the topic, which replaces all events before it.
    pub snapshot: bool,
    /// When it was published, in milliseconds since 1970 (UTC).
    pub published_at: i64,
}

/// Publishes `event` when `tx` commits, and returns its seq. Proved by
/// `concurrent_publishers_leave_no_gap` and `a_publish_that_is_rolled_back_leaves_no_gap`.
///
/// # Errors
/// [`Error::Topic`], [`Error::Encode`], [`Error::Db`].
pub async fn publish<E: Serialize>(tx: &mut Tx, topic: &Topic<E>, event: &E, now_ms: i64) -> Result<u64, Error> {
    publish_all(tx, topic, std::slice::from_ref(event), now_ms).await
}

/// Publishes `events` in this order when `tx` commits, and returns the seq of the last one. Without
/// events it returns the topic's newest seq.
///
/// # Errors
/// As [`publish`].
pub async fn publish_all<E: Serialize>(tx: &mut Tx, topic: &Topic<E>, events: &[E], now_ms: i64) -> Result<u64, Error> {
    let name = topic.name();
    if !is_valid_topic(name) {
        return Err(Error::Topic(name.to_owned()));
    }
    if events.is_empty() {
        return last_seq(tx, name).await;
    }
    let payloads = events.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    let last = advance_seq(tx, name, payloads.len()).await?;
    let first = last + 1 - payloads.len() as u64;
    for (seq, payload) in (first..).zip(payloads) {
        insert(tx, name, seq, payload, false, now_ms).await?;
    }
    tx.notify(PUBLISHED, format!("{name} {last}"));
    Ok(last)
}

/// Publishes the whole state of a topic when `tx` commits, and returns its seq. It deletes the events
/// before it: a topic that only has snapshots keeps one row, and a client that was away gets one event
/// (`a_snapshot_replaces_all_events_before_it`).
///
/// # Errors
/// As [`publish`].
pub async fn publish_snapshot<S: Serialize>(
    tx: &mut Tx,
    topic: &Topic<S>,
    state: &S,
    now_ms: i64,
) -> Result<u64, Error> {
    let name = topic.name();
    if !is_valid_topic(name) {
        return Err(Error::Topic(name.to_owned()));
    }
    let payload = serde_json::to_string(state)?;
    let seq = advance_seq(tx, name, 1).await?;
    tx.execute(sql!("delete from events where topic = $1 and seq < $2"), params![name, seq]).await?;
    insert(tx, name, seq, payload, true, now_ms).await?;
    tx.notify(PUBLISHED, format!("{name} {seq}"));
    Ok(seq)
}

/// Adds `events` to the topic's counter, whose row stays locked until `tx` ends; returns the new count.
async fn advance_seq(tx: &mut Tx, topic: &str, events: usize) -> Result<u64, Error> {
    let advance = sql!(
        "insert into topics (name, seq) values ($1, $2)
         on conflict (name) do update set seq = topics.seq + excluded.seq
         returning seq"
        => u64
    );
    Ok(tx.one(advance, params![topic, events]).await?)
}

async fn insert(tx: &mut Tx, topic: &str, seq: u64, payload: String, snapshot: bool, now_ms: i64) -> Result<(), Error> {
    let event = sql!("insert into events (topic, seq, payload, whole, published_at) values ($1, $2, $3, $4, $5)");
    tx.execute(event, params![topic, seq, payload, snapshot, now_ms]).await?;
    Ok(())
}

/// Reads at most `limit` events after `since`, in order.
///
/// # Errors
/// [`Error::Db`].
pub async fn read_since(tx: &mut Tx, topic: &str, since: u64, limit: u32) -> Result<Vec<LogEntry>, Error> {
    let page = sql!(
        "select seq, payload, whole, published_at from events
         where topic = $1 and seq > $2 order by seq limit $3"
        => EventRow
    );
    Ok(tx.all(page, params![topic, since, limit]).await?.into_iter().map(LogEntry::from).collect())
}

db::row! {
    struct EventRow {
        seq: u64,
        payload: String,
        whole: bool,
        published_at: i64,
    }
}

impl From<EventRow> for LogEntry {
    fn from(row: EventRow) -> Self {
        Self { seq: row.seq, payload: row.payload, snapshot: row.whole, published_at: row.published_at }
    }
}

/// The seq of the topic's newest event; 0 when it has none.
///
/// # Errors
/// [`Error::Db`].
pub async fn last_seq(tx: &mut Tx, topic: &str) -> Result<u64, Error> {
    let find = sql!("select seq from topics where name = $1" => u64);
    Ok(tx.optional(find, params![topic]).await?.unwrap_or(0))
}

/// The newest seqs of those of `topics` that have events, ordered by topic.
pub(crate) async fn last_seqs(tx: &mut Tx, topics: &[&str]) -> Result<Vec<(String, u64)>, Error> {
    let seqs = sql!(
        sqlite: "select name, seq from topics where name in (select value from json_each($1)) order by name",
        postgres: "select name, seq from topics
            where name in (select jsonb_array_elements_text(cast($1 as jsonb))) order by name"
            => { name: String, seq: u64 }
    );
    let rows = tx.all(seqs, params![serde_json::to_string(topics)?]).await?;
    Ok(rows.into_iter().map(|row| (row.name, row.seq)).collect())
}

impl LogEntry {
    /// The event as the hub sends it.
    pub(crate) fn event(&self, topic: &Arc<str>) -> Result<Event, Error> {
        Ok(Event {
            topic: Arc::clone(topic),
            seq: self.seq,
            snapshot: self.snapshot,
            published_at: self.published_at,
            frame: self.frame(topic)?,
        })
    }

    /// The event's frame, a [`ServerMsg::Event`](crate::ServerMsg::Event).
    pub(crate) fn frame(&self, topic: &str) -> Result<Arc<str>, Error> {
        let payload: &RawValue = serde_json::from_str(&self.payload)?;
        let frame = Frame { kind: "event", topic, seq: self.seq, snapshot: self.snapshot, payload };
        Ok(serde_json::to_string(&frame)?.into())
    }
}

/// [`ServerMsg::Event`](crate::ServerMsg::Event) with the log's payload, which is not parsed.
#[derive(Serialize)]
struct Frame<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    topic: &'a str,
    seq: u64,
    #[serde(rename = "whole", skip_serializing_if = "std::ops::Not::not")]
    snapshot: bool,
    payload: &'a RawValue,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ServerMsg;

    #[test]
    fn the_frame_of_a_log_entry_decodes_as_that_event() {
        for snapshot in [false, true] {
            let payload = r#"{"text":"a \"b\"","n":[1,2.5,null]}"#.to_owned();
            let entry = LogEntry { seq: 7, payload, snapshot, published_at: 0 };
            let frame = entry.frame("application:1").unwrap();
            let payload = serde_json::json!({"text": "a \"b\"", "n": [1, 2.5, null]});
            let event = ServerMsg::Event { topic: "application:1".to_owned(), seq: 7, payload, snapshot };
            assert_eq!(ServerMsg::decode(&frame).unwrap(), event);
            assert_eq!(frame.contains("whole"), snapshot, "the field is left out where it is false");
        }
    }
}
