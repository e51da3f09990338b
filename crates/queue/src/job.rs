//! A job as it is stored in the database.

use std::{fmt, num::ParseIntError, str::FromStr};

use db::Row;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The id of a job. Ids grow in the order of insertion and are never reused.
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

/// The state of a job. The states are those of Oban.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Ready to run; waits for a free slot.
    Available,
    /// Waits for its scheduled time, for other jobs, or for the end of a snooze.
    Scheduled,
    /// Being run by a node.
    Executing,
    /// Failed, and waits for the end of its back-off.
    Retryable,
    /// Ended successfully.
    Completed,
    /// Ended because someone canceled it.
    #[serde(rename = "cancelled")]
    Canceled,
    /// Ended because its last attempt failed, or because its worker gave up.
    Discarded,
}

impl State {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Available,
        Self::Scheduled,
        Self::Executing,
        Self::Retryable,
        Self::Completed,
        Self::Canceled,
        Self::Discarded,
    ];

    /// Returns the name of the state in the database.
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

    /// Returns whether the job has ended, so that it changes only by hand.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled | Self::Discarded)
    }

    /// The state's bit in the column `unique_states`.
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

    /// Parses the name of a state as the database stores it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
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
    /// The number of the attempt, from 1; 0 for an event before the first attempt.
    pub attempt: u32,
    /// The time of the failure, in milliseconds since 1970.
    pub at: i64,
    /// The error message, cut to [`Failure::MAX_LEN`] characters.
    pub error: String,
}

impl Failure {
    /// The most characters of an error message that are kept, so that a history stays small.
    pub const MAX_LEN: usize = 2_000;

    pub(crate) fn new(attempt: u32, at: i64, error: &str) -> Self {
        Self { attempt, at, error: error.chars().take(Self::MAX_LEN).collect() }
    }
}

/// Decodes the history of a job. One that was damaged by hand must not keep the job from running, nor be lost
/// with the next failure: its text becomes the first entry.
fn history(id: JobId, json: &str) -> Vec<Failure> {
    serde_json::from_str(json).unwrap_or_else(|error| {
        tracing::error!(job = id.0, %error, "jobs.errors holds a value that cannot be decoded");
        vec![Failure::new(0, 0, json)]
    })
}

/// A job as the database stores it.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// The id.
    pub id: JobId,
    /// The queue that the job waits in.
    pub queue: String,
    /// The name of the worker that runs it.
    pub worker: String,
    /// The version of the arguments; see [`Worker::VERSION`](crate::Worker::VERSION).
    pub version: u32,
    /// The arguments, as JSON.
    pub args: String,
    /// The current state.
    pub state: State,
    /// The number of the running or latest attempt, from 1; 0 before the first.
    pub attempt: u32,
    /// The job is discarded when the attempt with this number fails.
    pub max_attempts: u32,
    /// The earliest time to start, in milliseconds since 1970.
    pub scheduled_at: i64,
    /// The node that runs it or ran it last.
    pub node: Option<String>,
    /// The failed attempts, oldest first.
    pub errors: Vec<Failure>,
    /// The trace that enqueued it, as a W3C `traceparent`.
    pub trace: Option<String>,
}

impl Job {
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        let state = State::parse(&row.text("state")?);
        let state = state.ok_or(Error::Unreadable { id: JobId(row.int("id")?), what: "state" })?;
        Self::from_columns(row, row.text("queue")?, state, row.opt_text("node")?)
    }

    /// Reads a job that `node` has just claimed from `queue`; the statement does not return the columns that
    /// are known.
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
            errors: history(id, &row.text("errors")?),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_that_cannot_be_decoded_is_kept_as_its_first_entry() {
        let damaged = r#"[{"attempt":1,"at":5"#;
        assert_eq!(history(JobId(7), damaged), [Failure { attempt: 0, at: 0, error: damaged.to_owned() }]);
        let kept = vec![Failure::new(1, 5, "no network")];
        assert_eq!(history(JobId(7), &serde_json::to_string(&kept).unwrap_or_default()), kept);
    }
}
