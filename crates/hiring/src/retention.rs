//! Folding of inactive topics: replaces their events by a snapshot of the resulting state.

use db::{Tx, params, sql};
use domain::{ApplicationId, PostingId, Topic, TopicKind, UserId, applicant::ApplicantStatus};

use crate::{Hiring, accounts, applications, error::Error};

/// A topic is inactive after this many milliseconds without an event. A client that was offline for
/// longer receives the snapshot instead of the events, with the same result.
const INACTIVE_MS: i64 = 60 * 60 * 1_000;
/// Minimum number of events for which folding a topic is worth a write.
const MIN_EVENTS: u32 = 8;
/// Number of topics per query.
const PAGE_SIZE: u32 = 200;

/// The kinds of topics whose state can be read from the database. The queue's events are complete
/// states, of which the log keeps the last.
const FOLDED: [TopicKind; 4] = [TopicKind::Application, TopicKind::Posting, TopicKind::Status, TopicKind::User];

impl Hiring {
    /// Folds every inactive topic, each in a transaction of its own. Returns how many events were removed.
    ///
    /// # Errors
    /// [`Error::Db`] or [`Error::Live`] when the database fails or a topic's state cannot be decoded;
    /// topics folded before stay folded.
    pub async fn fold_topics(&self) -> Result<u64, Error> {
        let mut removed = 0;
        for kind in FOLDED {
            let mut after = String::new();
            loop {
                let names = self.inactive_topics(kind, &after).await?;
                let Some(last) = names.last() else { break };
                last.clone_into(&mut after);
                for name in &names {
                    removed += self.fold_topic(name).await?;
                }
            }
        }
        Ok(removed)
    }

    async fn inactive_topics(&self, kind: TopicKind, after: &str) -> Result<Vec<String>, Error> {
        let mut tx = self.db().snapshot().await?;
        let inactive_since = self.now_ms() - INACTIVE_MS;
        let names = live::find_unfolded(&mut tx, kind.as_str(), MIN_EVENTS, inactive_since, after, PAGE_SIZE).await?;
        tx.commit().await?;
        Ok(names)
    }

    async fn fold_topic(&self, name: &str) -> Result<u64, Error> {
        let stored = |error| db::Error::Stored { column: "topics.name", source: Box::new(error) };
        let topic = name.parse().map_err(stored)?;
        let mut tx = self.db().begin().await?;
        let removed = match topic {
            Topic::Application(id) => fold_application(&mut tx, name, id).await?,
            Topic::Status(id) => fold_status(&mut tx, name, id).await?,
            Topic::User(id) => fold_user(&mut tx, name, id).await?,
            Topic::Posting(id) => fold_list(&mut tx, name, id).await?,
            Topic::Queue => 0,
        };
        tx.commit().await?;
        Ok(removed)
    }
}

/// Folds the topic of an application, whose state is stored in its row: every publication updates the
/// state and its sequence number.
async fn fold_application(tx: &mut Tx, topic: &str, id: ApplicationId) -> Result<u64, Error> {
    // No other node can fold an event into the row until the end of the transaction.
    let locked = match applications::lock(tx, id).await {
        Err(Error::NotFound { .. }) => return Ok(0),
        locked => locked?,
    };
    let row =
        tx.one(sql!("select seq from applications where id = $1" => { seq: u64 }), params![id.to_string()]).await?;
    Ok(live::fold(tx, topic, row.seq, &locked.state).await?)
}

/// Folds the topic of an application's status, which is stored in the application's row, too.
async fn fold_status(tx: &mut Tx, topic: &str, id: ApplicationId) -> Result<u64, Error> {
    match applications::lock(tx, id).await {
        Err(Error::NotFound { .. }) => return Ok(0),
        locked => drop(locked?),
    }
    let read = sql!("select status, status_seq from applications where id = $1" => {
        status: ApplicantStatus as json,
        status_seq: u64,
    });
    let row = tx.one(read, params![id.to_string()]).await?;
    Ok(live::fold(tx, topic, row.status_seq, &row.status).await?)
}

/// Folds a posting's topic. Transactions that publish on it change the rows of the list and lock the
/// topic's counter until their end, as this one does.
async fn fold_list(tx: &mut Tx, topic: &str, id: PostingId) -> Result<u64, Error> {
    let at = live::lock_topic(tx, topic).await?;
    let list = applications::list(tx, id).await?;
    Ok(live::fold(tx, topic, at, &list).await?)
}

/// Folds a user's topic. Like the list, the role changes in the transaction that publishes it.
async fn fold_user(tx: &mut Tx, topic: &str, id: UserId) -> Result<u64, Error> {
    let at = live::lock_topic(tx, topic).await?;
    match accounts::user_state(tx, id).await? {
        Some(state) => Ok(live::fold(tx, topic, at, &state).await?),
        None => Ok(0),
    }
}
