//! Registers the recurring jobs of a node, and enqueues the due ones while the node leads.

use std::{convert::Infallible, sync::Arc, time::Duration};

use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::{Cron, CronReport};
use crate::{
    error::Error,
    leader::Leadership,
    node::Node,
    store::{self, Insert, Start},
};

/// Schedules the recurring jobs of a node.
pub(crate) struct CronScheduler {
    node: Arc<Node>,
    leadership: Arc<Leadership>,
    crons: Vec<Cron>,
    changed: Notify,
    registered: watch::Sender<bool>,
}

impl CronScheduler {
    pub(crate) fn new(node: Arc<Node>, leadership: Arc<Leadership>, crons: Vec<Cron>) -> Self {
        Self { node, leadership, crons, changed: Notify::new(), registered: watch::Sender::new(false) }
    }

    /// Checks the recurring jobs now: one was paused, resumed or requested, or the clock was set.
    pub(crate) fn check_now(&self) {
        self.changed.notify_one();
    }

    /// Waits until the database knows the recurring jobs of this node.
    pub(crate) async fn registered(&self) {
        // `self`, and with it the sender, outlives this wait.
        let _ = self.registered.subscribe().wait_for(|registered| *registered).await;
    }

    /// Enqueues due jobs while this node leads, until it is stopped.
    pub(crate) async fn run(self: Arc<Self>, stopping: CancellationToken) -> Result<(), Error> {
        self.register().await?;
        self.registered.send_replace(true);
        let mut leadership = self.leadership.changes();
        while !stopping.is_cancelled() {
            if self.leadership.leads()
                && let Err(error) = self.enqueue_due().await
            {
                tracing::warn!(error = &error as &dyn std::error::Error, "recurring jobs cannot be enqueued for now");
            }
            tokio::select! {
                () = stopping.cancelled() => {}
                () = self.changed.notified() => {}
                () = self.next_check(&mut leadership) => {}
            }
        }
        Ok(())
    }

    /// Waits for the next occurrence or until this node becomes the leader; at most for the poll interval.
    async fn next_check(&self, leadership: &mut watch::Receiver<Option<(i64, i64)>>) {
        let now = self.node.clock.now_ms();
        let next = self.crons.iter().filter_map(|cron| cron.next(now)).min().unwrap_or(i64::MAX);
        let wait = Duration::from_millis(u64::try_from(next.saturating_sub(now)).unwrap_or(0));
        if self.leadership.leads() {
            tokio::time::sleep(wait.min(self.node.intervals.poll)).await;
        } else if leadership.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<Infallible>().await;
        }
    }

    async fn register(&self) -> Result<(), Error> {
        let Node { db, clock, .. } = &*self.node;
        let now = clock.now_ms();
        for cron in &self.crons {
            let (expression, zone, worker) = (cron.expression.as_str(), cron.zone_name.as_str(), cron.job.worker);
            store::register_cron(db, &cron.name, expression, zone, worker, now, cron.next(now)).await?;
        }
        Ok(())
    }

    /// Enqueues the jobs whose occurrences are due now.
    pub(crate) async fn enqueue_due(&self) -> Result<(), Error> {
        if self.crons.is_empty() {
            return Ok(());
        }
        let now = self.node.clock.now_ms();
        for report in store::crons(&self.node.db).await? {
            if let Some(cron) = self.crons.iter().find(|cron| cron.name == report.name) {
                self.enqueue(cron, &report, now).await?;
            }
        }
        Ok(())
    }

    async fn enqueue(&self, cron: &Cron, report: &CronReport, now: i64) -> Result<(), Error> {
        let occurrences = cron.occurrences(report.last_at, now);
        if occurrences.is_empty() && !report.run_requested {
            return Ok(());
        }
        let mut due = if report.paused { Vec::new() } else { cron.select_due(occurrences, now) };
        if report.run_requested {
            due.push(now);
        }
        let mut tx = self.node.db.begin().await?;
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
}
