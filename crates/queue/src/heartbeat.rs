//! Keeps the leases of running attempts, and stops those that lost theirs.

use std::{convert::Infallible, sync::Arc};

use db::Hint;
use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    node::Node,
    store::{self, CANCELLED},
};

/// Extends leases until it is stopped; apart from the claim loop, so that neither delays the other.
pub(crate) async fn beat(node: Arc<Node>, stopping: CancellationToken) -> Result<(), Infallible> {
    let mut cancelled = node.db.hints().subscribe(CANCELLED);
    let mut ticks = tokio::time::interval(node.pace.beat);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stopping.cancelled() => return Ok(()),
            _ = ticks.tick() => {}
            hint = cancelled.recv() => if stop_at_once(&node, &hint) { continue },
        }
        if let Err(error) = extend_all(&node).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "leases cannot be extended for now");
        }
    }
}

/// Stops the attempt that a hint names. Which of them is cancelled is not known after a gap.
fn stop_at_once(node: &Node, hint: &Hint) -> bool {
    let Hint::Payload(id) = hint else { return false };
    let attempt = id.parse().ok().and_then(|id| node.running_attempt(id));
    if let Some(attempt) = attempt {
        attempt.cancelled().cancel();
    }
    true
}

async fn extend_all(node: &Node) -> Result<(), Error> {
    // Listed before the database is asked: an attempt that starts meanwhile is in neither list.
    let running = node.running();
    if running.is_empty() {
        return Ok(());
    }
    // Only these: a job that was claimed but is not running here must come back by its lease.
    let ids: Vec<_> = running.iter().map(|attempt| format!("\"{}\"", attempt.id())).collect();
    let mut tx = node.db.begin().await?;
    store::beat(&mut tx, &node.name, &format!("[{}]", ids.join(",")), node.lease_until()).await?;
    let owned = store::owned(&mut tx, &node.name).await?;
    tx.commit().await?;
    for attempt in running {
        if !attempt.has_completed() && !owned.contains(&(attempt.id(), attempt.attempt())) {
            attempt.cancelled().cancel();
        }
    }
    Ok(())
}
