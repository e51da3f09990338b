//! Statements for jobs that depend on other jobs.
//!
//! A job waits for `waits_for` other jobs to end. Each end is counted once, in the transaction that ends the
//! job (`job_needs.met`), so a job that is retried by hand is not counted again. An end that does not satisfy
//! the dependency cancels the waiting job and leaves the dependency unsatisfied: when the failed job is
//! retried, the canceled job waits for it again.

use std::collections::BTreeMap;

use db::{Row, Tx, params, sql};
use serde::Serialize;
use serde_json::Value;

use crate::{
    error::Error,
    job::{Failure, JobId, State},
    store::insert::announce,
};

/// A dependency of a new job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewDependency {
    pub id: JobId,
    pub name: String,
    /// Whether the waiting job is canceled when this one is canceled or discarded.
    pub required: bool,
}

/// A job that another job waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dependency {
    /// The name that the waiting job gave it.
    pub name: String,
    /// The job's id.
    pub id: JobId,
    /// The job's state; `None` if it has been deleted.
    pub state: Option<State>,
    /// The result that the job recorded when it completed.
    pub result: Option<Value>,
}

/// Whether a dependency is satisfied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DependencyState {
    Pending,
    Satisfied,
    /// The job ended in a state that the waiting job does not accept.
    Failed(State),
}

/// Locks these jobs, marks them as followed, and returns the state of each dependency. A job that has not
/// ended can end only after the caller's transaction.
pub(crate) async fn lock_dependencies(
    tx: &mut Tx,
    dependencies: &[NewDependency],
) -> Result<Vec<DependencyState>, Error> {
    let sql = sql!("update jobs set followed = 1 where id = $1 returning state");
    let mut ordered: Vec<_> = dependencies.iter().enumerate().collect();
    // All transactions lock in this order.
    ordered.sort_unstable_by_key(|(_, dependency)| dependency.id);
    let mut states = vec![DependencyState::Pending; dependencies.len()];
    for (at, dependency) in ordered {
        let row = tx.optional(sql, params![dependency.id.0]).await?.ok_or(Error::NoSuchJob { id: dependency.id })?;
        let state = match State::parse(&row.text("state")?) {
            Some(State::Completed) => DependencyState::Satisfied,
            Some(State::Canceled | State::Discarded) if !dependency.required => DependencyState::Satisfied,
            Some(state @ (State::Canceled | State::Discarded)) => DependencyState::Failed(state),
            _ => DependencyState::Pending,
        };
        if let Some(place) = states.get_mut(at) {
            *place = state;
        }
    }
    Ok(states)
}

/// Inserts the dependencies of `job`, and cancels it if one of them has failed.
pub(crate) async fn insert_dependencies(
    tx: &mut Tx,
    job: JobId,
    dependencies: &[NewDependency],
    states: &[DependencyState],
    now: i64,
) -> Result<(), Error> {
    let sql = sql!("insert into job_needs (job_id, needs_id, name, required, met) values ($1, $2, $3, $4, $5)");
    for (dependency, state) in dependencies.iter().zip(states) {
        let met = *state == DependencyState::Satisfied;
        tx.execute(sql, params![job.0, dependency.id.0, dependency.name.as_str(), dependency.required, met]).await?;
    }
    for (dependency, state) in dependencies.iter().zip(states) {
        if let DependencyState::Failed(state) = state {
            cancel_dependents(tx, dependency.id, *state, now).await?;
        }
    }
    Ok(())
}

/// Makes `callback` depend on all jobs of its batch.
pub(crate) async fn insert_batch_dependencies(
    tx: &mut Tx,
    callback: JobId,
    batch: JobId,
    required: bool,
) -> Result<(), Error> {
    let sql = sql!(
        "insert into job_needs (job_id, needs_id, name, required)
         select $1, id, '', $3 from jobs where workflow = $2 and followed = 1"
    );
    tx.execute(sql, params![callback.0, batch.to_string(), required]).await?;
    Ok(())
}

/// Processes the end of these jobs: the jobs that depend on them become available or are canceled.
pub(crate) async fn resolve(tx: &mut Tx, ids: Vec<JobId>, state: State, now: i64) -> Result<(), Error> {
    satisfy(tx, &ids, state, now).await?;
    if state != State::Completed {
        for id in ids {
            cancel_dependents(tx, id, state, now).await?;
        }
    }
    Ok(())
}

/// Counts these ends for the dependencies that they satisfy.
async fn satisfy(tx: &mut Tx, ids: &[JobId], state: State, now: i64) -> Result<(), Error> {
    let mark = sql!(
        sqlite: "update job_needs set met = 1
            where needs_id in (select value from json_each($1)) and met = 0 and (required = 0 or $2 = 1)
            returning job_id",
        postgres: "update job_needs set met = 1
            where needs_id = any (cast($1 as bigint[])) and met = 0 and (required = 0 or $2 = 1)
            returning job_id",
    );
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = tx.all(mark, params![ids, state == State::Completed]).await?;
    let mut ends = BTreeMap::<i64, i64>::new();
    for row in rows {
        *ends.entry(row.int("job_id")?).or_default() += 1;
    }
    let mut waiting = BTreeMap::<i64, Vec<i64>>::new();
    for (id, count) in ends {
        waiting.entry(count).or_default().push(id);
    }
    // Locked in the order of their ids, as everywhere.
    let count_down = sql!(
        sqlite: "update jobs
            set waits_for = waits_for - $2,
                state = case when state = 'scheduled' and waits_for = $2 and scheduled_at <= $3 then 'available'
                    else state end
            where id in (select value from json_each($1)) and waits_for >= $2
            returning state, waits_for, queue, scheduled_at",
        postgres: "update jobs
            set waits_for = waits_for - $2,
                state = case when state = 'scheduled' and waits_for = $2 and scheduled_at <= $3 then 'available'
                    else state end
            where id = any (array(
                    select id from jobs where id = any (cast($1 as bigint[])) order by id for no key update))
                and waits_for >= $2
            returning state, waits_for, queue, scheduled_at",
    );
    for (count, ids) in waiting {
        for row in tx.all(count_down, params![ids, count, now]).await? {
            announce_unless_waiting(tx, &row)?;
        }
    }
    Ok(())
}

