//! Sends the node's heartbeat, and compares the attempts that it runs with those in the database.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use db::{Dialect, Notification};
use tokio_util::sync::CancellationToken;

use crate::{
    attempts::Attempts,
    cron::CronScheduler,
    error::Error,
    handler::WorkerRegistry,
    job::JobId,
    liveness::Liveness,
    node::Node,
    rescuer::Rescuer,
    slot_pools::SlotPools,
    stager::Stager,
    store::{self, HeartbeatResult},
};

/// A larger difference, in milliseconds, means that someone has set a clock.
const CLOCK_STEP_THRESHOLD_MS: i64 = 1_000;

/// Attempts that this node owns in the database but does not run.
pub(crate) type OrphanedAttempts = HashSet<(JobId, u32)>;

/// Sends the heartbeats of a node.
pub(crate) struct Heartbeat {
    pub node: Arc<Node>,
    pub liveness: Arc<Liveness>,
    pub workers: Arc<WorkerRegistry>,
    pub pools: Arc<SlotPools>,
    pub attempts: Arc<Attempts>,
    pub rescuer: Arc<Rescuer>,
    pub stager: Arc<Stager>,
    pub crons: Arc<CronScheduler>,
}

impl Heartbeat {
    /// Sends heartbeats until it is stopped, in a task of its own, so that claims do not delay them.
    pub(crate) async fn run(self: Arc<Self>, stopping: CancellationToken) -> Result<(), Error> {
        // The first heartbeat is sent before the loop waits.
        let interval = self.node.intervals.heartbeat;
        let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + interval, interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut recovered = false;
        let mut orphaned = OrphanedAttempts::new();
        loop {
            let sent = if recovered { self.beat(&orphaned).await } else { self.recover_and_beat().await };
            match sent {
                Ok(found) => (recovered, orphaned) = (true, found),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the heartbeat could not be sent");
                }
            }
            tokio::select! {
                () = stopping.cancelled() => return Ok(()),
                () = self.liveness.heartbeat_requested() => {}
                _ = ticks.tick() => {}
            }
        }
    }

    /// Sends the first heartbeat. Where the database belongs to one process, all other nodes are dead.
    async fn recover_and_beat(&self) -> Result<OrphanedAttempts, Error> {
        if self.node.db.dialect() == Dialect::Sqlite {
            self.rescuer.rescue_other_nodes().await?;
            // The clock may have been set back since another process used the file.
            store::rebase_waits(&self.node.db, self.node.clock.now_ms(), CLOCK_STEP_THRESHOLD_MS).await?;
        }
        self.beat(&OrphanedAttempts::new()).await
    }

    /// Sends a heartbeat, cancels the attempts that lost their jobs, and gives back the jobs that were already
    /// orphaned at the previous heartbeat. (The database knows of a claim before this node receives its
    /// answer.) Returns the attempts that are orphaned now.
    pub(crate) async fn beat(&self, orphaned: &OrphanedAttempts) -> Result<OrphanedAttempts, Error> {
        // Listed before the query: an attempt that starts meanwhile is in neither list.
        let before = self.attempts.running();
        let step = self.write().await?;
        self.liveness.record_heartbeat();
        if step.abs() > CLOCK_STEP_THRESHOLD_MS {
            self.handle_clock_step(step).await?;
        }
        let executing = store::executing_on(&self.node.db, &self.node.name).await?;
        let ids: HashSet<_> = executing.iter().map(|job| (job.id, job.attempt)).collect();
        for attempt in before {
            if !attempt.has_completed() && !ids.contains(&(attempt.id(), attempt.attempt())) {
                attempt.cancellation().cancel();
            }
        }
        let running = self.attempts.running();
        let running: HashMap<_, _> = running.iter().map(|attempt| (attempt.id(), attempt.attempt())).collect();
        let mut found = OrphanedAttempts::new();
        for job in executing.iter().filter(|job| running.get(&job.id) != Some(&job.attempt)) {
            if orphaned.contains(&(job.id, job.attempt)) {
                self.rescuer.give_back(job).await;
            } else {
                found.insert((job.id, job.attempt));
            }
        }
        Ok(found)
    }

    /// Writes the heartbeat with the state of the node's queues, and corrects the node's clock by that of the
    /// database, or by the system's where the database has none. Returns the correction in milliseconds.
    async fn write(&self) -> Result<i64, Error> {
        let Node { db, name, clock, started_at, .. } = &*self.node;
        let report = self.pools.iter().map(|pool| pool.report(self.workers.versions_in(&pool.queue)));
        let queues = serde_json::to_string(&report.collect::<Vec<_>>()).unwrap_or_else(|_| "[]".to_owned());
        let began = clock.elapsed_ms();
        let HeartbeatResult { registered, time } =
            store::heartbeat(db, name, *started_at, clock.now_ms(), &queues).await?;
        if registered {
            // It could claim nothing while the others took it for dead.
            self.pools.notify_all();
        }
        Ok(match time {
            // The database read its clock at some moment between the request and the answer.
            Some(time) => clock.correct(time, time + clock.elapsed_ms() - began),
            None => clock.correct(clock.source_ms(), clock.source_ms()),
        })
    }

    /// Adapts to a clock that was set. A job that waits for a point in time follows the new time; a job that
    /// waits for a duration waits no longer than that.
    async fn handle_clock_step(&self, step: i64) -> Result<(), Error> {
        tracing::warn!(node = self.node.name, step, "the clock was set");
        store::rebase_waits(&self.node.db, self.node.clock.now_ms(), CLOCK_STEP_THRESHOLD_MS).await?;
        self.stager.check_now();
        self.pools.notify_all();
        self.crons.check_now();
        Ok(())
    }

    /// Cancels the running attempt of the job that a notification names. If notifications were lost, a
    /// heartbeat finds the attempts to cancel.
    pub(crate) fn on_cancel_notification(&self, notification: &Notification) {
        match notification {
            Notification::Payload(id) => {
                if let Some(attempt) = id.parse().ok().and_then(|id| self.attempts.find(id)) {
                    attempt.cancellation().cancel();
                }
            }
            Notification::Lagged => self.liveness.request_heartbeat(),
        }
    }
}

#[cfg(test)]
mod tests;
