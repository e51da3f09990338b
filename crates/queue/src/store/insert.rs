//! Statements that insert jobs.

use db::{Tx, params, sql};

use crate::{
    error::Error,
    job::{JobId, State},
    store::{CHANNEL, DUE},
};

/// Retries for a key whose holder ends while this transaction looks for it.
const MAX_TRIES: usize = 5;

/// The columns of a new job.
#[derive(Clone, Debug)]
pub(crate) struct Insert {
    pub queue: &'static str,
    pub worker: &'static str,
    pub version: u32,
    pub args: String,
    pub priority: u8,
    pub max_attempts: u32,
    pub partition: Option<String>,
    /// The tags as a JSON array.
    pub tags: String,
    pub meta: String,
    pub trace: Option<String>,
    pub now: i64,
    pub start: Start,
    /// The number of jobs that have to end first.
    pub waits_for: usize,
    /// The workflow or batch that the job belongs to.
    pub workflow: Option<JobId>,
    /// Whether other jobs depend on it.
    pub followed: bool,
    pub unique: Option<Duplicate>,
}

/// What makes a job a duplicate, and what a duplicate replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Duplicate {
    pub key: String,
    /// The sum of the bits of the states that count.
    pub states: i64,
    /// Jobs that were inserted longer ago, in milliseconds, do not count.
    pub within: Option<i64>,
    pub replaces: Vec<Field>,
}

/// A field of an existing job that a duplicate may replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The arguments.
    Args,
    /// The priority.
    Priority,
    /// The earliest time to start.
    ScheduledAt,
    /// The maximum number of attempts.
    MaxAttempts,
    /// The tags.
    Tags,
    /// The metadata.
    Meta,
}

/// The result of an [`Insert`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inserted {
    New(JobId),
    /// The existing job that has the unique key.
    Existing(JobId),
    /// The existing job that has the unique key, with the new fields.
    Replaced(JobId),
}

#[cfg(feature = "testing")]
impl Inserted {
    pub(crate) const fn id(self) -> JobId {
        match self {
            Self::New(id) | Self::Existing(id) | Self::Replaced(id) => id,
        }
    }
}

/// How a new job starts.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    /// Any node may claim it from this time on.
    At(i64),
    /// This node starts it inline as its first attempt, right after the commit.
    Inline(String),
}

impl Insert {
    pub(crate) fn state(&self) -> State {
        match self.start {
            Start::At(at) if at > self.now || self.waits_for > 0 => State::Scheduled,
            Start::At(_) => State::Available,
            Start::Inline(_) => State::Executing,
        }
    }

    pub(crate) fn scheduled_at(&self) -> i64 {
        match self.start {
            Start::At(at) => at,
            Start::Inline(_) => self.now,
        }
    }

    /// Adds one entry to the metadata.
    pub(crate) fn add_meta(&mut self, name: &str, value: serde_json::Value) {
        let mut meta: serde_json::Map<_, _> = serde_json::from_str(&self.meta).unwrap_or_default();
        meta.insert(name.to_owned(), value);
        self.meta = serde_json::Value::Object(meta).to_string();
    }

    fn node(&self) -> Option<&str> {
        match &self.start {
            Start::At(_) => None,
            Start::Inline(node) => Some(node),
        }
    }

    fn announce(&self, tx: &mut Tx) {
        if self.waits_for > 0 {
            return;
        }
        announce(tx, self.state(), self.queue, self.scheduled_at());
    }
}

/// Announces a job that waits in this state to all nodes.
pub(crate) fn announce(tx: &mut Tx, state: State, queue: &str, scheduled_at: i64) {
    match state {
        State::Available => tx.notify(CHANNEL, queue),
        State::Scheduled | State::Retryable => tx.notify(DUE, scheduled_at.to_string()),
        _ => {}
    }
}

/// Inserts a job unless another one has its unique key.
pub(crate) async fn insert(tx: &mut Tx, job: &Insert) -> Result<Inserted, Error> {
    for _ in 0..MAX_TRIES {
        if let Some(id) = try_insert(tx, job).await? {
            job.announce(tx);
            return Ok(Inserted::New(id));
        }
        let Some(duplicate) = &job.unique else { break };
        if let Some(within) = duplicate.within
            && release_expired_key(tx, &duplicate.key, job.now.saturating_sub(within)).await?
        {
            continue;
        }
        if let Some(id) = key_holder(tx, &duplicate.key).await? {
            return Ok(if replace(tx, id, job, &duplicate.replaces).await? {
                Inserted::Replaced(id)
            } else {
                Inserted::Existing(id)
            });
        }
    }
    Err(db::Error::Unique { constraint: "jobs_unique".to_owned() }.into())
}

