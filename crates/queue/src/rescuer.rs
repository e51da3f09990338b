//! Brings back the jobs of nodes that died.
//!
//! A node is dead when another node has seen the same heartbeat for a whole lease, by its own clock; so
//! nodes with different or wrong clocks do not take each other's jobs. Every node looks for dead ones, and
//! the fence lets one of them win.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::{
    convert::millis,
    error::Error,
    job::{Job, JobId, State},
    node::Node,
    peers::Peers,
    store::{self, JobUpdate, Owner},
    transition::{Transition, Transitions},
};

/// The heartbeats of other nodes, and when this node first saw each.
#[derive(Default)]
struct Heartbeats(Mutex<HashMap<String, (i64, i64)>>);

impl Heartbeats {
    /// Records the current heartbeats; returns those that have not changed for a lease.
    fn stale(&self, current: &[(String, i64)], now: i64, lease: i64) -> Vec<(String, i64)> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |name: &String, beat| seen.get(name).filter(|(last, _)| *last == beat).map_or(now, |(_, at)| *at);
        let next: HashMap<_, _> =
            current.iter().map(|(name, beat)| (name.clone(), (*beat, since(name, *beat)))).collect();
        *seen = next;
        current.iter().filter(|(name, _)| seen.get(name).is_some_and(|(_, at)| now - at >= lease)).cloned().collect()
    }
}

/// Jobs whose rescue failed, and when to try again.
#[derive(Default)]
struct Postponed(Mutex<HashMap<JobId, i64>>);

impl Postponed {
    fn insert(&self, id: JobId, until: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, until);
    }

    fn contains(&self, id: JobId, now: i64) -> bool {
        let mut postponed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        postponed.retain(|_, until| *until > now);
        postponed.contains_key(&id)
    }
}

/// Rescues the jobs of dead nodes. Its times are by [`Clock::elapsed_ms`](db::Clock::elapsed_ms).
pub(crate) struct Rescuer {
    node: Arc<Node>,
    transitions: Arc<Transitions>,
    peers: Arc<Peers>,
    heartbeats: Heartbeats,
    postponed: Postponed,
}

impl Rescuer {
    pub(crate) fn new(node: Arc<Node>, transitions: Arc<Transitions>, peers: Arc<Peers>) -> Self {
        Self { node, transitions, peers, heartbeats: Heartbeats::default(), postponed: Postponed::default() }
    }

    /// Looks for dead nodes at each interval until it is stopped.
    pub(crate) async fn run(self: Arc<Self>, stopping: CancellationToken) -> Result<(), Error> {
        let interval = self.node.intervals.rescue;
        let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + interval, interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return Ok(()),
                _ = ticks.tick() => {}
            }
            if let Err(error) = self.rescue_dead_nodes().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "dead nodes could not be looked for");
            }
        }
    }

    /// Rescues the jobs of nodes that have sent no heartbeat for a lease, and of nodes that are gone.
    pub(crate) async fn rescue_dead_nodes(&self) -> Result<(), Error> {
        let heartbeats = store::heartbeats(&self.node.db).await?;
        let others: Vec<_> = heartbeats.into_iter().filter(|(name, _)| *name != self.node.name).collect();
        let now = self.node.clock.elapsed_ms();
        if !others.is_empty() {
            self.peers.record(now);
        }
        for (name, heartbeat) in self.heartbeats.stale(&others, now, millis(self.node.intervals.lease)) {
            // From here on it claims nothing until its next heartbeat.
            store::remove_silent_node(&self.node.db, &name, heartbeat).await?;
        }
        self.rescue_orphaned_jobs().await
    }

    /// Rescues the jobs of all other nodes without waiting for a lease. Right only where the database
    /// belongs to one process.
    pub(crate) async fn rescue_other_nodes(&self) -> Result<(), Error> {
        store::remove_other_nodes(&self.node.db, &self.node.name).await?;
        self.rescue_orphaned_jobs().await
    }

    /// Rescues the jobs of nodes that are not registered.
    async fn rescue_orphaned_jobs(&self) -> Result<(), Error> {
        while let jobs @ [_, ..] = &*store::orphaned(&self.node.db).await? {
            let mut rescued = false;
            for job in jobs {
                let name = job.node.as_deref().unwrap_or_default();
                let reason = format!("node {name} was lost during attempt {}", job.attempt);
                rescued |= self.rescue(job, true, &reason).await;
            }
            if !rescued {
                break;
            }
        }
        Ok(())
    }

    /// Gives back a job that this node has claimed but does not run: the answer to the claim was lost, or
    /// the outcome could not be written.
    pub(crate) async fn give_back(&self, job: &Job) {
        let reason = format!("attempt {} was left unfinished by node {}", job.attempt, self.node.name);
        self.rescue(job, false, &reason).await;
    }

    /// Rescues a job and returns whether it did. Uses one transaction for each job, so that one that cannot
    /// be rescued does not stop the others.
    async fn rescue(&self, job: &Job, only_if_node_gone: bool, reason: &str) -> bool {
        let Some(owner) = owner(job) else { return false };
        if self.postponed.contains(job.id, self.node.clock.elapsed_ms()) {
            return false;
        }
        let transition = transition(job, only_if_node_gone, self.node.clock.now_ms(), reason);
        match self.transitions.apply(job, &owner, &transition).await {
            Ok(()) => {
                tracing::warn!(job = %job.id, attempt = job.attempt, node = owner.node, reason, "a job was rescued");
                self.transitions.events.report(job, transition.update.state, None);
                true
            }
            // The node is alive after all, or another node was faster.
            Err(Error::LostLease { .. }) => false,
            Err(error) => {
                tracing::error!(job = %job.id, error = &error as &dyn std::error::Error, "a job could not be rescued");
                // Not tried again at every check.
                let until = self.node.clock.elapsed_ms() + millis(self.node.intervals.lease);
                self.postponed.insert(job.id, until);
                false
            }
        }
    }
}

pub(crate) fn owner(job: &Job) -> Option<Owner> {
    Some(Owner { id: job.id, attempt: job.attempt, node: job.node.clone()? })
}

fn transition(job: &Job, only_if_node_gone: bool, now: i64, reason: &str) -> Transition {
    let mut transition = if job.attempt >= job.max_attempts {
        Transition::discard(job, reason, now)
    } else {
        JobUpdate { errors: Some(job.history_with(now, reason)), ..JobUpdate::waiting(State::Available) }.into()
    };
    transition.update.only_if_node_gone = only_if_node_gone;
    transition
}

#[cfg(test)]
mod tests;
