//! A job as the database holds it.

use std::{fmt, num::ParseIntError, str::FromStr};

use db::Row;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Identifies a job; ids grow in the order of insertion, and that of a job that existed is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub i64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for JobId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Where a job stands; the names are Oban's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Waits for a free slot.
    Available,
    /// Waits for its time, or was snoozed.
    Scheduled,
    /// Runs under a lease.
    Executing,
    /// Failed and waits for its back-off to pass.
    Retryable,
    /// Ended well.
    Completed,
    /// Ended by request.
    Canceled,
    /// Ended after its last attempt failed, or because no attempt could help.
    Discarded,
}

impl State {
    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Scheduled => "scheduled",
            Self::Executing => "executing",
            Self::Retryable => "retryable",
            Self::Completed => "completed",
            Self::Canceled => "cancelled",
            Self::Discarded => "discarded",
        }
    }

    /// Whether nothing will happen to the job any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled | Self::Discarded)
    }

    /// As the column `unique_states` counts it.
    pub(crate) const fn bit(self) -> i64 {
        match self {
            Self::Available => 1,
            Self::Scheduled => 2,
            Self::Executing => 4,
            Self::Retryable => 8,
            Self::Completed => 16,
            Self::Canceled => 32,
            Self::Discarded => 64,
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        use State::{Available, Canceled, Completed, Discarded, Executing, Retryable, Scheduled};
        [Available, Scheduled, Executing, Retryable, Completed, Canceled, Discarded]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One failed attempt in a job's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which attempt, from 1.
    pub attempt: u32,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What was said; at most [`Failure::MAX_LEN`] characters.
    pub error: String,
}

impl Failure {
    /// Longer messages are cut, so that a history stays small.
    pub const MAX_LEN: usize = 2_000;

    pub(crate) fn new(attempt: u32, at: i64, error: &str) -> Self {
        Self { attempt, at, error: error.chars().take(Self::MAX_LEN).collect() }
    }
}

/// A job.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The queue that it waits in.
    pub queue: String,
    /// The name of its worker.
    pub worker: String,
    /// The version of its arguments' form; see [`Worker::VERSION`](crate::Worker::VERSION).
    pub version: u32,
    /// Its arguments as JSON.
    pub args: String,
    /// Where it stands.
    pub state: State,
    /// The number of the running or the last attempt, from 1; 0 before the first.
    pub attempt: u32,
    /// It is discarded when this attempt fails.
    pub max_attempts: u32,
    /// When it may start, in milliseconds since 1970.
    pub scheduled_at: i64,
    /// Who runs it, or ran it last.
    pub node: Option<String>,
    /// Its failed attempts, oldest first.
    pub errors: Vec<Failure>,
    /// What enqueued it, as a W3C `traceparent`.
    pub trace: Option<String>,
}

impl Job {
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        let state = State::parse(&row.text("state")?);
        let state = state.ok_or(Error::Unreadable { id: JobId(row.int("id")?), what: "state" })?;
        Self::from_columns(row, row.text("queue")?, state, row.opt_text("node")?)
    }

    /// One that `node` just claimed from `queue`: what is known anyway is not sent.
    pub(crate) fn from_claimed_row(row: &Row, queue: &str, node: &str) -> Result<Self, Error> {
        Self::from_columns(row, queue.to_owned(), State::Executing, Some(node.to_owned()))
    }

    fn from_columns(row: &Row, queue: String, state: State, node: Option<String>) -> Result<Self, Error> {
        let id = JobId(row.int("id")?);
        let count =
            |what| -> Result<u32, Error> { u32::try_from(row.int(what)?).map_err(|_| Error::Unreadable { id, what }) };
        Ok(Self {
            id,
            queue,
            worker: row.text("worker")?,
            version: count("version")?,
            args: row.text("args")?,
            state,
            attempt: count("attempt")?,
            max_attempts: count("max_attempts")?,
            scheduled_at: row.int("scheduled_at")?,
            node,
            // A history that somebody damaged by hand must not keep the job from running.
            errors: serde_json::from_str(&row.text("errors")?).unwrap_or_default(),
            trace: row.opt_text("trace")?,
        })
    }

    /// The history with one more failure, as JSON.
    pub(crate) fn history_with(&self, at: i64, error: &str) -> String {
        let mut errors = self.errors.clone();
        errors.push(Failure::new(self.attempt, at, error));
        serde_json::to_string(&errors).unwrap_or_else(|_| "[]".to_owned())
    }
}
