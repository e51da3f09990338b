//! Failed sign-ins are counted, in the database, so that another node does not give new tries.

use db::{params, sql};

use crate::{Hiring, error::Error};

const WINDOW_MS: i64 = 15 * 60 * 1_000;

/// What is counted, and how many failures of it a window bears: one account from one place; any
/// account from one place (a list of stolen passwords); one account from anywhere.
fn keys(email: &str, from: &str) -> [(String, i64); 3] {
    [(format!("both:{from}:{email}"), 5), (format!("from:{from}"), 50), (format!("account:{email}"), 50)]
}

impl Hiring {
    pub(super) async fn refuse_if_throttled(&self, email: &str, from: &str) -> Result<(), Error> {
        let now = self.now_ms();
        let mut tx = self.db().snapshot().await?;
        for (key, bearable) in keys(email, from) {
            let find =
                sql!("select window_ends_at from throttles where key = $1 and failures >= $2 and window_ends_at > $3");
            if let Some(row) = tx.optional(find, params![key, bearable, now]).await? {
                let minutes = (row.int("window_ends_at")? - now).div_euclid(60_000) + 1;
                return Err(Error::Throttled { minutes });
            }
        }
        Ok(())
    }

    pub(super) async fn count_failure(&self, email: &str, from: &str) -> Result<(), Error> {
        let now = self.now_ms();
        let mut tx = self.db().begin().await?;
        tx.execute(sql!("delete from throttles where window_ends_at <= $1"), params![now]).await?;
        for (key, _) in keys(email, from) {
            tx.execute(
                sql!(
                    "insert into throttles (key, failures, window_ends_at) values ($1, 1, $2)
                     on conflict (key) do update set failures = throttles.failures + 1"
                ),
                params![key, now + WINDOW_MS],
            )
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// A right password clears the count of this account from this place.
    pub(super) async fn forgive(&self, email: &str, from: &str) -> Result<(), Error> {
        let [(key, _), ..] = keys(email, from);
        let mut tx = self.db().begin().await?;
        tx.execute(sql!("delete from throttles where key = $1"), params![key]).await?;
        tx.commit().await?;
        Ok(())
    }
}