fn announce_unless_waiting(tx: &mut Tx, row: &Row) -> Result<(), Error> {
    if row.int("waits_for")? == 0
        && let Some(state) = State::parse(&row.text("state")?)
    {
        announce(tx, state, &row.text("queue")?, row.int("scheduled_at")?);
    }
    Ok(())
}

/// Cancels the jobs that depend on `id`, and recursively those that depend on them.
async fn cancel_dependents(tx: &mut Tx, id: JobId, state: State, now: i64) -> Result<(), Error> {
    // The history is a JSON array, which may be empty.
    let sql = sql!(
        "update jobs
         set state = 'cancelled', ended_at = $2,
             errors = case when errors = '[]' then '[' || $3 || ']'
                 else substr(errors, 1, length(errors) - 1) || ',' || $3 || ']' end
         where state = 'scheduled' and waits_for > 0
             and id in (select job_id from job_needs where needs_id = $1 and required = 1 and met = 0)
         returning id, followed"
    );
    let mut failed = vec![(id, state)];
    while let Some((id, state)) = failed.pop() {
        let reason = Failure::new(0, now, &format!("job {id}, which it needs, was {state}"));
        let rows = tx.all(sql, params![id.0, now, serde_json::to_string(&reason).unwrap_or_default()]).await?;
        let mut followed = Vec::new();
        for row in &rows {
            if row.flag("followed")? {
                followed.push(JobId(row.int("id")?));
            }
        }
        satisfy(tx, &followed, State::Canceled, now).await?;
        failed.extend(followed.into_iter().map(|id| (id, State::Canceled)));
    }
    Ok(())
}

/// Lets the jobs that were canceled because of `id` wait for it again, unless another failed dependency
/// remains.
pub(crate) async fn restore_dependents(tx: &mut Tx, id: JobId) -> Result<(), Error> {
    let sql = sql!(
        "update jobs set state = 'scheduled', ended_at = null
         where state = 'cancelled' and waits_for > 0
             and id in (select job_id from job_needs where needs_id = $1 and required = 1 and met = 0)
             and not exists (
                 select 1 from job_needs join jobs as other on other.id = job_needs.needs_id
                 where job_needs.job_id = jobs.id and job_needs.required = 1 and job_needs.met = 0
                     and other.state in ('cancelled', 'discarded'))
         returning id"
    );
    let mut revived = vec![id];
    while let Some(id) = revived.pop() {
        let rows = tx.all(sql, params![id.0]).await?;
        revived.extend(rows.iter().map(|row| row.int("id").map(JobId)).collect::<Result<Vec<_>, _>>()?);
    }
    Ok(())
}

/// Marks all dependencies of `id` as satisfied.
pub(crate) async fn clear_dependencies(tx: &mut Tx, id: JobId) -> Result<(), Error> {
    tx.execute(sql!("update job_needs set met = 1 where job_id = $1 and met = 0"), params![id.0]).await?;
    Ok(())
}

/// The dependencies of `id`, satisfied or not.
pub(crate) async fn dependencies_of(tx: &mut Tx, id: JobId) -> Result<Vec<Dependency>, Error> {
    let sql = sql!(
        "select job_needs.name, job_needs.needs_id, jobs.state, jobs.result
         from job_needs left join jobs on jobs.id = job_needs.needs_id
         where job_needs.job_id = $1 order by job_needs.needs_id"
    );
    let read = |row: &Row| -> Result<Dependency, Error> {
        Ok(Dependency {
            name: row.text("name")?,
            id: JobId(row.int("needs_id")?),
            state: row.opt_decode("jobs.state", |name| State::parse(name).ok_or("an unknown state"))?,
            result: row.opt_decode("jobs.result", |json| serde_json::from_str(json))?,
        })
    };
    tx.all(sql, params![id.0]).await?.iter().map(read).collect()
}

/// Assigns these jobs to a workflow.
pub(crate) async fn set_workflow(tx: &mut Tx, ids: Vec<i64>, workflow: JobId) -> Result<(), Error> {
    let sql = sql!(
        sqlite: "update jobs set workflow = $2 where id in (select value from json_each($1))",
        postgres: "update jobs set workflow = $2 where id = any (cast($1 as bigint[]))",
    );
    tx.execute(sql, params![ids, workflow.to_string()]).await?;
    Ok(())
}

/// The jobs of a workflow or batch that have not ended.
pub(crate) async fn open_jobs(tx: &mut Tx, workflow: JobId) -> Result<Vec<JobId>, Error> {
    let sql = sql!("select id from jobs where workflow = $1 and ended_at is null order by id");
    let rows = tx.all(sql, params![workflow.to_string()]).await?;
    Ok(rows.iter().map(|row| row.int("id").map(JobId)).collect::<Result<_, _>>()?)
}
