//! Which node does what only one shall do: crons, pruning, re-indexing.
//!
//! The leader holds a row, not a session, and beats in it; a node that saw the same beat for six
//! tenths of a lease, by its own clock, takes over (`another_node_becomes_leader_soon_after_a_kill`). A leader
//! stops calling itself one before that. What would hurt if two did it is guarded by itself as well.

use std::sync::{Arc, Mutex, PoisonError};

use db::Dialect;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    millis,
    node::{Node, STARTUP_DELAY},
    store::{self, LEADER, Leader},
};

/// What is led.
pub(crate) const ROLE: &str = "plugins";

/// This node's part in it.
pub(crate) struct Leadership {
    /// The term, and when the last beat was begun, by [`Clock::elapsed_ms`](db::Clock::elapsed_ms).
    leading: watch::Sender<Option<(i64, i64)>>,
    /// The other leader, and when it was first seen at its beat.
    seen: Mutex<Option<(Leader, i64)>>,
    /// Looks out of turn.
    pub poll: Notify,
}

impl Default for Leadership {
    fn default() -> Self {
        Self { leading: watch::Sender::new(None), seen: Mutex::default(), poll: Notify::new() }
    }
}

impl Leadership {
    /// Whether this node leads, for sure.
    pub(crate) fn leads(&self, node: &Node) -> bool {
        let trust = leader_timeout(node) * 8 / 10;
        self.leading.borrow().is_some_and(|(_, at)| node.clock.elapsed_ms() - at < trust)
    }

    /// Changes when this node begins or ends to lead.
    pub(crate) fn changes(&self) -> watch::Receiver<Option<(i64, i64)>> {
        self.leading.subscribe()
    }

    /// Since when this leader has been at its beat.
    fn since(&self, leader: &Leader, now: i64) -> i64 {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match &*seen {
            Some((last, at)) if last == leader => *at,
            _ => {
                *seen = Some((leader.clone(), now));
                now
            }
        }
    }
}

/// A leader that was silent for so many milliseconds is one no more.
fn leader_timeout(node: &Node) -> i64 {
    millis(node.pace.lease) * 6 / 10
}

/// Leads, or waits for the chance, until it is stopped; then resigns.
pub(crate) async fn run(node: Arc<Node>, stopping: CancellationToken) -> Result<(), Error> {
    let _ = tokio::time::timeout(STARTUP_DELAY, stopping.cancelled()).await;
    tokio::select! {
        () = stopping.cancelled() => {}
        () = node.first_heartbeat() => {}
    }
    while !stopping.is_cancelled() {
        if let Err(error) = elect(&node).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "who leads cannot be found out");
        }
        tokio::select! {
            () = stopping.cancelled() => {}
            () = node.lead.poll.notified() => {}
            () = tokio::time::sleep(node.pace.lease / 10) => {}
        }
    }
    if let Some((term, _)) = node.lead.leading.send_replace(None) {
        match store::resign(&node.db, ROLE, &node.name, term).await {
            Ok(()) => node.db.notify(LEADER, ""),
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "this leader will be missed"),
        }
    }
    Ok(())
}

/// One beat, or one look.
pub(crate) async fn elect(node: &Node) -> Result<(), Error> {
    let now = node.clock.elapsed_ms();
    let leading = *node.lead.leading.borrow();
    let term = match leading {
        Some((term, _)) => store::renew_leadership(&node.db, ROLE, &node.name, term).await?.then_some(term),
        None => try_take(node, now).await?,
    };
    if leading.is_some() != term.is_some() {
        tracing::info!(node = node.name, leads = term.is_some(), "the lead changed");
    }
    node.lead.leading.send_replace(term.map(|term| (term, now)));
    Ok(())
}

async fn try_take(node: &Node, now: i64) -> Result<Option<i64>, Error> {
    let leader = store::leadership(&node.db, ROLE).await?;
    let free = leader.as_ref().is_none_or(|leader| {
        // An SQLite file has no other process, and who resigned is not waited for.
        node.db.dialect() == Dialect::Sqlite
            || leader.node.is_empty()
            || now - node.lead.since(leader, now) >= leader_timeout(node)
    });
    if !free {
        return Ok(None);
    }
    store::take_leadership(&node.db, ROLE, &node.name, leader.as_ref()).await
}
