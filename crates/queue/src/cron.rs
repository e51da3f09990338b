//! Recurring jobs: cron expressions with time zones, enqueued once over all nodes.
//!
//! The leader looks; a moment is enqueued in the transaction that marks it as seen to, so each makes
//! one job even while two nodes believe to lead (`each_occurrence_is_enqueued_once_across_nodes`).

use std::{convert::Infallible, str::FromStr, sync::Arc, time::Duration};

use db::{Db, Tx};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub use crate::store::CronReport;
use crate::{
    enqueue::NewJob,
    error::Error,
    node::Node,
    store::{self, Insert, Start},
    worker::Worker,
};

/// A moment that is seen to within this is on time.
const ON_TIME_THRESHOLD_MS: i64 = 60_000;
/// So many missed occurrences are made up for at most.
const MAX_MISSED: usize = 100;

/// What becomes of occurrences at which no node was there to enqueue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missed {
    /// They are gone.
    Skip,
    /// One job for all of them.
    #[default]
    Once,
    /// A job each; the last 100.
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
    /// Enqueues a job of `W` with `args` whenever `expression` says so in `time_zone` (an IANA name).
    /// The expression has five fields (minute, hour, day, month, weekday), or six with seconds
    /// first, or is `@daily` and the like. A moment that a change to summer time leaves out comes
    /// right after it; one that the change back repeats comes once.
    ///
    /// # Errors
    /// [`Error::Schedule`] when the expression or the time zone cannot be read, [`Error::Arguments`].
    pub fn new<W: Worker>(name: &str, expression: &str, time_zone: &str, args: &W::Args) -> Result<Self, Error> {
        let unreadable = |reason: String| Error::Schedule { name: name.to_owned(), reason };
        Ok(Self {
            name: name.to_owned(),
            expression: expression.to_owned(),
            zone: TimeZone::get(time_zone).map_err(|error| unreadable(error.to_string()))?,
            zone_name: time_zone.to_owned(),
            schedule: croner::Cron::from_str(expression).map_err(|error| unreadable(error.to_string()))?,
            missed: Missed::default(),
            job: NewJob::<W>::new(args)?.meta("cron", name).row(0),
        })
    }

    /// What becomes of missed occurrences; [`Missed::Once`] unless set.
    #[must_use]
    pub fn missed(self, missed: Missed) -> Self {
        Self { missed, ..self }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The first moment after `at`, in milliseconds since 1970.
    fn next(&self, at: i64) -> Option<i64> {
        let after = Timestamp::from_millisecond(at).ok()?.to_zoned(self.zone.clone());
        let next: Zoned = self.schedule.find_next_occurrence(&after, false).ok()?;
        Some(next.timestamp().as_millisecond())
    }

    /// The occurrences after `from` and until `to`; the last ones if they are many.
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

    /// Those of the occurrences that get a job at `now`.
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

/// All recurring jobs that the database knows, also those that no program registers any more.
///
/// # Errors
/// [`Error::Database`].
pub async fn crons(db: &Db) -> Result<Vec<CronReport>, Error> {
    store::crons(db).await
}

/// Lets the occurrences of a recurring job pass without a job; whether there is one of this name.
///
/// # Errors
/// [`Error::Database`].
pub async fn pause(tx: &mut Tx, name: &str) -> Result<bool, Error> {
    store::set_cron_paused(tx, name, true).await
}

/// Ends a [`pause`]; what passed meanwhile is not made up for. Whether there is one of this name.
///
/// # Errors
/// [`Error::Database`].
pub async fn resume(tx: &mut Tx, name: &str) -> Result<bool, Error> {
    store::set_cron_paused(tx, name, false).await
}

/// Has the leader enqueue a job of it now, paused or not; whether there is one of this name.
///
/// # Errors
/// [`Error::Database`].
pub async fn run_now(tx: &mut Tx, name: &str) -> Result<bool, Error> {
    store::request_cron_run(tx, name).await
}

/// Sees to the crons while this node leads, until it is stopped.
pub(crate) async fn run(node: Arc<Node>, stopping: CancellationToken) -> Result<(), Error> {
    register(&node).await?;
    node.crons_registered.send_replace(true);
    let mut lead = node.lead.changes();
    while !stopping.is_cancelled() {
        if node.lead.leads(&node)
            && let Err(error) = enqueue_due(&node).await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "recurring jobs cannot be enqueued for now");
        }
        tokio::select! {
            () = stopping.cancelled() => {}
            () = node.crons_changed.notified() => {}
            () = next_check(&node, &mut lead) => {}
        }
    }
    Ok(())
}

/// When the next moment comes, or when this node begins to lead; at least at every poll.
async fn next_check(node: &Node, lead: &mut tokio::sync::watch::Receiver<Option<(i64, i64)>>) {
    let now = node.clock.now_ms();
    let next = node.crons.iter().filter_map(|cron| cron.next(now)).min().unwrap_or(i64::MAX);
    let wait = Duration::from_millis(u64::try_from(next.saturating_sub(now)).unwrap_or(0)).min(node.pace.poll);
    if node.lead.leads(node) {
        tokio::time::sleep(wait).await;
    } else if lead.wait_for(Option::is_some).await.is_err() {
        std::future::pending::<Infallible>().await;
    }
}

async fn register(node: &Node) -> Result<(), Error> {
    let now = node.clock.now_ms();
    for cron in &node.crons {
        let (expression, zone, worker) = (cron.expression.as_str(), cron.zone_name.as_str(), cron.job.worker);
        store::register_cron(&node.db, &cron.name, expression, zone, worker, now, cron.next(now)).await?;
    }
    Ok(())
}

/// Enqueues what is due.
pub(crate) async fn enqueue_due(node: &Node) -> Result<(), Error> {
    if node.crons.is_empty() {
        return Ok(());
    }
    let now = node.clock.now_ms();
    for report in store::crons(&node.db).await? {
        if let Some(cron) = node.crons.iter().find(|cron| cron.name == report.name) {
            enqueue(node, cron, &report, now).await?;
        }
    }
    Ok(())
}

async fn enqueue(node: &Node, cron: &Cron, report: &CronReport, now: i64) -> Result<(), Error> {
    let occurrences = cron.occurrences(report.last_at, now);
    if occurrences.is_empty() && !report.run_requested {
        return Ok(());
    }
    let mut due = if report.paused { Vec::new() } else { cron.select_due(occurrences, now) };
    if report.run_requested {
        due.push(now);
    }
    let mut tx = node.db.begin().await?;
    if !store::advance_cron(&mut tx, report, now, cron.next(now)).await? {
        return Ok(());
    }
    for at in due {
        let mut job = Insert { now, start: Start::At(now), ..cron.job.clone() };
        job.add_meta("cron_at", Value::from(at));
        store::insert(&mut tx, &job).await?;
    }
    Ok(tx.commit().await?)
}