async fn try_insert(tx: &mut Tx, job: &Insert) -> Result<Option<JobId>, Error> {
    let sql = sql!(
        "insert into jobs
             (queue, worker, args, state, priority, max_attempts, unique_key, inserted_at, scheduled_at,
              attempt, node, attempted_at, version, partition_key, unique_states, tags, meta, trace, waits_for)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
         on conflict (unique_key)
             where unique_key is not null
                 and (unique_states & case state
                     when 'available' then 1 when 'scheduled' then 2 when 'executing' then 4 when 'retryable' then 8
                     when 'completed' then 16 when 'cancelled' then 32 else 64 end) <> 0
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
        job.unique.as_ref().map(|unique| unique.key.as_str()),
        job.now,
        job.scheduled_at(),
        u32::from(node.is_some()),
        node,
        node.map(|_| job.now),
        job.version,
        job.partition.as_deref(),
        job.unique.as_ref().map_or(0, |unique| unique.states),
        job.tags.as_str(),
        job.meta.as_str(),
        job.trace.as_deref(),
        job.waits_for,
    ];
    Ok(tx.optional(sql, params).await?.map(|row| row.int("id").map(JobId)).transpose()?)
}

/// Takes the key from a job that was inserted too long ago to count. Returns whether there was one.
async fn release_expired_key(tx: &mut Tx, key: &str, since: i64) -> Result<bool, Error> {
    let sql = sql!(
        "update jobs set unique_key = null
         where unique_key = $1 and inserted_at <= $2
             and (unique_states & case state
                 when 'available' then 1 when 'scheduled' then 2 when 'executing' then 4 when 'retryable' then 8
                 when 'completed' then 16 when 'cancelled' then 32 else 64 end) <> 0"
    );
    Ok(tx.execute(sql, params![key, since]).await? > 0)
}

async fn key_holder(tx: &mut Tx, key: &str) -> Result<Option<JobId>, Error> {
    let sql = sql!(
        "select id from jobs
         where unique_key = $1
             and (unique_states & case state
                 when 'available' then 1 when 'scheduled' then 2 when 'executing' then 4 when 'retryable' then 8
                 when 'completed' then 16 when 'cancelled' then 32 else 64 end) <> 0"
    );
    Ok(tx.optional(sql, params![key]).await?.map(|row| row.int("id").map(JobId)).transpose()?)
}

/// Overwrites these fields of the job `id` with those of `job`, unless it is executing. Returns whether it
/// did.
async fn replace(tx: &mut Tx, id: JobId, job: &Insert, fields: &[Field]) -> Result<bool, Error> {
    if fields.is_empty() {
        return Ok(false);
    }
    let has = |field| fields.contains(&field);
    let sql = sql!(
        "update jobs
         set args = coalesce($2, args), version = coalesce($3, version), priority = coalesce($4, priority),
             max_attempts = coalesce($5, max_attempts), tags = coalesce($6, tags), meta = coalesce($7, meta),
             scheduled_at = coalesce($8, scheduled_at),
             state = case when cast($8 as bigint) is null then state
                 when cast($8 as bigint) > $9 then 'scheduled' when waits_for > 0 then state else 'available' end
         where id = $1 and state in ('available', 'scheduled', 'retryable')
         returning state, queue, scheduled_at"
    );
    let params = params![
        id.0,
        has(Field::Args).then_some(job.args.as_str()),
        has(Field::Args).then_some(job.version),
        has(Field::Priority).then_some(u32::from(job.priority)),
        has(Field::MaxAttempts).then_some(job.max_attempts),
        has(Field::Tags).then_some(job.tags.as_str()),
        has(Field::Meta).then_some(job.meta.as_str()),
        has(Field::ScheduledAt).then(|| job.scheduled_at()),
        job.now,
    ];
    let Some(row) = tx.optional(sql, params).await? else { return Ok(false) };
    if let Some(state) = State::parse(&row.text("state")?) {
        announce(tx, state, &row.text("queue")?, row.int("scheduled_at")?);
    }
    Ok(true)
}

/// Inserts many jobs that differ only in their arguments.
pub(crate) async fn insert_all(tx: &mut Tx, like: &Insert, args: Vec<String>) -> Result<(), Error> {
    let sql = sql!(
        sqlite: "insert into jobs
                (queue, worker, version, args, state, priority, max_attempts, inserted_at, scheduled_at,
                 partition_key, tags, meta, trace, workflow, followed)
            select $1, $2, $3, new.value, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14, $15 from json_each($13) as new
            order by new.key",
        postgres: "insert into jobs
                (queue, worker, version, args, state, priority, max_attempts, inserted_at, scheduled_at,
                 partition_key, tags, meta, trace, workflow, followed)
            select $1, $2, $3, new.args, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14, $15
            from unnest(cast($13 as text[])) as new (args)",
    );
    let params = params![
        like.queue,
        like.worker,
        like.version,
        like.state().as_str(),
        u32::from(like.priority),
        like.max_attempts,
        like.now,
        like.scheduled_at(),
        like.partition.as_deref(),
        like.tags.as_str(),
        like.meta.as_str(),
        like.trace.as_deref(),
        args,
        like.workflow.map(|id| id.to_string()),
        like.followed,
    ];
    tx.execute(sql, params).await?;
    like.announce(tx);
    Ok(())
}
