//! Statements for the administration of jobs, queues and nodes.

use std::collections::BTreeMap;

use db::{Db, Row, Tx, params, sql};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    convert::count,
    error::Error,
    job::{Job, JobId, State},
    store::{CHANNEL, ROLE, cancel, dependencies, leadership},
};

/// Which jobs to list. A job has to satisfy every condition that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// Only jobs of this queue.
    pub queue: Option<String>,
    /// Only jobs of this worker.
    pub worker: Option<String>,
    /// Only jobs in this state.
    pub state: Option<State>,
    /// Only jobs with this tag.
    pub tag: Option<String>,
    /// Only jobs whose arguments contain this text, ignoring case.
    pub text: Option<String>,
    /// Only jobs of this workflow or batch.
    pub workflow: Option<JobId>,
    /// Only jobs older than this one: the last job of the previous page.
    pub before: Option<JobId>,
}

/// Everything that the database holds about a job.
#[derive(Clone, Debug, Serialize)]
pub struct JobDetails {
    /// The columns that a worker needs.
    #[serde(flatten)]
    pub job: Job,
    /// The priority, from 0 (most urgent) to 9.
    pub priority: u8,
    /// The partition key that limits and fair sharing use.
    pub partition: Option<String>,
    /// The tags, as a JSON array.
    pub tags: Value,
    /// The metadata, as a JSON object.
    pub meta: Value,
    /// The result that the job recorded when it completed.
    pub result: Option<Value>,
    /// The workflow or batch that the job belongs to.
    pub workflow: Option<JobId>,
    /// The number of jobs that have to end before this one may start.
    pub waits_for: usize,
    /// When the job was inserted, in milliseconds since 1970.
    pub inserted_at: i64,
    /// When the latest attempt started, in milliseconds since 1970.
    pub attempted_at: Option<i64>,
    /// When the job ended, in milliseconds since 1970.
    pub ended_at: Option<i64>,
}

impl JobDetails {
    fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            job: Job::from_row(row)?,
            priority: row.number("jobs.priority")?,
            partition: row.opt_text("partition_key")?,
            tags: row.decode("jobs.tags", |json| serde_json::from_str(json))?,
            meta: row.decode("jobs.meta", |json| serde_json::from_str(json))?,
            result: row.opt_decode("jobs.result", |json| serde_json::from_str(json))?,
            workflow: row.opt_decode("jobs.workflow", str::parse)?,
            waits_for: count(row.int("waits_for")?),
            inserted_at: row.int("inserted_at")?,
            attempted_at: row.opt_int("attempted_at")?,
            ended_at: row.opt_int("ended_at")?,
        })
    }
}

/// The number of jobs of one queue in each state but completed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct QueueCounts {
    /// The queue's name.
    pub queue: String,
    /// Jobs that wait for a slot.
    pub available: usize,
    /// Jobs that wait for their time or for other jobs.
    pub scheduled: usize,
    /// Jobs that are running.
    pub executing: usize,
    /// Jobs that failed and wait for their back-off.
    pub retryable: usize,
    /// Jobs that were canceled.
    #[serde(rename = "cancelled")]
    pub canceled: usize,
    /// Jobs that were discarded.
    pub discarded: usize,
    /// Whether the queue is paused on all nodes.
    pub paused: bool,
}

/// A node that is alive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeReport {
    /// The node's name.
    pub name: String,
    /// The number of heartbeats since the node registered.
    #[serde(rename = "beat")]
    pub heartbeats: i64,
    /// When the node started, by its own clock, in milliseconds since 1970.
    pub started_at: i64,
    /// The time of the latest heartbeat, by the node's own clock, in milliseconds since 1970.
    #[serde(rename = "beaten_at")]
    pub heartbeat_at: i64,
    /// The queues that the node serves.
    #[serde(rename = "lanes")]
    pub queues: Vec<NodeQueue>,
    /// Jobs that the database shows as executing on the node.
    pub executing: usize,
    /// Whether the node is the leader.
    pub leads: bool,
}

/// A queue as one node serves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeQueue {
    /// The queue's name.
    pub queue: String,
    /// The number of attempts that may run at once.
    pub slots: usize,
    /// The number of attempts that run.
    pub executing: usize,
    /// Whether the queue is paused on this node.
    pub paused: bool,
    /// The workers that serve the queue on this node, and the version of the arguments that each knows.
    #[serde(default)]
    pub workers: BTreeMap<String, u32>,
}

