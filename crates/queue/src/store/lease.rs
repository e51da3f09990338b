//! Leases: extended, lost, expired.

use std::collections::HashSet;

use db::{Tx, params, sql};

use crate::{
    error::Error,
    job::{Job, JobId},
    store::Owner,
};

/// Expired leases that are looked at in one go.
const RESCUED_AT_ONCE: i64 = 100;

/// Extends the lease of one attempt, if it still owns its job.
pub(crate) async fn extend(tx: &mut Tx, owner: &Owner, until: i64) -> Result<(), Error> {
    let sql = sql!(
        "update jobs set lease_until = $4
         where id = $1 and attempt = $2 and node = $3 and state = 'executing'"
    );
    let params = params![owner.id.to_string(), owner.attempt, owner.node.as_str(), until];
    if tx.execute(sql, params).await? == 0 { Err(owner.lost()) } else { Ok(()) }
}

/// Extends the leases of the jobs `ids` (a JSON array) that `node` still owns. Rows that are
/// locked are left out: their attempt is in a fenced transaction, which extends the lease itself.
pub(crate) async fn beat(tx: &mut Tx, node: &str, ids: &str, until: i64) -> Result<(), Error> {
    let sql = sql!(
        sqlite: "update jobs set lease_until = $3
            where node = $1 and state = 'executing' and id in (select value from json_each($2))",
        postgres: "with mine as materialized (
                select id from jobs
                where node = $1 and state = 'executing'
                    and id in (select json_array_elements_text(cast($2 as json)))
                for update skip locked)
            update jobs set lease_until = $3 where id in (select id from mine)",
    );
    tx.execute(sql, params![node, ids, until]).await?;
    Ok(())
}

/// The jobs that `node` owns, with their attempts.
pub(crate) async fn owned(tx: &mut Tx, node: &str) -> Result<HashSet<(JobId, u32)>, Error> {
    let sql = sql!("select id, attempt from jobs where node = $1 and state = 'executing' order by id");
    let mut owned = HashSet::new();
    for row in tx.all(sql, params![node]).await? {
        let id = row.text("id")?;
        let Ok(parsed) = id.parse() else { return Err(Error::Unreadable { id, what: "id" }) };
        let attempt = u32::try_from(row.int("attempt")?).map_err(|_| Error::Unreadable { id, what: "attempt" })?;
        owned.insert((parsed, attempt));
    }
    Ok(owned)
}

/// Jobs of `queue` whose lease ended before `now`.
pub(crate) async fn expired(tx: &mut Tx, queue: &str, now: i64) -> Result<Vec<Job>, Error> {
    let sql = sql!(
        "select id, queue, worker, args, state, attempt, max_attempts, scheduled_at, node, errors
         from jobs where state = 'executing' and queue = $1 and lease_until < $2
         order by lease_until, id limit $3"
    );
    tx.all(sql, params![queue, now, RESCUED_AT_ONCE]).await?.iter().map(Job::read).collect()
}

/// Jobs that a process other than `node` executes. Only right where there is one process.
pub(crate) async fn orphaned(tx: &mut Tx, node: &str) -> Result<Vec<Job>, Error> {
    let sql = sql!(
        "select id, queue, worker, args, state, attempt, max_attempts, scheduled_at, node, errors
         from jobs where state = 'executing' and node <> $1 order by id"
    );
    tx.all(sql, params![node]).await?.iter().map(Job::read).collect()
}
