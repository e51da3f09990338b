//! Statements that move jobs from waiting to executing.

use db::{Db, Row, Tx, params, sql};

use crate::{error::Error, job::Job, store::CHANNEL};

/// The most jobs that one transaction makes available.
const STAGED_AT_ONCE: i64 = 1_000;

/// Makes jobs available that are due and announces them. Returns when the next job is due.
pub(crate) async fn stage(db: &Db, now: i64) -> Result<Option<i64>, Error> {
    // Nodes that stage at the same time must not wait for each other, because they would lock the same rows
    // in different orders.
    let stage = sql!(
        sqlite: "with due as materialized (
                select id from jobs where state in ('scheduled', 'retryable') and waits_for = 0 and scheduled_at <= $1
                order by scheduled_at limit $2)
            update jobs set state = 'available' where id in (select id from due) returning queue",
        postgres: "with due as materialized (
                select id from jobs where state in ('scheduled', 'retryable') and waits_for = 0 and scheduled_at <= $1
                order by scheduled_at limit $2 for update skip locked)
            update jobs set state = 'available' where id in (select id from due) returning queue",
    );
    let mut tx = db.begin().await?;
    let rows = tx.all(stage, params![now, STAGED_AT_ONCE]).await?;
    let mut queues = rows.iter().map(|row| row.text("queue")).collect::<Result<Vec<_>, _>>()?;
    queues.sort_unstable();
    queues.dedup();
    for queue in queues {
        tx.notify(CHANNEL, queue);
    }
    let next =
        sql!("select min(scheduled_at) as due from jobs where state in ('scheduled', 'retryable') and waits_for = 0");
    let next = tx.one(next, params![]).await?.opt_int("due")?;
    tx.commit().await?;
    Ok(next)
}

/// Claims up to `slots` jobs of `queue` for `node`, most urgent first. Claims nothing if the node is not
/// registered, because the other nodes then take it for dead.
pub(crate) async fn claim(db: &Db, queue: &str, slots: usize, node: &str, now: i64) -> Result<Vec<Job>, Error> {
    // An array, because a join would let PostgreSQL read a large table entirely, and a plain `in` would let
    // it run the inner select more than once and claim more than asked.
    let sql = sql!(
        sqlite: "with picked as materialized (
                select id from jobs
                where queue = $1 and state = 'available' and exists (select 1 from nodes where name = $3)
                order by priority, scheduled_at, id limit $2)
            update jobs
            set state = 'executing', attempt = attempt + 1, node = $3, attempted_at = $4
            where id in (select id from picked)
            returning id, worker, version, args, attempt, max_attempts, scheduled_at, errors, trace, priority",
        postgres: "update jobs
            set state = 'executing', attempt = attempt + 1, node = $3, attempted_at = $4
            where id = any (array(
                select id from jobs
                where queue = $1 and state = 'available' and exists (select 1 from nodes where name = $3)
                order by priority, scheduled_at, id limit $2 for update skip locked))
            returning id, worker, version, args, attempt, max_attempts, scheduled_at, errors, trace, priority",
    );
    jobs_from_rows(&db.all(sql, params![queue, slots, node, now]).await?, queue, node)
}

/// Whether `queue` has an available job, including those that another transaction is claiming.
pub(crate) async fn has_available(db: &Db, queue: &str) -> Result<bool, Error> {
    let sql = sql!("select 1 as one from jobs where queue = $1 and state = 'available' limit 1");
    Ok(!db.all(sql, params![queue]).await?.is_empty())
}

/// Claims these jobs for `node`, if they are available.
pub(crate) async fn claim_ids(tx: &mut Tx, ids: Vec<i64>, node: &str, now: i64) -> Result<Vec<Row>, Error> {
    let sql = sql!(
        sqlite: "update jobs
            set state = 'executing', attempt = attempt + 1, node = $2, attempted_at = $3
            where id in (select value from json_each($1)) and state = 'available'
                and exists (select 1 from nodes where name = $2)
            returning id, worker, version, args, attempt, max_attempts, scheduled_at, errors, trace, priority,
                partition_key",
        postgres: "update jobs
            set state = 'executing', attempt = attempt + 1, node = $2, attempted_at = $3
            where id = any (cast($1 as bigint[])) and state = 'available'
                and exists (select 1 from nodes where name = $2)
            returning id, worker, version, args, attempt, max_attempts, scheduled_at, errors, trace, priority,
                partition_key",
    );
    Ok(tx.all(sql, params![ids, node, now]).await?)
}

/// Reads the jobs that `node` claimed from `queue` and sorts them, because `returning` has no order.
pub(crate) fn jobs_from_rows(rows: &[Row], queue: &str, node: &str) -> Result<Vec<Job>, Error> {
    let read = |row: &Row| Ok((row.int("priority")?, Job::from_claimed_row(row, queue, node)?));
    let mut jobs = rows.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
    jobs.sort_by_key(|(priority, job)| (*priority, job.scheduled_at, job.id));
    Ok(jobs.into_iter().map(|(_, job)| job).collect())
}
