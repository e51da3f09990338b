//! Revocation: when a user loses a right, the server authorizes the topics of their sockets again.
//!
//! A revocation is an event on a topic that no client may join, so it reaches every node even when its
//! notification is lost: `a_revocation_without_its_notification_is_found_by_reconciling`.

use db::{Tx, params, sql};

use crate::{error::Error, log, topic::Topic};

/// The topic of revocations. Its events are subjects.
pub(crate) const REVOKED: &str = "live.revoked";
/// How many revocations the log keeps. A node that missed more authorizes every socket again.
const MAX_KEPT: u64 = 1_000;

/// Has every node authorize the topics of `subject`'s sockets again once `tx` commits. Call it in the
/// transaction that takes a role away, ends a session or disables an account.
///
/// # Errors
/// [`Error::Db`].
pub async fn revoke(tx: &mut Tx, subject: &str, now_ms: i64) -> Result<(), Error> {
    let seq = log::publish(tx, &Topic::named(REVOKED), &subject.to_owned(), now_ms).await?;
    let prune = sql!("delete from events where topic = $1 and seq < $2");
    tx.execute(prune, params![REVOKED, seq.saturating_sub(MAX_KEPT)]).await?;
    Ok(())
}

/// The subjects whose sockets must be authorized again, and the seq of the last revocation.
pub(crate) enum Revoked {
    /// These subjects.
    Subjects(Vec<String>, u64),
    /// All subjects, because the log no longer has every revocation.
    Everybody(u64),
}

/// Reads the revocations after `since`; `None` means that the caller has read none yet.
pub(crate) async fn read(tx: &mut Tx, since: Option<u64>) -> Result<Revoked, Error> {
    let newest = log::last_seq(tx, REVOKED).await?;
    let Some(since) = since else { return Ok(Revoked::Everybody(newest)) };
    let page = log::read_since(tx, REVOKED, since, u32::try_from(MAX_KEPT).unwrap_or(u32::MAX)).await?;
    let gapless = (since + 1..).zip(&page).all(|(seq, entry)| seq == entry.seq);
    let last = page.last().map_or(since, |entry| entry.seq);
    if !gapless || last < newest {
        return Ok(Revoked::Everybody(newest));
    }
    let subjects = page.iter().map(|entry| serde_json::from_str(&entry.payload)).collect::<Result<_, _>>()?;
    Ok(Revoked::Subjects(subjects, last))
}
