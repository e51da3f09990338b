//! New jobs.

use db::{Tx, params, sql};

use crate::{
    error::Error,
    job::{JobId, State},
    store::{CHANNEL, DUE},
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
    pub start: Start,
}

/// How a new job starts.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    /// Any node claims it, from this time on.
    At(i64),
    /// This node executes it from the commit on: it is born as its first attempt.
    On(String),
}

impl Insert {
    fn state(&self) -> State {
        match self.start {
            Start::At(at) if at > self.now => State::Scheduled,
            Start::At(_) => State::Available,
            Start::On(_) => State::Executing,
        }
    }

    fn scheduled_at(&self) -> i64 {
        match self.start {
            Start::At(at) => at,
            Start::On(_) => self.now,
        }
    }

    fn node(&self) -> Option<&str> {
        match &self.start {
            Start::At(_) => None,
            Start::On(node) => Some(node),
        }
    }

    fn announce(&self, tx: &mut Tx) {
        match self.state() {
            State::Available => tx.hint(CHANNEL, self.queue),
            State::Scheduled => tx.hint(DUE, self.scheduled_at().to_string()),
            _ => {}
        }
    }
}

/// Inserts a job; `Err` holds the living job that has its unique key already.
pub(crate) async fn insert(tx: &mut Tx, job: &Insert) -> Result<Result<JobId, JobId>, Error> {
    for _ in 0..TRIES {
        if let Some(id) = try_insert(tx, job).await? {
            job.announce(tx);
            return Ok(Ok(id));
        }
        if let Some(id) = holder(tx, job.unique_key.as_deref()).await? {
            return Ok(Err(id));
        }
    }
    Err(db::Error::Unique { constraint: "jobs_unique".to_owned() }.into())
}

async fn try_insert(tx: &mut Tx, job: &Insert) -> Result<Option<JobId>, Error> {
    let sql = sql!(
        "insert into jobs
             (queue, worker, args, state, priority, max_attempts, unique_key, inserted_at, scheduled_at,
              attempt, node, attempted_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (unique_key)
             where unique_key is not null and state in ('available', 'scheduled', 'executing', 'retryable')
             do nothing
         returning id"
    );
    let node = job.node();
    let params = params![
        job.queue,
        job.worker,
        job.args.as_str(),
        job.state().as_str(),
        u32::from(job.priority),
        job.max_attempts,
        job.unique_key.as_deref(),
        job.now,
        job.scheduled_at(),
        u32::from(node.is_some()),
        node,
        node.map(|_| job.now),
    ];
    Ok(tx.optional(sql, params).await?.map(|row| row.int("id").map(JobId)).transpose()?)
}

async fn holder(tx: &mut Tx, unique_key: Option<&str>) -> Result<Option<JobId>, Error> {
    let sql = sql!(
        "select id from jobs
         where unique_key = $1 and state in ('available', 'scheduled', 'executing', 'retryable')"
    );
    Ok(tx.optional(sql, params![unique_key]).await?.map(|row| row.int("id").map(JobId)).transpose()?)
}

/// Inserts many jobs that differ in their arguments alone.
pub(crate) async fn insert_all(tx: &mut Tx, like: &Insert, args: Vec<String>) -> Result<(), Error> {
    let sql = sql!(
        sqlite: "insert into jobs (queue, worker, args, state, priority, max_attempts, inserted_at, scheduled_at)
            select $1, $2, new.value, $3, $4, $5, $6, $7 from json_each($8) as new order by new.key",
        postgres: "insert into jobs (queue, worker, args, state, priority, max_attempts, inserted_at, scheduled_at)
            select $1, $2, new.args, $3, $4, $5, $6, $7 from unnest(cast($8 as text[])) as new (args)",
    );
    let params = params![
        like.queue,
        like.worker,
        like.state().as_str(),
        u32::from(like.priority),
        like.max_attempts,
        like.now,
        like.scheduled_at(),
        args,
    ];
    tx.execute(sql, params).await?;
    like.announce(tx);
    Ok(())
}
