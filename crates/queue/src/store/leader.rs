//! Who does what only one node shall do.

use db::{Db, params, sql};

use crate::error::Error;

/// Somebody leads: the node, since which term, and its beat.
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

/// Takes over from a leader that is still at this beat, or from nobody; the new term.
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

/// One more beat of the leader; whether it still leads.
pub(crate) async fn renew_leadership(db: &Db, role: &str, node: &str, term: i64) -> Result<bool, Error> {
    let sql = sql!("update leaders set beat = beat + 1 where role = $1 and node = $2 and term = $3");
    Ok(db.execute(sql, params![role, node, term]).await? > 0)
}

/// Leaves the role to whoever looks first. The term stays, so that it never goes back.
pub(crate) async fn resign(db: &Db, role: &str, node: &str, term: i64) -> Result<(), Error> {
    let sql = sql!("update leaders set node = '', beat = beat + 1 where role = $1 and node = $2 and term = $3");
    db.execute(sql, params![role, node, term]).await?;
    Ok(())
}
