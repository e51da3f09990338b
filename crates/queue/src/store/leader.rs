//! Statements for the election of the leader.

use db::{Db, params, sql};

use crate::error::Error;

/// The name of the leader's row.
pub(crate) const ROLE: &str = "plugins";

/// The leader's node, its term and the number of its heartbeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leader {
    pub node: String,
    pub term: i64,
    pub beat: i64,
}

pub(crate) async fn leadership(db: &Db, role: &str) -> Result<Option<Leader>, Error> {
    let mut tx = db.snapshot().await?;
    let row = tx.optional(sql!("select node, term, beat from leaders where role = $1"), params![role]).await?;
    Ok(row
        .map(|row| {
            Ok::<_, db::Error>(Leader { node: row.text("node")?, term: row.int("term")?, beat: row.int("beat")? })
        })
        .transpose()?)
}

/// Takes over from a leader whose heartbeat has not changed, or from nobody. Returns the new term, or `None`
/// if another node was faster.
pub(crate) async fn take_leadership(
    db: &Db,
    role: &str,
    node: &str,
    from: Option<&Leader>,
) -> Result<Option<i64>, Error> {
    let rows = match from {
        None => {
            let sql = sql!(
                "insert into leaders (role, node, term, beat) values ($1, $2, 1, 0) on conflict do nothing
                 returning term"
            );
            db.all(sql, params![role, node]).await?
        }
        Some(silent) => {
            let sql = sql!(
                "update leaders set node = $2, term = term + 1, beat = 0
                 where role = $1 and term = $3 and beat = $4 returning term"
            );
            db.all(sql, params![role, node, silent.term, silent.beat]).await?
        }
    };
    Ok(rows.first().map(|row| row.int("term")).transpose()?)
}

/// Writes one heartbeat of the leader. Returns whether it still leads.
pub(crate) async fn renew_leadership(db: &Db, role: &str, node: &str, term: i64) -> Result<bool, Error> {
    let sql = sql!("update leaders set beat = beat + 1 where role = $1 and node = $2 and term = $3");
    Ok(db.execute(sql, params![role, node, term]).await? > 0)
}

/// Lets the next node that checks take over. The term stays, so that it never decreases.
pub(crate) async fn resign(db: &Db, role: &str, node: &str, term: i64) -> Result<(), Error> {
    let sql = sql!("update leaders set node = '', beat = beat + 1 where role = $1 and node = $2 and term = $3");
    db.execute(sql, params![role, node, term]).await?;
    Ok(())
}
