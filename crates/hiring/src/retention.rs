//! Folding topics that have become quiet: their events give way to the state that they made.

use db::{Tx, params, sql};
use domain::{ApplicationId, PostingId, UserId};

use crate::{Hiring, accounts, applications, error::Error};

/// A topic is quiet when nothing has happened on it for so long, in milliseconds. Whoever was away for
/// longer gets the state instead of the events, which looks the same.
const QUIET_MS: i64 = 60 * 60 * 1_000;
/// Fewer events than that are not worth a write.
const WORTH: u32 = 8;
/// Topics found at once.
const PAGE: u32 = 200;

impl Hiring {
    /// Folds every topic that is quiet; how many events are gone. Each topic is a transaction of its own.
    ///
    /// # Errors
    /// When the database cannot be used; what is folded until then stays so.
    pub async fn fold_topics(&self) -> Result<u64, Error> {
        let mut gone = 0;
        for kind in ["application", "posting", "status", "user"] {
            let mut after = String::new();
            loop {
                let topics = self.quiet_topics(kind, &after).await?;
                let Some(last) = topics.last() else { break };
                last.clone_into(&mut after);
                for topic in &topics {
                    gone += self.fold_topic(kind, topic).await?;
                }
            }
        }
        Ok(gone)
    }

    async fn quiet_topics(&self, kind: &str, after: &str) -> Result<Vec<String>, Error> {
        let mut tx = self.db().snapshot().await?;
        let quiet_since = self.now_ms() - QUIET_MS;
        let topics = live::unfolded(&mut tx, kind, WORTH, quiet_since, after, PAGE).await?;
        tx.commit().await?;
        Ok(topics)
    }

    async fn fold_topic(&self, kind: &str, topic: &str) -> Result<u64, Error> {
        let id = topic.split_once(':').map_or("", |(_, id)| id);
        let mut tx = self.db().begin().await?;
        let gone = match kind {
            "application" => fold_row(&mut tx, topic, id, Row::Application).await?,
            "status" => fold_row(&mut tx, topic, id, Row::Status).await?,
            "user" => fold_user(&mut tx, topic, id).await?,
            _ => fold_list(&mut tx, topic, id).await?,
        };
        tx.commit().await?;
        Ok(gone)
    }
}

/// Which fold an application's row holds.
enum Row {
    Application,
    Status,
}

/// The row holds the fold and where it stands: whatever is published changes both.
async fn fold_row(tx: &mut Tx, topic: &str, id: &str, row: Row) -> Result<u64, Error> {
    let Ok(id) = id.parse::<ApplicationId>() else { return Ok(0) };
    // Nobody folds another event in meanwhile.
    match applications::lock(tx, id).await {
        Err(Error::NotFound { .. }) => return Ok(0),
        locked => drop(locked?),
    }
    let read = match row {
        Row::Application => sql!("select state as fold, seq as at from applications where id = $1"),
        Row::Status => sql!("select status as fold, status_seq as at from applications where id = $1"),
    };
    let found = tx.one(read, params![id.to_string()]).await?;
    let state: serde_json::Value = serde_json::from_str(&found.text("fold")?)?;
    Ok(live::fold(tx, topic, found.int("at")?.unsigned_abs(), &state).await?)
}

/// The list is made of rows that are changed by the transactions which publish, and those hold the
/// topic's counter until their end; so does this one.
async fn fold_list(tx: &mut Tx, topic: &str, id: &str) -> Result<u64, Error> {
    let Ok(id) = id.parse::<PostingId>() else { return Ok(0) };
    let at = live::lock(tx, topic).await?;
    let list = applications::list(tx, id).await?;
    Ok(live::fold(tx, topic, at, &list).await?)
}

/// As the list: a role changes in the transaction that publishes it.
async fn fold_user(tx: &mut Tx, topic: &str, id: &str) -> Result<u64, Error> {
    let Ok(id) = id.parse::<UserId>() else { return Ok(0) };
    let at = live::lock(tx, topic).await?;
    match accounts::user_state(tx, id).await? {
        Some(state) => Ok(live::fold(tx, topic, at, &state).await?),
        None => Ok(0),
    }
}
