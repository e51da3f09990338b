//! Unique jobs: what makes a job a duplicate of another one.

use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    convert::millis,
    error::Error,
    job::State,
    store::{Duplicate, Field},
    worker::Worker,
};

/// Allows at most one job of a worker with the same key in the states that count. The database enforces it,
/// however many nodes insert at once (`concurrent_duplicates_become_one_job`). A duplicate does not abort the
/// caller's transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unique {
    by: Key,
    within: Option<Duration>,
    states: i64,
    replaces: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Given(String),
    Args,
    Fields(Vec<&'static str>),
}

/// The states of jobs that have not ended.
const OPEN: [State; 4] = [State::Available, State::Scheduled, State::Executing, State::Retryable];

impl Unique {
    const fn by(by: Key) -> Self {
        Self { by, within: None, states: 15, replaces: Vec::new() }
    }

    /// Makes jobs with the same key duplicates.
    #[must_use]
    pub fn key(key: impl Into<String>) -> Self {
        Self::by(Key::Given(key.into()))
    }

    /// Makes jobs with equal arguments duplicates.
    #[must_use]
    pub const fn args() -> Self {
        Self::by(Key::Args)
    }

    /// Makes jobs duplicates whose arguments are equal in these fields.
    #[must_use]
    pub fn fields(fields: impl Into<Vec<&'static str>>) -> Self {
        Self::by(Key::Fields(fields.into()))
    }

    /// Ignores jobs that were inserted longer ago than `period`. Without it, jobs of any age count.
    #[must_use]
    pub fn within(self, period: Duration) -> Self {
        Self { within: Some(period), ..self }
    }

    /// Counts only jobs in these states. Without it, the jobs that have not ended count.
    #[must_use]
    pub fn in_states(self, states: &[State]) -> Self {
        Self { states: states.iter().fold(0, |sum, state| sum | state.bit()), ..self }
    }

    /// Counts jobs that have ended as well.
    #[must_use]
    pub fn also_ended(self) -> Self {
        let ended = [State::Completed, State::Canceled, State::Discarded];
        self.in_states(&[OPEN.as_slice(), ended.as_slice()].concat())
    }

    /// Lets a duplicate overwrite these fields of the existing job, unless that job is executing.
    #[must_use]
    pub fn replace(self, fields: impl Into<Vec<Field>>) -> Self {
        Self { replaces: fields.into(), ..self }
    }

    /// Computes the key of a job of `W` with these arguments (JSON).
    pub(crate) fn resolve<W: Worker>(self, args: &str) -> Result<Duplicate, Error> {
        let read = || -> Result<Value, Error> {
            serde_json::from_str(args).map_err(|source| Error::Arguments { worker: W::NAME, source })
        };
        let key = match self.by {
            Key::Given(key) => key,
            Key::Args => hash(&read()?),
            Key::Fields(fields) => {
                let args = read()?;
                let chosen =
                    |field| Value::from(vec![Value::from(field), args.get(field).cloned().unwrap_or_default()]);
                hash(&fields.into_iter().map(chosen).collect())
            }
        };
        Ok(Duplicate {
            key: format!("{}:{key}", W::NAME),
            states: self.states,
            within: self.within.map(millis),
            replaces: self.replaces,
        })
    }
}

/// Hashes the JSON form with SHA-256, so that a key is short however large the arguments are.
fn hash(value: &Value) -> String {
    Sha256::digest(value.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
}
