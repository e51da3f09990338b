//! Elects the node that does what only one may do: recurring jobs, pruning and vacuuming.
//!
//! The leader holds a row instead of a session, and increments a counter in it. A node that has seen the
//! same value for six tenths of a lease, by its own clock, takes over
//! (`another_node_becomes_leader_soon_after_a_kill`). Before that time a leader stops taking itself for
//! one. Work that must not be done twice does not rely on the election alone.

use std::sync::{Arc, Mutex, PoisonError};

use db::Dialect;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    convert::millis,
    error::Error,
    liveness::Liveness,
    node::{Node, STARTUP_DELAY},
    store::{self, LEADER, Leader, ROLE},
};

/// Takes part in the election, and knows whether this node leads.
pub(crate) struct Leadership {
    node: Arc<Node>,
    liveness: Arc<Liveness>,
    /// The term, and when the latest renewal began, by [`Clock::elapsed_ms`](db::Clock::elapsed_ms).
    leading: watch::Sender<Option<(i64, i64)>>,
    /// The other leader, and when its current counter was first seen.
    seen: Mutex<Option<(Leader, i64)>>,
    check: Notify,
}

impl Leadership {
    pub(crate) fn new(node: Arc<Node>, liveness: Arc<Liveness>) -> Self {
        Self { node, liveness, leading: watch::Sender::new(None), seen: Mutex::default(), check: Notify::new() }
    }

    /// Whether this node certainly leads.
    pub(crate) fn leads(&self) -> bool {
        let trusted = self.leader_timeout() * 8 / 10;
        self.leading.borrow().is_some_and(|(_, at)| self.node.clock.elapsed_ms() - at < trusted)
    }

    /// Changes when this node becomes the leader or ceases to be it.
    pub(crate) fn changes(&self) -> watch::Receiver<Option<(i64, i64)>> {
        self.leading.subscribe()
    }

    /// Checks now whether the leader has resigned.
    pub(crate) fn check_now(&self) {
        self.check.notify_one();
    }

    /// Leads or stands by until it is stopped; then resigns.
    pub(crate) async fn run(self: Arc<Self>, stopping: CancellationToken) -> Result<(), Error> {
        let _ = tokio::time::timeout(STARTUP_DELAY, stopping.cancelled()).await;
        tokio::select! {
            () = stopping.cancelled() => {}
            () = self.liveness.first_heartbeat() => {}
        }
        while !stopping.is_cancelled() {
            if let Err(error) = self.elect().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "the leader could not be determined");
            }
            tokio::select! {
                () = stopping.cancelled() => {}
                () = self.check.notified() => {}
                () = tokio::time::sleep(self.node.intervals.lease / 10) => {}
            }
        }
        if let Some((term, _)) = self.leading.send_replace(None) {
            match store::resign(&self.node.db, ROLE, &self.node.name, term).await {
                Ok(()) => self.node.db.notify(LEADER, ""),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the leader could not resign");
                }
            }
        }
        Ok(())
    }

    /// Renews the leadership, or takes it over if the leader has resigned or died.
    pub(crate) async fn elect(&self) -> Result<(), Error> {
        let Node { db, name, clock, .. } = &*self.node;
        let now = clock.elapsed_ms();
        let leading = *self.leading.borrow();
        let term = match leading {
            Some((term, _)) => store::renew_leadership(db, ROLE, name, term).await?.then_some(term),
            None => self.try_take(now).await?,
        };
        if leading.is_some() != term.is_some() {
            tracing::info!(node = name, leads = term.is_some(), "the leader changed");
        }
        self.leading.send_replace(term.map(|term| (term, now)));
        Ok(())
    }

    async fn try_take(&self, now: i64) -> Result<Option<i64>, Error> {
        let Node { db, name, .. } = &*self.node;
        let leader = store::leadership(db, ROLE).await?;
        let vacant = leader.as_ref().is_none_or(|leader| {
            // An SQLite file has no other process, and a leader that resigned has no name.
            db.dialect() == Dialect::Sqlite
                || leader.node.is_empty()
                || now - self.seen_since(leader, now) >= self.leader_timeout()
        });
        if !vacant {
            return Ok(None);
        }
        store::take_leadership(db, ROLE, name, leader.as_ref()).await
    }

    /// When this leader's counter was first seen at its current value.
    fn seen_since(&self, leader: &Leader, now: i64) -> i64 {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match &*seen {
            Some((last, at)) if last == leader => *at,
            _ => {
                *seen = Some((leader.clone(), now));
                now
            }
        }
    }

    /// How long a leader may renew nothing before another node takes over, in milliseconds.
    fn leader_timeout(&self) -> i64 {
        millis(self.node.intervals.lease) * 6 / 10
    }
}
