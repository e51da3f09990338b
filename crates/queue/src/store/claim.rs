//! From waiting to executing.

use db::{Tx, params, sql};

use crate::{error::Error, job::Job, store::CHANNEL};

/// Jobs that become available in one go.
const STAGED_AT_ONCE: i64 = 1_000;

/// Makes available what is due, and tells every node.
pub(crate) async fn stage(tx: &mut Tx, now: i64) -> Result<(), Error> {
    // Nodes that stage at the same time must not wait for each other: they would lock the same
    // rows in different orders.
    let sql = sql!(
        sqlite: "with due as materialized (
                select id from jobs where state in ('scheduled', 'retryable') and scheduled_at <= $1
                order by scheduled_at limit $2)
            update jobs set state = 'available' where id in (select id from due) returning queue",
        postgres: "with due as materialized (
                select id from jobs where state in ('scheduled', 'retryable') and scheduled_at <= $1
                order by scheduled_at limit $2 for update skip locked)
            update jobs set state = 'available' where id in (select id from due) returning queue",
    );
    let rows = tx.all(sql, params![now, STAGED_AT_ONCE]).await?;
    let mut queues = rows.iter().map(|row| row.text("queue")).collect::<Result<Vec<_>, _>>()?;
    queues.sort_unstable();
    queues.dedup();
    for queue in queues {
        tx.hint(CHANNEL, queue);
    }
    Ok(())
}

/// When the next waiting job is due.
pub(crate) async fn next_due(tx: &mut Tx) -> Result<Option<i64>, Error> {
    let sql = sql!("select min(scheduled_at) as due from jobs where state in ('scheduled', 'retryable')");
    Ok(tx.one(sql, params![]).await?.opt_int("due")?)
}

/// Claims up to `slots` jobs of `queue` for `node`, most urgent first.
pub(crate) async fn claim(
    tx: &mut Tx,
    queue: &str,
    slots: usize,
    node: &str,
    now: i64,
    lease_until: i64,
) -> Result<Vec<Job>, Error> {
    // Materialised: PostgreSQL may otherwise run the inner select again and claim more than asked.
    let sql = sql!(
        sqlite: "with picked as materialized (
                select id from jobs where queue = $1 and state = 'available'
                order by priority, scheduled_at, id limit $2)
            update jobs
            set state = 'executing', attempt = attempt + 1, node = $3, attempted_at = $4, lease_until = $5
            where id in (select id from picked)
            returning id, queue, worker, args, state, attempt, max_attempts, scheduled_at, node, errors, priority",
        postgres: "with picked as materialized (
                select id from jobs where queue = $1 and state = 'available'
                order by priority, scheduled_at, id limit $2 for update skip locked)
            update jobs
            set state = 'executing', attempt = attempt + 1, node = $3, attempted_at = $4, lease_until = $5
            where id in (select id from picked)
            returning id, queue, worker, args, state, attempt, max_attempts, scheduled_at, node, errors, priority",
    );
    let rows = tx.all(sql, params![queue, slots, node, now, lease_until]).await?;
    let mut jobs =
        rows.iter().map(|row| Ok((row.int("priority")?, Job::read(row)?))).collect::<Result<Vec<_>, Error>>()?;
    // `returning` keeps no order.
    jobs.sort_by_key(|(priority, job)| (*priority, job.scheduled_at, job.id));
    Ok(jobs.into_iter().map(|(_, job)| job).collect())
}
