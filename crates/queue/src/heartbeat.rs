//! Says that this node lives, and compares what it runs with what the database thinks it runs.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use db::{Dialect, Notification};
use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    job::JobId,
    node::Node,
    rescuer,
    store::{self, HeartbeatResult},
};

/// Clocks may differ by so many milliseconds without anybody having set them.
const CLOCK_STEP_THRESHOLD_MS: i64 = 1_000;

/// Attempts that the database says this node runs, but that it does not run.
pub(crate) type OrphanedAttempts = HashSet<(JobId, u32)>;

/// Beats until it is stopped; apart from the claim loops, so that neither delays the other.
pub(crate) async fn run(node: Arc<Node>, stopping: CancellationToken) -> Result<(), Error> {
    // The first beat is before the loop waits.
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + node.pace.beat, node.pace.beat);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut recovered = false;
    let mut orphaned = OrphanedAttempts::new();
    loop {
        let beaten = if recovered { beat(&node, &orphaned).await } else { recover_and_beat(&node).await };
        match beaten {
            Ok(found) => (recovered, orphaned) = (true, found),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "this node cannot say that it lives")
            }
        }
        tokio::select! {
            () = stopping.cancelled() => return Ok(()),
            () = node.heartbeat_now.notified() => {}
            _ = ticks.tick() => {}
        }
    }
}

/// Where the database belongs to one process, whatever another one executes is dead.
async fn recover_and_beat(node: &Arc<Node>) -> Result<OrphanedAttempts, Error> {
    if node.db.dialect() == Dialect::Sqlite {
        rescuer::rescue_other_nodes(node).await?;
        // The clock may have been set back since another process used it.
        store::rebase_waits(&node.db, node.clock.now_ms(), CLOCK_STEP_THRESHOLD_MS).await?;
    }
    beat(node, &OrphanedAttempts::new()).await
}

/// Stops the attempt that a hint names. After a gap a beat finds out which.
pub(crate) fn on_cancel_notification(node: &Node, notification: &Notification) {
    match notification {
        Notification::Payload(id) => {
            if let Some(attempt) = id.parse().ok().and_then(|id| node.running_attempt(id)) {
                attempt.cancellation().cancel();
            }
        }
        Notification::Lagged => node.heartbeat_now.notify_one(),
    }
}

/// Beats, stops the attempts that lost their jobs, and gives back the jobs that nobody runs: those
/// that were `orphaned` at the last beat already. (A claim that is under way is in the database
/// before this node knows of it.) The orphaned of this beat.
pub(crate) async fn beat(node: &Arc<Node>, orphaned: &OrphanedAttempts) -> Result<OrphanedAttempts, Error> {
    // Listed before the database is asked: an attempt that starts meanwhile is in neither list.
    let before = node.running();
    let step = write_heartbeat(node).await?;
    node.record_heartbeat();
    if step.abs() > CLOCK_STEP_THRESHOLD_MS {
        handle_clock_step(node, step).await?;
    }
    let executing = store::executing_on(&node.db, &node.name).await?;
    let ids: HashSet<_> = executing.iter().map(|job| (job.id, job.attempt)).collect();
    for attempt in before {
        if !attempt.has_completed() && !ids.contains(&(attempt.id(), attempt.attempt())) {
            attempt.cancellation().cancel();
        }
    }
    let running: HashMap<_, _> = node.running().iter().map(|attempt| (attempt.id(), attempt.attempt())).collect();
    let mut found = OrphanedAttempts::new();
    for job in executing.iter().filter(|job| running.get(&job.id) != Some(&job.attempt)) {
        if orphaned.contains(&(job.id, job.attempt)) {
            rescuer::give_back(node, job).await;
        } else {
            found.insert((job.id, job.attempt));
        }
    }
    Ok(found)
}

/// That this node lives, and how its queues are. The node's clock is put right by the database's, or,
/// where a database has none, by its own system's: by how many milliseconds.
async fn write_heartbeat(node: &Node) -> Result<i64, Error> {
    let queues: Vec<_> = node.pools.iter().map(|pool| pool.report(node.registry.versions_in(&pool.queue))).collect();
    let queues = serde_json::to_string(&queues).unwrap_or_else(|_| "[]".to_owned());
    let begun = node.clock.elapsed_ms();
    let beaten = store::heartbeat(&node.db, &node.name, node.started_at, node.clock.now_ms(), &queues).await?;
    let HeartbeatResult { registered, time } = beaten;
    if registered {
        // It was given nothing for as long as it was taken for dead.
        node.notify_all();
    }
    Ok(match time {
        // It was that late at some moment between the question and the answer.
        Some(time) => node.clock.correct(time, time + node.clock.elapsed_ms() - begun),
        None => node.clock.correct(node.clock.source_ms(), node.clock.source_ms()),
    })
}

/// Somebody set the clock. What waits for a moment goes by the new time; what waits for so long goes on
/// waiting no longer than that.
async fn handle_clock_step(node: &Node, step: i64) -> Result<(), Error> {
    tracing::warn!(node = node.name, step, "the clock was set");
    store::rebase_waits(&node.db, node.clock.now_ms(), CLOCK_STEP_THRESHOLD_MS).await?;
    node.due.check_now();
    node.notify_all();
    node.crons_changed.notify_one();
    Ok(())
}

#[cfg(test)]
mod tests;
