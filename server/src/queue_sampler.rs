//! Tells the administrators' pages how the queue is: the leader does, once a second while it changes.

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use hiring::Hiring;
use queue::Running;

/// Between two looks at a queue that moves.
const ACTIVE_INTERVAL: Duration = Duration::from_secs(1);
/// Between two looks at a queue that stands still, unless a job is enqueued or somebody says something.
const IDLE_INTERVAL: Duration = Duration::from_secs(5);

/// Samples for as long as it is polled; however many jobs run, a page hears of them once a second. A
/// look may take a twentieth of the time. What fails is tried again at the next look.
pub async fn run(hiring: Hiring, workers: Arc<Running>) {
    let mut told = hiring.db().notifications().subscribe(queue::ENQUEUED);
    let mut said = hiring.db().notifications().subscribe(queue::OVERRIDES_CHANGED);
    let mut events = workers.subscribe();
    let mut last = None;
    loop {
        // What was said until now is seen by this look.
        while told.recv().now_or_never().is_some() || said.recv().now_or_never().is_some() {}
        events = events.resubscribe();
        let begun = tokio::time::Instant::now();
        let moved = workers.leads()
            && hiring.sample_queue(&mut last).await.unwrap_or_else(|error| {
                tracing::warn!(error = &error as &dyn std::error::Error, "the queue could not be looked at");
                false
            });
        tokio::time::sleep(ACTIVE_INTERVAL.max(begun.elapsed() * 20)).await;
        if !moved {
            tokio::select! {
                _ = told.recv() => {}
                _ = said.recv() => {}
                _ = events.recv() => {}
                () = tokio::time::sleep(IDLE_INTERVAL - ACTIVE_INTERVAL) => {}
            }
        }
    }
}
