//! Publishes the state of the queue to the administrators' pages. Only the leader does, at most once a
//! second however many jobs run.

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use hiring::Hiring;
use queue::Running;

/// The interval between two samples while the queue changes.
const ACTIVE_INTERVAL: Duration = Duration::from_secs(1);
/// The interval while it does not, unless a job is enqueued, changed or finished.
const IDLE_INTERVAL: Duration = Duration::from_secs(5);
/// A sample may take this share of the time: a slow database is sampled less often.
const MAX_LOAD: u32 = 20;

/// Samples for as long as it is polled. A sample that fails is logged, and taken again at the next
/// interval.
pub async fn run(hiring: Hiring, workers: Arc<Running>) {
    let mut enqueued = hiring.db().notifications().subscribe(queue::ENQUEUED);
    let mut changed = hiring.db().notifications().subscribe(queue::OVERRIDES_CHANGED);
    let mut events = workers.subscribe();
    let mut last = None;
    loop {
        // This sample covers everything announced so far.
        while enqueued.recv().now_or_never().is_some() || changed.recv().now_or_never().is_some() {}
        events = events.resubscribe();
        let began = tokio::time::Instant::now();
        let moved = workers.leads()
            && hiring.sample_queue(&mut last).await.unwrap_or_else(|error| {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot sample the queue");
                false
            });
        tokio::time::sleep(ACTIVE_INTERVAL.max(began.elapsed() * MAX_LOAD)).await;
        if !moved {
            tokio::select! {
                _ = enqueued.recv() => {}
                _ = changed.recv() => {}
                _ = events.recv() => {}
                () = tokio::time::sleep(IDLE_INTERVAL - ACTIVE_INTERVAL) => {}
            }
        }
    }
}
