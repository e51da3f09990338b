//! Throttling of sign-ins. Attempts are counted in the database, so that the limits hold over all nodes.

use db::{params, sql};

use crate::{Hiring, error::Error};

const WINDOW_MS: i64 = 15 * 60 * 1_000;

/// The counters of an attempt with their maximum number of failures per window: one account from one
/// network address; any account from one address (credential stuffing); one account from anywhere.
fn counters(email: &str, from: &str) -> [(String, i64); 3] {
    [(format!("both:{from}:{email}"), 5), (format!("from:{from}"), 50), (format!("account:{email}"), 50)]
}

impl Hiring {
    /// Counts an attempt before its password is verified, so that concurrent attempts are limited like
    /// consecutive ones: `no_more_than_five_of_twenty_tries_at_once_are_looked_at`.
    pub(super) async fn count_attempt(&self, email: &str, from: &str) -> Result<(), Error> {
        let now = self.now_ms();
        let mut tx = self.db().begin().await?;
        for (key, max_failures) in counters(email, from) {
            let count = sql!(
                "insert into throttles (key, failures, window_ends_at) values ($1, 1, $2)
                 on conflict (key) do update set
                     failures = case when throttles.window_ends_at > $3 then throttles.failures + 1 else 1 end,
                     window_ends_at = case when throttles.window_ends_at > $3
                                           then throttles.window_ends_at else excluded.window_ends_at end
                 returning failures, window_ends_at"
                => { failures: i64, window_ends_at: i64 }
            );
            let row = tx.one(count, params![key, now + WINDOW_MS, now]).await?;
            if row.failures > max_failures {
                // Rolled back: an attempt that is refused here does not count.
                let minutes = (row.window_ends_at - now).div_euclid(60_000) + 1;
                return Err(Error::Throttled { minutes });
            }
        }
        Ok(tx.commit().await?)
    }

    /// Undoes the count of a successful attempt: resets the counter of this account from this address
    /// and decrements the others.
    pub(super) async fn uncount_attempt(&self, email: &str, from: &str) -> Result<(), Error> {
        let [(both, _), others @ ..] = counters(email, from);
        let mut tx = self.db().begin().await?;
        tx.execute(sql!("delete from throttles where key = $1"), params![both]).await?;
        for (key, _) in others {
            let decrement = sql!("update throttles set failures = failures - 1 where key = $1 and failures > 0");
            tx.execute(decrement, params![key]).await?;
        }
        Ok(tx.commit().await?)
    }
}