pub(crate) async fn list(db: &Db, filter: &Filter, limit: usize) -> Result<Vec<JobDetails>, Error> {
    let sql = sql!(
        "select id, queue, worker, version, args, state, attempt, max_attempts, scheduled_at, node, errors, trace,
             priority, partition_key, tags, meta, result, inserted_at, attempted_at, ended_at, workflow, waits_for
         from jobs
         where id < $1
             and (cast($2 as text) is null or queue = $2)
             and (cast($3 as text) is null or worker = $3)
             and (cast($4 as text) is null or state = $4)
             and (cast($5 as text) is null or tags like $5 escape '!')
             and (cast($6 as text) is null or lower(args) like $6 escape '!')
             and (cast($7 as text) is null or workflow = $7)
         order by id desc limit $8"
    );
    let tag = filter.tag.as_ref().map(|tag| format!("%{}%", escaped(&Value::from(tag.as_str()).to_string())));
    let text = filter.text.as_ref().map(|text| format!("%{}%", escaped(&text.to_lowercase())));
    let params = params![
        filter.before.map_or(i64::MAX, |id| id.0),
        filter.queue.as_deref(),
        filter.worker.as_deref(),
        filter.state.map(State::as_str),
        tag,
        text,
        filter.workflow.map(|id| id.to_string()),
        limit,
    ];
    db.snapshot().await?.all(sql, params).await?.iter().map(JobDetails::from_row).collect()
}

/// Escapes text so that `like ... escape '!'` finds it literally.
fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

pub(crate) async fn details(db: &Db, id: JobId) -> Result<Option<JobDetails>, Error> {
    let sql = sql!(
        "select id, queue, worker, version, args, state, attempt, max_attempts, scheduled_at, node, errors, trace,
             priority, partition_key, tags, meta, result, inserted_at, attempted_at, ended_at, workflow, waits_for
         from jobs where id = $1"
    );
    db.snapshot().await?.optional(sql, params![id.0]).await?.map(|row| JobDetails::from_row(&row)).transpose()
}

pub(crate) async fn counts(db: &Db) -> Result<Vec<QueueCounts>, Error> {
    let mut tx = db.snapshot().await?;
    // Each part uses one of the partial indexes, none of which contains completed jobs.
    let sql = sql!(
        "select queue, state, count(*) as n from jobs where state = 'available' group by queue, state
         union all
         select queue, state, count(*) as n from jobs where state in ('scheduled', 'retryable') group by queue, state
         union all
         select queue, state, count(*) as n from jobs where state = 'executing' group by queue, state
         union all
         select queue, state, count(*) as n from jobs where state in ('cancelled', 'discarded') group by queue, state
         order by queue, state"
    );
    let mut counts = BTreeMap::<String, QueueCounts>::new();
    for row in tx.all(sql, params![]).await? {
        let of = counts.entry(row.text("queue")?).or_default();
        let n = count(row.int("n")?);
        match State::parse(&row.text("state")?) {
            Some(State::Available) => of.available = n,
            Some(State::Scheduled) => of.scheduled = n,
            Some(State::Executing) => of.executing = n,
            Some(State::Retryable) => of.retryable = n,
            Some(State::Canceled) => of.canceled = n,
            Some(State::Discarded) => of.discarded = n,
            Some(State::Completed) | None => {}
        }
    }
    for row in tx.all(sql!("select name, paused from queues order by name"), params![]).await? {
        counts.entry(row.text("name")?).or_default().paused = row.flag("paused")?;
    }
    Ok(counts.into_iter().map(|(queue, counts)| QueueCounts { queue, ..counts }).collect())
}

pub(crate) async fn nodes(db: &Db) -> Result<Vec<NodeReport>, Error> {
    let leader = leadership(db, ROLE).await?.map(|leader| leader.node);
    let sql = sql!(
        "select name, beat, started_at, beaten_at, lanes,
             (select count(*) from jobs where jobs.node = nodes.name and jobs.state = 'executing') as executing
         from nodes order by name"
    );
    let rows = db.snapshot().await?.all(sql, params![]).await?;
    rows.iter()
        .map(|row| {
            let name = row.text("name")?;
            let leads = leader.as_ref() == Some(&name);
            Ok(NodeReport {
                name,
                heartbeats: row.int("beat")?,
                started_at: row.int("started_at")?,
                heartbeat_at: row.int("beaten_at")?,
                queues: row.decode("nodes.lanes", |json| serde_json::from_str(json))?,
                executing: count(row.int("executing")?),
                leads,
            })
        })
        .collect()
}

pub(crate) async fn retry(tx: &mut Tx, id: JobId, args: Option<&str>, now: i64) -> Result<bool, Error> {
    let sql = sql!(
        "update jobs
         set state = 'available', scheduled_at = $2, ended_at = null, args = coalesce($3, args),
             max_attempts = case when attempt >= max_attempts then attempt + 1 else max_attempts end
         where id = $1 and state <> 'executing' and waits_for = 0
         returning queue, followed"
    );
    let Some(row) = tx.optional(sql, params![id.0, now, args]).await? else { return Ok(false) };
    if row.flag("followed")? {
        dependencies::restore_dependents(tx, id).await?;
    }
    tx.notify(CHANNEL, row.text("queue")?);
    Ok(true)
}

pub(crate) async fn delete(tx: &mut Tx, id: JobId, now: i64) -> Result<bool, Error> {
    let waits = sql!("select id from jobs where id = $1 and state in ('available', 'scheduled', 'retryable')");
    if tx.optional(waits, params![id.0]).await?.is_some() {
        // The jobs that depend on it are canceled.
        cancel(tx, id, now).await?;
    }
    let sql = sql!("delete from jobs where id = $1 and state <> 'executing'");
    Ok(tx.execute(sql, params![id.0]).await? > 0)
}
