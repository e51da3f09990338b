//! What people tell a queue at run time: pause, resume, scale; on one node or on all.
//!
//! It is kept in the database, so a restart changes nothing of it, and nodes hear of it at once.

use std::sync::Arc;

use db::Tx;
use tokio_util::sync::CancellationToken;

use crate::{error::Error, node::Node, store};

/// Where a word to a queue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// On every node.
    AllNodes,
    /// On the node of this name, in addition to what holds on every node.
    Node(&'a str),
}

/// Claims nothing more from `queue`; what runs goes on. Known or not: a queue may be paused before
/// any node serves it.
///
/// # Errors
/// [`Error::Database`].
pub async fn pause(tx: &mut Tx, queue: &str, on: Scope<'_>) -> Result<(), Error> {
    store::set_paused(tx, queue, on, true).await
}

/// Claims again. A queue that is paused on all nodes stays paused on each.
///
/// # Errors
/// [`Error::Database`].
pub async fn resume(tx: &mut Tx, queue: &str, on: Scope<'_>) -> Result<(), Error> {
    store::set_paused(tx, queue, on, false).await
}

/// At most `slots` jobs of `queue` at once on each node, or on this one (its own number goes before
/// that of all); `None` leaves what the program says. 0 counts as 1. What runs is not stopped.
///
/// # Errors
/// [`Error::Database`].
pub async fn scale(tx: &mut Tx, queue: &str, on: Scope<'_>, slots: Option<usize>) -> Result<(), Error> {
    store::set_slots(tx, queue, on, slots.map(|slots| slots.max(1))).await
}

/// At most `slots` jobs of `queue` at once over all nodes; `None` leaves what the program says. 0
/// counts as 1.
///
/// # Errors
/// [`Error::Database`].
pub async fn scale_globally(tx: &mut Tx, queue: &str, slots: Option<usize>) -> Result<(), Error> {
    store::set_global_slots(tx, queue, slots.map(|slots| slots.max(1))).await
}

/// Obeys until it is stopped.
pub(crate) async fn run(node: Arc<Node>, stopping: CancellationToken) -> Result<(), Error> {
    while !stopping.is_cancelled() {
        if let Err(error) = apply_overrides(&node).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "what queues were told cannot be read");
        }
        tokio::select! {
            () = stopping.cancelled() => {}
            () = node.overrides_changed.notified() => {}
            // A hint can get lost.
            () = tokio::time::sleep(node.pace.poll) => {}
        }
    }
    Ok(())
}

async fn apply_overrides(node: &Node) -> Result<(), Error> {
    let overrides = store::overrides(&node.db, &node.name).await?;
    for pool in &node.pools {
        let wanted = overrides.get(&pool.queue).copied().unwrap_or_default();
        if pool.overrides() != wanted {
            tracing::debug!(queue = pool.queue, overrides = ?wanted, "a queue obeys");
            pool.apply(wanted);
        }
    }
    node.overrides_applied.send_modify(|times| *times += 1);
    Ok(())
}
