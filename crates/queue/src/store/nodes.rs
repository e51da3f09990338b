//! Statements for nodes: their heartbeats and the jobs that they execute.

use std::collections::HashMap;

use db::{Db, params, sql};

use crate::{error::Error, job::Job, store::NodeQueue};

/// The result of a heartbeat.
pub(crate) struct HeartbeatResult {
    /// Whether the node was not registered before: it is new, or the others took it for dead.
    pub registered: bool,
    /// The database's time in milliseconds since 1970, if the database has its own clock.
    pub time: Option<i64>,
}

/// Writes one heartbeat of `node` with its start time, its current time and its queues as JSON. The first
/// heartbeat registers the node.
pub(crate) async fn heartbeat(
    db: &Db,
    node: &str,
    started_at: i64,
    now: i64,
    queues: &str,
) -> Result<HeartbeatResult, Error> {
    let sql = sql!(
        sqlite: "insert into nodes (name, beat, started_at, beaten_at, lanes) values ($1, 1, $2, $3, $4)
            on conflict (name) do update
            set beat = nodes.beat + 1, beaten_at = excluded.beaten_at, lanes = excluded.lanes
            returning beat, null as time",
        postgres: "insert into nodes (name, beat, started_at, beaten_at, lanes) values ($1, 1, $2, $3, $4)
            on conflict (name) do update
            set beat = nodes.beat + 1, beaten_at = excluded.beaten_at, lanes = excluded.lanes
            returning beat, cast(floor(extract(epoch from clock_timestamp()) * 1000) as bigint) as time",
    );
    let rows = db.all(sql, params![node, started_at, now, queues]).await?;
    let Some(row) = rows.first() else { return Ok(HeartbeatResult { registered: false, time: None }) };
    Ok(HeartbeatResult { registered: row.int("beat")? == 1, time: row.opt_int("time")? })
}

/// Shortens the wait of every job whose latest attempt started after `now`: its times come from a clock that
/// has since been set back, which would prolong its back-off or snooze.
pub(crate) async fn rebase_waits(db: &Db, now: i64, tolerance: i64) -> Result<(), Error> {
    let sql = sql!(
        "update jobs set scheduled_at = scheduled_at - (attempted_at - $1), attempted_at = $1
         where state in ('scheduled', 'retryable') and waits_for = 0 and attempted_at > $2"
    );
    db.execute(sql, params![now, now + tolerance]).await?;
    Ok(())
}

/// The number of heartbeats of every node.
pub(crate) async fn heartbeats(db: &Db) -> Result<Vec<(String, i64)>, Error> {
    let mut tx = db.snapshot().await?;
    let rows = tx.all(sql!("select name, beat from nodes order by name"), params![]).await?;
    Ok(rows.iter().map(|row| Ok((row.text("name")?, row.int("beat")?))).collect::<Result<_, db::Error>>()?)
}

/// What each other node supports: the workers and the versions of their arguments.
pub(crate) async fn other_nodes(db: &Db, node: &str) -> Result<Vec<HashMap<String, u32>>, Error> {
    let sql = sql!("select lanes from nodes where name <> $1 order by name");
    let rows = db.snapshot().await?.all(sql, params![node]).await?;
    rows.iter()
        .map(|row| {
            let queues: Vec<NodeQueue> = row.decode("nodes.lanes", |json| serde_json::from_str(json))?;
            Ok(queues.into_iter().flat_map(|pool| pool.workers).collect())
        })
        .collect()
}

/// Removes a node, unless it has sent another heartbeat.
pub(crate) async fn remove_silent_node(db: &Db, node: &str, beat: i64) -> Result<(), Error> {
    db.execute(sql!("delete from nodes where name = $1 and beat = $2"), params![node, beat]).await?;
    Ok(())
}

/// Removes all other nodes.
pub(crate) async fn remove_other_nodes(db: &Db, node: &str) -> Result<(), Error> {
    db.execute(sql!("delete from nodes where name <> $1"), params![node]).await?;
    Ok(())
}

/// Removes `node`, unless it still executes jobs.
pub(crate) async fn deregister(db: &Db, node: &str) -> Result<(), Error> {
    let sql = sql!(
        "delete from nodes
         where name = $1
             and not exists (select 1 from jobs where jobs.node = $1 and jobs.state = 'executing')"
    );
    db.execute(sql, params![node]).await?;
    Ok(())
}

/// The jobs that `node` executes.
pub(crate) async fn executing_on(db: &Db, node: &str) -> Result<Vec<Job>, Error> {
    let sql = select_jobs!("where state = 'executing' and node = $1 order by id");
    db.snapshot().await?.all(sql, params![node]).await?.iter().map(Job::from_row).collect()
}

/// Up to 100 executing jobs whose node is not registered.
pub(crate) async fn orphaned(db: &Db) -> Result<Vec<Job>, Error> {
    let sql = select_jobs!(
        "where state = 'executing' and not exists (select 1 from nodes where nodes.name = jobs.node)
         order by id limit 100"
    );
    db.snapshot().await?.all(sql, params![]).await?.iter().map(Job::from_row).collect()
}
