//! Deletes what ended long ago.

use db::{Db, Dialect, params, sql};

use crate::{error::Error, retention::Cutoffs};

/// Rows that are looked at in one transaction. SQLite has one writer, who waits meanwhile.
const fn page(dialect: Dialect) -> i64 {
    match dialect {
        Dialect::Sqlite => 2_000,
        Dialect::Postgres => 5_000,
    }
}

/// What a page of a walk over the table brought.
pub(crate) struct Page {
    pub pruned: u64,
    /// Where the next page begins, if it may have something to prune.
    pub next: Option<i64>,
}

/// Prunes one page of jobs after the id `after`.
///
/// A walk in the order of the ids, and no index of endings: an index would cost every completion,
/// and what is old enough stands at the beginning of the table. The walk ends where jobs were
/// inserted too late to be old enough.
pub(crate) async fn prune(db: &Db, after: i64, cutoffs: &Cutoffs, archive: bool) -> Result<Page, Error> {
    let mut tx = db.begin().await?;
    let last = sql!(
        "select id, inserted_at from jobs where id = (
             select max(id) from (select id from jobs where id > $1 order by id limit $2) as page)"
    );
    let Some(last) = tx.optional(last, params![after, page(db.dialect())]).await? else {
        return Ok(Page { pruned: 0, next: None });
    };
    let (last, inserted_at) = (last.int("id")?, last.int("inserted_at")?);
    let range = || params![after, last, cutoffs.completed, cutoffs.canceled, cutoffs.discarded];
    if archive {
        let sql = sql!(
            "insert into jobs_archive
                 (id, queue, worker, args, state, attempt, tags, meta, inserted_at, ended_at, node, errors, result)
             select id, queue, worker, args, state, attempt, tags, meta, inserted_at, ended_at, node, errors, result
             from jobs
             where id > $1 and id <= $2
                 and (state = 'completed' and ended_at < $3
                     or state = 'cancelled' and ended_at < $4 or state = 'discarded' and ended_at < $5)
                 and (followed = 0 or not exists (
                     select 1 from job_needs join jobs as follower on follower.id = job_needs.job_id
                     where job_needs.needs_id = jobs.id and follower.ended_at is null))
             on conflict (id) do nothing"
        );
        tx.execute(sql, range()).await?;
    }
    // A job that others wait for, or that they may still read the result of, is kept for them.
    let sql = sql!(
        "delete from jobs
         where id > $1 and id <= $2
             and (state = 'completed' and ended_at < $3
                 or state = 'cancelled' and ended_at < $4 or state = 'discarded' and ended_at < $5)
             and (followed = 0 or not exists (
                 select 1 from job_needs join jobs as follower on follower.id = job_needs.job_id
                 where job_needs.needs_id = jobs.id and follower.ended_at is null))"
    );
    let pruned = tx.execute(sql, range()).await?;
    tx.commit().await?;
    Ok(Page { pruned, next: (inserted_at < cutoffs.latest()).then_some(last) })
}

/// Deletes statistics from before `stats_before`, and what nodes were told that are gone.
pub(crate) async fn prune_statistics_and_overrides(db: &Db, stats_before: i64) -> Result<(), Error> {
    db.execute(sql!("delete from queue_stats where at < $1"), params![stats_before]).await?;
    let sql =
        sql!("delete from node_queues where not exists (select 1 from nodes where nodes.name = node_queues.node)");
    db.execute(sql, params![]).await?;
    Ok(())
}

/// An index that is larger, in bytes, is built anew.
const MAX_INDEX_BYTES: i64 = 64 * 1024 * 1024;

/// Makes the indexes of jobs that wait or run small again: each job passes through them, and they
/// keep the room of the longest backlog.
pub(crate) async fn reindex(db: &Db) -> Result<(), Error> {
    let sizes = sql!(
        sqlite: "select 0 as available, 0 as executing",
        postgres: "select pg_relation_size('jobs_available') as available, pg_relation_size('jobs_executing') as executing",
    );
    let sizes = db.all(sizes, params![]).await?;
    let bloated = |column| -> Result<bool, db::Error> {
        sizes.first().map_or(Ok(false), |row| row.int(column).map(|size| size > MAX_INDEX_BYTES))
    };
    if bloated("available")? {
        let sql = sql!(
            sqlite: "reindex jobs_available",
            postgres: "reindex index concurrently jobs_available",
        );
        db.execute(sql, params![]).await?;
    }
    if bloated("executing")? {
        let sql = sql!(
            sqlite: "reindex jobs_executing",
            postgres: "reindex index concurrently jobs_executing",
        );
        db.execute(sql, params![]).await?;
    }
    // What the planners believe of the tables.
    db.all(sql!(sqlite: "pragma optimize", postgres: "analyze jobs"), params![]).await?;
    Ok(())
}

/// Dead versions of jobs that are worth a vacuum.
const MIN_DEAD_ROWS: i64 = 20_000;

/// Has PostgreSQL free what dead versions of jobs hold, if they are many; whether they were.
///
/// Its own vacuum comes once a minute. By then a busy queue has left a million entries in the index of
/// available jobs, over which every claim steps (31 ms instead of 2 after five million jobs).
pub(crate) async fn vacuum(db: &Db) -> Result<bool, Error> {
    let dead = sql!(
        sqlite: "select 0 as dead",
        postgres: "select coalesce(sum(n_dead_tup), 0)::bigint as dead from pg_stat_user_tables where relid = 'jobs'::regclass",
    );
    let dead = db.all(dead, params![]).await?.first().map_or(Ok(0), |row| row.int("dead"))?;
    if dead < MIN_DEAD_ROWS {
        return Ok(false);
    }
    // Waits for nobody, and nobody for it.
    let vacuum = sql!(
        sqlite: "select 0",
        postgres: "vacuum (skip_locked, index_cleanup on, truncate off) jobs",
    );
    db.execute(vacuum, params![]).await?;
    Ok(true)
}
