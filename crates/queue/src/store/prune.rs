//! Statements that delete old jobs and keep the table small.

use db::{Db, Dialect, params, sql};

use crate::error::Error;

/// Jobs that ended before these times are deleted; milliseconds since 1970.
pub(crate) struct Cutoffs {
    pub completed: i64,
    pub canceled: i64,
    pub discarded: i64,
}

impl Cutoffs {
    pub(crate) fn latest(&self) -> i64 {
        self.completed.max(self.canceled).max(self.discarded)
    }
}

/// The rows that one transaction looks at. On SQLite the only writer waits meanwhile.
const fn page(dialect: Dialect) -> i64 {
    match dialect {
        Dialect::Sqlite => 2_000,
        Dialect::Postgres => 5_000,
    }
}

/// The result of pruning one page.
pub(crate) struct Page {
    pub pruned: u64,
    /// Where the next page begins; `None` at the end.
    pub next: Option<i64>,
}

/// Prunes one page of jobs after the id `after`.
///
/// It walks the table in the order of the ids, because an index of end times would slow down every
/// completion, and old jobs have the smallest ids. The walk ends at jobs that were inserted too recently to
/// be old enough.
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
    // A job is kept while jobs that depend on it have not ended, because they may read its result.
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

/// Deletes statistics from before `stats_before`, and the overrides of nodes that are gone.
pub(crate) async fn prune_statistics_and_overrides(db: &Db, stats_before: i64) -> Result<(), Error> {
    db.execute(sql!("delete from queue_stats where at < $1"), params![stats_before]).await?;
    let sql =
        sql!("delete from node_queues where not exists (select 1 from nodes where nodes.name = node_queues.node)");
    db.execute(sql, params![]).await?;
    Ok(())
}

/// A larger index, in bytes, is rebuilt.
const MAX_INDEX_BYTES: i64 = 64 * 1024 * 1024;

/// Rebuilds the indexes of available and executing jobs if they have grown: every job passes through them,
/// and they keep the size of the largest backlog.
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
    // Updates the planner's statistics.
    db.all(sql!(sqlite: "pragma optimize", postgres: "analyze jobs"), params![]).await?;
    Ok(())
}

/// The number of dead rows that are worth a vacuum.
const MIN_DEAD_ROWS: i64 = 20_000;

/// Has PostgreSQL vacuum the table of jobs if it has many dead rows; returns whether it did.
///
/// PostgreSQL's autovacuum runs once a minute. By then a busy queue has left a million dead entries in the
/// index of available jobs, which every claim has to skip (31 ms instead of 2 ms after five million jobs).
pub(crate) async fn vacuum(db: &Db) -> Result<bool, Error> {
    let dead = sql!(
        sqlite: "select 0 as dead",
        postgres: "select coalesce(sum(n_dead_tup), 0)::bigint as dead from pg_stat_user_tables where relid = 'jobs'::regclass",
    );
    let dead = db.all(dead, params![]).await?.first().map_or(Ok(0), |row| row.int("dead"))?;
    if dead < MIN_DEAD_ROWS {
        return Ok(false);
    }
    // Does not wait for locks, and blocks no other statement.
    let vacuum = sql!(
        sqlite: "select 0",
        postgres: "vacuum (skip_locked, index_cleanup on, truncate off) jobs",
    );
    db.execute(vacuum, params![]).await?;
    Ok(true)
}
