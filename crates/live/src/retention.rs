//! Keeps the log small: replaces the events of a quiet topic by the state that they result in.
//!
//! Only the owner of a topic knows how to fold its events; this module folds nothing itself. A client
//! that joins from before the fold gets the state instead of the events, so the only condition is
//! `fold(state at k, events after k) == fold(all events)`
//! (`a_folded_topic_results_in_the_same_state_from_every_since`).

use db::{Tx, params, sql};
use serde::Serialize;

use crate::error::Error;

/// Finds topics of `kind` that have at least `events` events since they were last folded, none of them
/// at or after `quiet_since_ms`. Returns at most `limit` names that come after `after`, in order.
///
/// # Errors
/// [`Error::Db`].
pub async fn find_unfolded(
    tx: &mut Tx,
    kind: &str,
    events: u32,
    quiet_since_ms: i64,
    after: &str,
    limit: u32,
) -> Result<Vec<String>, Error> {
    // Names are ASCII, and `;` follows `:`, so it ends the range.
    let (first, end) = (format!("{kind}:"), format!("{kind};"));
    let from = if after > first.as_str() { after } else { first.as_str() };
    let find = sql!(
        "select topics.name from topics
         join events on events.topic = topics.name and events.seq = topics.seq
         where topics.name > $1 and topics.name < $2 and topics.seq > topics.folded
             and topics.seq - topics.folded >= $3 and events.published_at < $4
         order by topics.name limit $5"
        => String
    );
    Ok(tx.all(find, params![from, end, events, quiet_since_ms, limit]).await?)
}

/// Locks `topic` until `tx` ends, so that nobody else publishes to it, and returns its newest seq.
///
/// # Errors
/// [`Error::Db`].
pub async fn lock_topic(tx: &mut Tx, topic: &str) -> Result<u64, Error> {
    let find = sql!(
        sqlite: "select seq from topics where name = $1",
        postgres: "select seq from topics where name = $1 for update"
            => u64
    );
    Ok(tx.optional(find, params![topic]).await?.unwrap_or(0))
}

/// Replaces the events of `topic` up to and including seq `at` by `state`, which must be their fold.
/// Returns how many events it deleted: 0 when there is no event `at` (any more).
///
/// # Errors
/// [`Error::Encode`], [`Error::Db`].
pub async fn fold<S: Serialize>(tx: &mut Tx, topic: &str, at: u64, state: &S) -> Result<u64, Error> {
    let payload = serde_json::to_string(state)?;
    let replace = sql!("update events set payload = $3, whole = 1 where topic = $1 and seq = $2");
    if tx.execute(replace, params![topic, at, payload]).await? == 0 {
        return Ok(0);
    }
    let deleted = tx.execute(sql!("delete from events where topic = $1 and seq < $2"), params![topic, at]).await?;
    tx.execute(sql!("update topics set folded = $2 where name = $1 and folded < $2"), params![topic, at]).await?;
    Ok(deleted)
}
