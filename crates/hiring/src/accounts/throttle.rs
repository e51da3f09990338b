//! Sign-ins are counted, in the database, so that another node does not give new tries.

use db::{params, sql};

use crate::{Hiring, error::Error};

const WINDOW_MS: i64 = 15 * 60 * 1_000;

/// What is counted, and how many failures of it a window bears: one account from one place; any
/// account from one place (a list of stolen passwords); one account from anywhere.
fn keys(email: &str, from: &str) -> [(String, i64); 3] {
    [(format!("both:{from}:{email}"), 5), (format!("from:{from}"), 50), (format!("account:{email}"), 50)]
}

impl Hiring {
    /// Counts a try before its password is looked at, so that many at the same time are no more
    /// than many in a row: `no_more_than_five_of_twenty_tries_at_once_are_looked_at`.
    pub(super) async fn count_try(&self, email: &str, from: &str) -> Result<(), Error> {
        let now = self.now_ms();
        let mut tx = self.db().begin().await?;
        for (key, bearable) in keys(email, from) {
            let count = sql!(
                "insert into throttles (key, failures, window_ends_at) values ($1, 1, $2)
                 on conflict (key) do update set
                     failures = case when throttles.window_ends_at > $3 then throttles.failures + 1 else 1 end,
                     window_ends_at = case when throttles.window_ends_at > $3
                                           then throttles.window_ends_at else excluded.window_ends_at end
                 returning failures, window_ends_at"
            );
            let row = tx.one(count, params![key, now + WINDOW_MS, now]).await?;
            if row.int("failures")? > bearable {
                // Not committed: a try that is not looked at does not count.
                let minutes = (row.int("window_ends_at")? - now).div_euclid(60_000) + 1;
                return Err(Error::Throttled { minutes });
            }
        }
        Ok(tx.commit().await?)
    }

    /// A right password clears the count of this account from this place, and was no failure of
    /// the others.
    pub(super) async fn forgive(&self, email: &str, from: &str) -> Result<(), Error> {
        let [(both, _), others @ ..] = keys(email, from);
        let mut tx = self.db().begin().await?;
        tx.execute(sql!("delete from throttles where key = $1"), params![both]).await?;
        for (key, _) in others {
            let forgive = sql!("update throttles set failures = failures - 1 where key = $1 and failures > 0");
            tx.execute(forgive, params![key]).await?;
        }
        Ok(tx.commit().await?)
    }
}
