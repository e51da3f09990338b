//! New jobs.

use db::{Tx, params, sql};
use uuid::Uuid;

use crate::{
    error::Error,
    job::{JobId, State},
    store::CHANNEL,
};

/// Often enough for a key whose holder ends again and again while we look.
const TRIES: usize = 5;

/// The columns of a new job.
pub(crate) struct Insert {
    pub queue: &'static str,
    pub worker: &'static str,
    pub args: String,
    pub priority: u8,
    pub max_attempts: u32,
    pub unique_key: Option<String>,
    pub now: i64,
    pub scheduled_at: i64,
}

/// Inserts a job; `Err` holds the living job that has its unique key already.
pub(crate) async fn insert(tx: &mut Tx, job: &Insert) -> Result<Result<JobId, JobId>, Error> {
    for _ in 0..TRIES {
        if let Some(id) = try_insert(tx, job).await? {
            tx.hint(CHANNEL, job.queue);
            return Ok(Ok(id));
        }
        if let Some(id) = holder(tx, job.unique_key.as_deref()).await? {
            return Ok(Err(id));
        }
    }
    Err(db::Error::Unique { constraint: "jobs_unique".to_owned() }.into())
}

async fn try_insert(tx: &mut Tx, job: &Insert) -> Result<Option<JobId>, Error> {
    let id = JobId(Uuid::now_v7());
    let state = if job.scheduled_at <= job.now { State::Available } else { State::Scheduled };
    let sql = sql!(
        "insert into jobs
             (id, queue, worker, args, state, priority, max_attempts, unique_key, inserted_at, scheduled_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (unique_key)
             where unique_key is not null and state in ('available', 'scheduled', 'executing', 'retryable')
             do nothing"
    );
    let params = params![
        id.to_string(),
        job.queue,
        job.worker,
        job.args.as_str(),
        state.as_str(),
        u32::from(job.priority),
        job.max_attempts,
        job.unique_key.as_deref(),
        job.now,
        job.scheduled_at,
    ];
    Ok((tx.execute(sql, params).await? > 0).then_some(id))
}

async fn holder(tx: &mut Tx, unique_key: Option<&str>) -> Result<Option<JobId>, Error> {
    let sql = sql!(
        "select id from jobs
         where unique_key = $1 and state in ('available', 'scheduled', 'executing', 'retryable')"
    );
    let Some(row) = tx.optional(sql, params![unique_key]).await? else { return Ok(None) };
    let id = row.text("id")?;
    id.parse().map(Some).map_err(|_| Error::Unreadable { id, what: "id" })
}
