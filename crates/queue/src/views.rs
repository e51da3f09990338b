//! What an administration page of the queue shows, as serializable types for the server and the browser.
//!
//! This module needs no feature and compiles to WASM; `dashboard` fills the types from the database.

use serde::{Deserialize, Serialize};

/// The queues, their nodes and the recurring jobs at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueOverview {
    /// The start of the newest ten seconds of [`QueueCard::history`], in milliseconds since 1970; 0 if all
    /// histories are empty.
    pub at: i64,
    /// The queues, by name.
    pub queues: Vec<QueueCard>,
    /// The live nodes, by name.
    pub nodes: Vec<NodeRow>,
    /// The recurring jobs, by name.
    pub crons: Vec<CronRow>,
}

/// One queue on all nodes together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueCard {
    /// The queue's name.
    pub name: String,
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
    /// How many jobs may run at once on all nodes together.
    pub slots: usize,
    /// The attempts of the last ten minutes in steps of ten seconds, oldest first. Steps without attempts may
    /// be missing.
    pub history: Vec<QueueTick>,
}

/// The attempts of a queue within ten seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueTick {
    /// The start of the ten seconds, in milliseconds since 1970.
    pub at: i64,
    /// Attempts that completed their jobs.
    pub completed: usize,
    /// Attempts that failed, whether or not their jobs will be retried.
    pub failed: usize,
    /// How long the jobs had waited on average, in milliseconds.
    pub wait_ms: i64,
    /// How long the attempts ran on average, in milliseconds.
    pub run_ms: i64,
}

/// A node that is alive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRow {
    /// The node's name.
    pub name: String,
    /// When the node started, in milliseconds since 1970.
    pub started_at: i64,
    /// The number of jobs that it executes.
    pub executing: usize,
    /// The slots of all its queues.
    pub slots: usize,
    /// Whether it is the leader.
    pub leads: bool,
}

/// A recurring job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CronRow {
    /// The name.
    pub name: String,
    /// The cron expression.
    pub expression: String,
    /// The IANA name of the expression's time zone.
    pub time_zone: String,
    /// The worker of its jobs.
    pub worker: String,
    /// Whether it is paused.
    pub paused: bool,
    /// The next occurrence, in milliseconds since 1970.
    pub next_at: Option<i64>,
}

/// The page of all queues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuePage {
    /// The overview, which changes while the page is shown.
    pub overview: QueueOverview,
    /// The number of the last published overview when this one was read. The caller sets it.
    pub seq: u64,
    /// The newest jobs that match the page's filter.
    pub jobs: Vec<JobRow>,
}

/// Which jobs to list. Empty fields match all jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFilter {
    /// Only jobs of this queue.
    #[serde(default)]
    pub queue: String,
    /// Only jobs in this state, one of [`STATES`].
    #[serde(default)]
    pub state: String,
    /// Only jobs of this worker.
    #[serde(default)]
    pub worker: String,
    /// Only jobs whose arguments contain this text, ignoring case.
    #[serde(default)]
    pub text: String,
    /// Only jobs older than the one with this id.
    #[serde(default)]
    pub before: String,
}

/// One job in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    /// The job's id.
    pub id: i64,
    /// The queue that the job waits in.
    pub queue: String,
    /// The worker that runs it.
    pub worker: String,
    /// The state, one of [`STATES`].
    pub state: String,
    /// The number of the running or latest attempt; 0 before the first.
    pub attempt: u32,
    /// The job is discarded when the attempt with this number fails.
    pub max_attempts: u32,
    /// When the job was inserted, in milliseconds since 1970.
    pub inserted_at: i64,
}

/// The states of jobs, as the database stores them.
pub const STATES: [&str; 7] =
    ["available", "scheduled", "executing", "retryable", "completed", "cancelled", "discarded"];

/// The page of one job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobPage {
    /// The number of the last published overview when the job was read. The caller sets it.
    pub seq: u64,
    /// The columns of the list.
    pub row: JobRow,
    /// The arguments, as indented JSON.
    pub args: String,
    /// The result that the job recorded, as indented JSON.
    pub result: Option<String>,
    /// The priority, from 0 (most urgent) to 9.
    pub priority: u8,
    /// The tags.
    pub tags: Vec<String>,
    /// The node that runs the job or ran it last.
    pub node: Option<String>,
    /// The trace that enqueued the job, as a W3C `traceparent`.
    pub trace: Option<String>,
    /// The earliest time to start, in milliseconds since 1970.
    pub scheduled_at: i64,
    /// When the latest attempt started, in milliseconds since 1970.
    pub attempted_at: Option<i64>,
    /// When the job ended, in milliseconds since 1970.
    pub ended_at: Option<i64>,
    /// The number of jobs that have to end before this one may start.
    pub waits_for: usize,
    /// The failed attempts, oldest first.
    pub failures: Vec<JobFailure>,
}

/// A failed attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFailure {
    /// The number of the attempt; 0 for an event before the first attempt.
    pub attempt: u32,
    /// When it failed, in milliseconds since 1970.
    pub at: i64,
    /// The error message.
    pub error: String,
}

/// A manual change of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobChange {
    /// Makes the job available again.
    Retry,
    /// Cancels a job that has not ended.
    Cancel,
    /// Deletes a job that is not running.
    Delete,
}

/// A manual change of a queue or a recurring job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// Starts nothing more.
    Pause,
    /// Ends a pause.
    Resume,
    /// Runs a recurring job once, now. Does not apply to queues.
    RunNow,
}
