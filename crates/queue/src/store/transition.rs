//! Statements that move jobs from executing to the next state.

use std::collections::{BTreeMap, HashSet};

use db::{Db, Tx, params, sql};

use crate::{
    error::Error,
    job::{JobId, State},
    store::{CANCELED, Owner, dependencies},
};

/// The update of a job at the end of an attempt.
#[derive(Clone, Debug)]
pub(crate) struct JobUpdate {
    pub state: State,
    /// The new time; `None` keeps the current one.
    pub scheduled_at: Option<i64>,
    pub ended_at: Option<i64>,
    /// Added to `max_attempts`; 1 gives the attempt back.
    pub more_attempts: u32,
    /// The new history; `None` keeps the current one.
    pub errors: Option<String>,
    /// The result of a completed job, as JSON.
    pub result: Option<String>,
    /// Whether the update applies only if the owner's node is not registered.
    pub only_if_node_gone: bool,
}

impl JobUpdate {
    /// An update to a state in which the job waits.
    pub(crate) fn waiting(state: State) -> Self {
        Self {
            state,
            scheduled_at: None,
            ended_at: None,
            more_attempts: 0,
            errors: None,
            result: None,
            only_if_node_gone: false,
        }
    }

    /// An update to a final state.
    pub(crate) fn ended(state: State, now: i64) -> Self {
        Self { ended_at: Some(now), ..Self::waiting(state) }
    }
}

/// Applies `update` if `owner` still owns the job.
pub(crate) async fn transition(tx: &mut Tx, owner: &Owner, update: &JobUpdate) -> Result<(), Error> {
    let sql = sql!(
        "update jobs
         set state = $4, scheduled_at = coalesce($5, scheduled_at), ended_at = $6,
             max_attempts = max_attempts + $7, errors = coalesce($8, errors), result = coalesce($10, result)
         where id = $1 and attempt = $2 and node = $3 and state = 'executing'
             and (cast($9 as bigint) = 0 or not exists (select 1 from nodes where name = $3))
         returning followed"
    );
    let params = params![
        owner.id.0,
        owner.attempt,
        owner.node.as_str(),
        update.state.as_str(),
        update.scheduled_at,
        update.ended_at,
        update.more_attempts,
        update.errors.as_deref(),
        update.only_if_node_gone,
        update.result.as_deref(),
    ];
    let Some(row) = tx.optional(sql, params).await? else { return Err(owner.lost()) };
    match update.ended_at {
        Some(now) if row.flag("followed")? => dependencies::resolve(tx, vec![owner.id], update.state, now).await,
        _ => Ok(()),
    }
}

/// Completes the jobs that `node` still owns with these attempts. Returns the completed ones.
pub(crate) async fn complete(
    db: &Db,
    node: &str,
    attempts: &[(JobId, u32)],
    now: i64,
) -> Result<HashSet<JobId>, Error> {
    let mut by_attempt = BTreeMap::<u32, Vec<i64>>::new();
    for (id, attempt) in attempts {
        by_attempt.entry(*attempt).or_default().push(id.0);
    }
    let mut completed = HashSet::new();
    for (attempt, mut ids) in by_attempt {
        completed.extend(complete_attempts(db, node, attempt, ids.clone(), now).await?);
        ids.retain(|id| !completed.contains(&JobId(*id)));
        if !ids.is_empty() {
            completed.extend(complete_followed(db, node, attempt, ids, now).await?);
        }
    }
    Ok(completed)
}

/// Completes all of these jobs on which no other job depends.
///
/// The state is hidden from PostgreSQL's planner. The index of executing jobs is empty whenever the table is
/// analyzed, so the planner would use it and read all of its dead entries.
async fn complete_attempts(db: &Db, node: &str, attempt: u32, ids: Vec<i64>, now: i64) -> Result<Vec<JobId>, Error> {
    let sql = sql!(
        sqlite: "update jobs set state = 'completed', ended_at = $4
            where id in (select value from json_each($1)) and attempt = $2 and node = $3
                and +state = 'executing' and followed = 0
            returning id",
        postgres: "update jobs set state = 'completed', ended_at = $4
            where id = any (cast($1 as bigint[])) and attempt = $2 and node = $3
                and coalesce(state, '') = 'executing' and followed = 0
            returning id",
    );
    let rows = db.all(sql, params![ids, attempt, node, now]).await?;
    Ok(rows.iter().map(|row| row.int("id").map(JobId)).collect::<Result<_, _>>()?)
}

/// Completes the jobs on which other jobs depend, and resolves these dependencies.
async fn complete_followed(db: &Db, node: &str, attempt: u32, ids: Vec<i64>, now: i64) -> Result<Vec<JobId>, Error> {
    let sql = sql!(
        sqlite: "update jobs set state = 'completed', ended_at = $4
            where id in (select value from json_each($1)) and attempt = $2 and node = $3 and +state = 'executing'
            returning id",
        postgres: "update jobs set state = 'completed', ended_at = $4
            where id = any (cast($1 as bigint[])) and attempt = $2 and node = $3
                and coalesce(state, '') = 'executing'
            returning id",
    );
    let mut tx = db.begin().await?;
    let rows = tx.all(sql, params![ids, attempt, node, now]).await?;
    let completed: Vec<_> = rows.iter().map(|row| row.int("id").map(JobId)).collect::<Result<_, _>>()?;
    dependencies::resolve(&mut tx, completed.clone(), State::Completed, now).await?;
    tx.commit().await?;
    Ok(completed)
}

/// Locks the job until the transaction ends, if `owner` still owns it.
pub(crate) async fn fence(tx: &mut Tx, owner: &Owner) -> Result<(), Error> {
    let sql = sql!(
        sqlite: "select id from jobs where id = $1 and attempt = $2 and node = $3 and state = 'executing'",
        postgres: "select id from jobs where id = $1 and attempt = $2 and node = $3 and state = 'executing'
            for no key update",
    );
    let owned = tx.optional(sql, params![owner.id.0, owner.attempt, owner.node.as_str()]).await?;
    owned.map(drop).ok_or_else(|| owner.lost())
}

/// Cancels a job that has not ended; returns whether it was canceled. A running attempt can write nothing
/// after the commit and is stopped soon. Jobs that depend on the job are canceled too.
///
/// # Errors
/// [`Error::Database`].
pub async fn cancel(tx: &mut Tx, id: JobId, now: i64) -> Result<bool, Error> {
    // The job no longer waits for others: a manual retry runs it immediately. Only jobs that were canceled
    // because of another job wait for that job again.
    let sql = sql!(
        "update jobs set state = 'cancelled', ended_at = $2, waits_for = 0
         where id = $1 and state in ('available', 'scheduled', 'executing', 'retryable')
         returning followed"
    );
    let Some(row) = tx.optional(sql, params![id.0, now]).await? else { return Ok(false) };
    tx.notify(CANCELED, id.to_string());
    dependencies::clear_dependencies(tx, id).await?;
    if row.flag("followed")? {
        dependencies::resolve(tx, vec![id], State::Canceled, now).await?;
    }
    Ok(true)
}
