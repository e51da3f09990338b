//! Recurring jobs: cron expressions with time zones, enqueued once across all nodes.
//!
//! The leader enqueues them. An occurrence is enqueued in the transaction that marks it as processed, so
//! it makes one job even while two nodes take themselves for the leader
//! (`each_occurrence_is_enqueued_once_across_nodes`).

mod scheduler;

use std::str::FromStr;

use db::{Db, Tx};
use jiff::{Timestamp, Zoned, tz::TimeZone};

pub(crate) use scheduler::CronScheduler;

pub use crate::store::CronReport;
use crate::{
    enqueue::NewJob,
    error::Error,
    store::{self, Insert},
    worker::Worker,
};

/// An occurrence is on time if it is processed within this many milliseconds.
const ON_TIME_THRESHOLD_MS: i64 = 60_000;
/// The most missed occurrences of a recurring job that are enqueued.
const MAX_MISSED: usize = 100;

/// What to do with occurrences that passed while no node could enqueue them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missed {
    /// Skips them.
    Skip,
    /// Enqueues one job for all of them.
    #[default]
    Once,
    /// Enqueues one job for each of the last 100.
    All,
}

/// A recurring job.
#[derive(Debug)]
pub struct Cron {
    name: String,
    expression: String,
    zone: TimeZone,
    zone_name: String,
    schedule: croner::Cron,
    missed: Missed,
    job: Insert,
}

impl Cron {
    /// Creates a recurring job that enqueues a job of `W` with `args` at every occurrence of `expression` in
    /// `time_zone` (an IANA name). The expression has five fields (minute, hour, day, month, weekday), or six
    /// with seconds first, or is an alias like `@daily`. An occurrence that a change to daylight saving time
    /// skips comes right after it; one that the change back repeats comes once.
    ///
    /// # Errors
    /// [`Error::Schedule`] when the expression or the time zone is invalid; [`Error::Arguments`].
    pub fn new<W: Worker>(name: &str, expression: &str, time_zone: &str, args: &W::Args) -> Result<Self, Error> {
        let invalid = |reason: String| Error::Schedule { name: name.to_owned(), reason };
        Ok(Self {
            name: name.to_owned(),
            expression: expression.to_owned(),
            zone: TimeZone::get(time_zone).map_err(|error| invalid(error.to_string()))?,
            zone_name: time_zone.to_owned(),
            schedule: croner::Cron::from_str(expression).map_err(|error| invalid(error.to_string()))?,
            missed: Missed::default(),
            job: NewJob::<W>::new(args)?.meta("cron", name).row(0),
        })
    }

    /// Sets what to do with missed occurrences; [`Missed::Once`] by default.
    #[must_use]
    pub fn missed(self, missed: Missed) -> Self {
        Self { missed, ..self }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The first occurrence after `at`, in milliseconds since 1970.
    fn next(&self, at: i64) -> Option<i64> {
        let after = Timestamp::from_millisecond(at).ok()?.to_zoned(self.zone.clone());
        let next: Zoned = self.schedule.find_next_occurrence(&after, false).ok()?;
        Some(next.timestamp().as_millisecond())
    }

    /// The last [`MAX_MISSED`] occurrences after `from` and up to `to`.
    fn occurrences(&self, from: i64, to: i64) -> Vec<i64> {
        let mut occurrences = std::collections::VecDeque::new();
        let mut at = from;
        while let Some(next) = self.next(at).filter(|next| *next <= to) {
            if occurrences.len() == MAX_MISSED {
                occurrences.pop_front();
            }
            occurrences.push_back(next);
            at = next;
        }
        occurrences.into()
    }

    /// Selects the occurrences that get a job at `now`.
    fn select_due(&self, mut occurrences: Vec<i64>, now: i64) -> Vec<i64> {
        let late = occurrences.iter().take_while(|at| now - **at >= ON_TIME_THRESHOLD_MS).count();
        let all_late = late == occurrences.len();
        match self.missed {
            Missed::All => occurrences,
            Missed::Once if all_late => occurrences.pop().into_iter().collect(),
            Missed::Once | Missed::Skip => occurrences.split_off(late),
        }
    }
}

/// Lists all recurring jobs in the database, including those that no program registers any more.
///
/// # Errors
/// [`Error::Database`].
pub async fn crons(db: &Db) -> Result<Vec<CronReport>, Error> {
    store::crons(db).await
}

/// Pauses a recurring job: its occurrences pass without a job. Returns whether there is one of this name.
///
/// # Errors
/// [`Error::Database`].
pub async fn pause(tx: &mut Tx, name: &str) -> Result<bool, Error> {
    store::set_cron_paused(tx, name, true).await
}

/// Ends a [`pause`]; the occurrences that passed are not made up for. Returns whether there is one of this
/// name.
///
/// # Errors
/// [`Error::Database`].
pub async fn resume(tx: &mut Tx, name: &str) -> Result<bool, Error> {
    store::set_cron_paused(tx, name, false).await
}

/// Lets the leader enqueue a job of it now, even if it is paused. Returns whether there is one of this name.
///
/// # Errors
/// [`Error::Database`].
pub async fn run_now(tx: &mut Tx, name: &str) -> Result<bool, Error> {
    store::request_cron_run(tx, name).await
}
