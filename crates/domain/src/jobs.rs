//! The job queue as administrators see it.

use serde::{Deserialize, Serialize};

use crate::fold::Fold;

/// The queues, their nodes and recurring jobs at one moment: what happens on the topic `queue`,
/// each event the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueOverview {
    /// When the charts end; milliseconds since 1970, UTC, and 0 when they are empty.
    pub at: i64,
    /// By name.
    pub queues: Vec<QueueCard>,
    /// By name.
    pub nodes: Vec<NodeRow>,
    /// By name.
    pub crons: Vec<CronRow>,
}

impl Fold for QueueOverview {
    type Event = Self;

    /// The next one takes its place.
    fn apply(&mut self, next: Self) {
        *self = next;
    }
}

/// One queue over all nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueCard {
    /// Its name.
    pub name: String,
    /// Jobs that wait for a slot.
    pub available: usize,
    /// That wait for their time, or for other jobs.
    pub scheduled: usize,
    /// That run.
    pub executing: usize,
    /// That failed and wait for their back-off.
    pub retryable: usize,
    /// That were cancelled.
    pub cancelled: usize,
    /// That failed for good.
    pub discarded: usize,
    /// Whether nothing more is started on any node.
    pub paused: bool,
    /// How many run at once, over all nodes.
    pub slots: usize,
    /// What became of attempts in the last ten minutes, by ten seconds, oldest first.
    pub history: Vec<QueueTick>,
}

/// Ten seconds of a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueTick {
    /// When they begin; milliseconds since 1970, UTC.
    pub at: i64,
    /// Attempts that completed their jobs.
    pub completed: usize,
    /// That failed, for the time being or for good.
    pub failed: usize,
    /// How long their jobs had waited on average, in milliseconds.
    pub wait_ms: i64,
    /// How long they ran on average, in milliseconds.
    pub run_ms: i64,
}

/// One process that works on the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRow {
    /// Its name.
    pub name: String,
    /// When it started; milliseconds since 1970, UTC.
    pub started_at: i64,
    /// Its attempts.
    pub executing: usize,
    /// How many may run at once.
    pub slots: usize,
    /// Whether it sees to what recurs.
    pub leads: bool,
}

/// A recurring job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CronRow {
    /// Its name.
    pub name: String,
    /// As cron writes it.
    pub expression: String,
    /// An IANA name.
    pub time_zone: String,
    /// What it does.
    pub worker: String,
    /// Whether it is paused.
    pub paused: bool,
    /// When it is due next; milliseconds since 1970, UTC.
    pub next_at: Option<i64>,
}

/// The page of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuePage {
    /// The live part.
    pub overview: QueueOverview,
    /// Where it stands on `queue`.
    pub seq: u64,
    /// The newest jobs.
    pub jobs: Vec<JobRow>,
}

/// Which jobs to list; what is empty does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFilter {
    /// Of this queue.
    #[serde(default)]
    pub queue: String,
    /// In this state.
    #[serde(default)]
    pub state: String,
    /// Of this worker.
    #[serde(default)]
    pub worker: String,
    /// Whose arguments hold this text.
    #[serde(default)]
    pub text: String,
    /// Older than this job.
    #[serde(default)]
    pub before: String,
}

/// One job in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    /// Its id.
    pub id: i64,
    /// Its queue.
    pub queue: String,
    /// What it does.
    pub worker: String,
    /// One of [`STATES`].
    pub state: String,
    /// Attempts so far.
    pub attempt: u32,
    /// Attempts at most.
    pub max_attempts: u32,
    /// When it was inserted; milliseconds since 1970, UTC.
    pub inserted_at: i64,
}

/// What a job can be.
pub const STATES: [&str; 7] =
    ["available", "scheduled", "executing", "retryable", "completed", "cancelled", "discarded"];

/// All of one job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobPage {
    /// Where `queue` stood when it was read.
    pub seq: u64,
    /// The same as in the list.
    pub row: JobRow,
    /// Its arguments, as indented JSON.
    pub args: String,
    /// What it recorded, as indented JSON.
    pub result: Option<String>,
    /// From 0 (most urgent) to 9.
    pub priority: u8,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Who ran it last.
    pub node: Option<String>,
    /// The trace of the request that enqueued it.
    pub trace: Option<String>,
    /// When it may start; milliseconds since 1970, UTC.
    pub scheduled_at: i64,
    /// When its last attempt began.
    pub attempted_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// So many jobs have to end before it may start.
    pub waits_for: usize,
    /// Its failed attempts, oldest first.
    pub failures: Vec<JobFailure>,
}

/// A failed attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFailure {
    /// Which one; 0 for what happened before the first.
    pub attempt: u32,
    /// When; milliseconds since 1970, UTC.
    pub at: i64,
    /// What was said.
    pub error: String,
}

/// What is done to jobs by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobChange {
    /// Runs again.
    Retry,
    /// Runs no more.
    Cancel,
    /// Is gone.
    Delete,
}

/// What is done to a queue or a recurring job by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// Starts nothing more.
    Pause,
    /// Starts again.
    Resume,
    /// Once, now; recurring jobs only.
    RunNow,
}
