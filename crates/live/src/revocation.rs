//! Taking a right away: who loses one has the topics of their sockets authorised again.
//!
//! A revocation is an event like any other, on a topic that no client may join, so it reaches every
//! node even when its hint is lost: `a_revocation_without_its_hint_is_healed`.

use db::{Tx, params, sql};

use crate::{error::Error, log, topic::Topic};

/// The topic of revocations; its events are subjects.
pub(crate) const REVOKED: &str = "live.revoked";
/// Revocations that are kept: a node that missed more authorises everybody again.
const KEPT: u64 = 1_000;

/// Has the sockets of `subject` authorise their topics again, on every node, once `tx` commits.
/// Say so with the transaction that takes a role away, ends a session or disables an account.
///
/// # Errors
/// [`Error::Db`].
pub async fn revoke(tx: &mut Tx, subject: &str, now_ms: i64) -> Result<(), Error> {
    let seq = log::publish(tx, &Topic::only(REVOKED), &subject.to_owned(), now_ms).await?;
    let forget = sql!("delete from events where topic = $1 and seq < $2");
    tx.execute(forget, params![REVOKED, seq.saturating_sub(KEPT)]).await?;
    Ok(())
}

/// Whom the revocations after `since` concern.
pub(crate) enum Revoked {
    /// These, up to this seq.
    Subjects(Vec<String>, u64),
    /// Too many to tell, up to this seq.
    Everybody(u64),
}

/// What was revoked after `since`; after `None` that is not known.
pub(crate) async fn read(tx: &mut Tx, since: Option<u64>) -> Result<Revoked, Error> {
    let newest = log::seq(tx, REVOKED).await?;
    let Some(since) = since else { return Ok(Revoked::Everybody(newest)) };
    let page = log::read_since(tx, REVOKED, since, u32::try_from(KEPT).unwrap_or(u32::MAX)).await?;
    let gapless = (since + 1..).zip(&page).all(|(seq, logged)| seq == logged.seq);
    let last = page.last().map_or(since, |logged| logged.seq);
    if !gapless || last < newest {
        return Ok(Revoked::Everybody(newest));
    }
    let subjects = page.iter().map(|logged| serde_json::from_str(&logged.payload)).collect::<Result<_, _>>()?;
    Ok(Revoked::Subjects(subjects, last))
}
