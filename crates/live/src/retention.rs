//! Keeps the log small: the events of a topic that has become quiet give way to their fold.
//!
//! The owner of a topic knows its fold; this module refuses to fold anything itself. A client that
//! comes back from before the fold gets the state instead of the events, so
//! `fold(state at k, events after k) == fold(all events)` is all that has to hold
//! (`a_folded_topic_ends_in_the_same_state_from_wherever_one_joins`).

use db::{Tx, params, sql};
use serde::Serialize;

use crate::error::Error;

/// Topics of `kind` that have at least `events` events since they were folded, and none since
/// `quiet_since_ms`; at most `limit` of them, in the order of their names after `after`.
///
/// # Errors
/// [`Error::Db`].
pub async fn unfolded(
    tx: &mut Tx,
    kind: &str,
    events: u32,
    quiet_since_ms: i64,
    after: &str,
    limit: u32,
) -> Result<Vec<String>, Error> {
    // Names are ASCII, so `;`, which follows on `:`, ends the range.
    let (first, end) = (format!("{kind}:"), format!("{kind};"));
    let from = if after > first.as_str() { after } else { first.as_str() };
    let find = sql!(
        "select topics.name from topics
         join events on events.topic = topics.name and events.seq = topics.seq
         where topics.name > $1 and topics.name < $2 and topics.seq > topics.folded
             and topics.seq - topics.folded >= $3 and events.published_at < $4
         order by topics.name limit $5"
    );
    let rows = tx.all(find, params![from, end, events, quiet_since_ms, limit]).await?;
    Ok(rows.iter().map(|row| row.text("name")).collect::<Result<_, _>>()?)
}

/// The newest seq of `topic`, which nobody can publish to until `tx` ends.
///
/// # Errors
/// [`Error::Db`].
pub async fn lock(tx: &mut Tx, topic: &str) -> Result<u64, Error> {
    let find = sql!(
        sqlite: "select seq from topics where name = $1",
        postgres: "select seq from topics where name = $1 for update",
    );
    let row = tx.optional(find, params![topic]).await?;
    Ok(row.map(|row| row.int("seq")).transpose()?.map_or(0, i64::unsigned_abs))
}

/// Puts `state` in the place of the events of `topic` up to `at`, whose fold it is; how many events
/// are gone. Nothing happens when that event is not there (any more).
///
/// # Errors
/// [`Error::Encode`], [`Error::Db`].
pub async fn fold<S: Serialize>(tx: &mut Tx, topic: &str, at: u64, state: &S) -> Result<u64, Error> {
    let payload = serde_json::to_string(state)?;
    let replace = sql!("update events set payload = $3, whole = 1 where topic = $1 and seq = $2");
    if tx.execute(replace, params![topic, at, payload]).await? == 0 {
        return Ok(0);
    }
    let gone = tx.execute(sql!("delete from events where topic = $1 and seq < $2"), params![topic, at]).await?;
    tx.execute(sql!("update topics set folded = $2 where name = $1 and folded < $2"), params![topic, at]).await?;
    Ok(gone)
}
