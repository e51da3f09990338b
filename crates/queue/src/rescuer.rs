//! Brings back the jobs of nodes that died.
//!
//! A node is dead when it was seen at the same beat for a whole lease, by the clock of the one that
//! looks; so nodes whose clocks differ, or jump, do not take each other's jobs. Every node looks;
//! the fence lets one of them win.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    job::{Job, JobId, State},
    millis,
    node::Node,
    store::{self, JobUpdate, Owner},
    transition::{Transition, apply, report},
};

/// What this node saw of the others, by [`Clock::elapsed_ms`](db::Clock::elapsed_ms).
#[derive(Default)]
pub(crate) struct Observations {
    /// Each node's beat and when it was first seen.
    beats: Mutex<HashMap<String, (i64, i64)>>,
    /// When others were there last.
    other_nodes_seen_at: Mutex<Option<i64>>,
    /// Jobs whose rescue failed, and when it is tried again.
    postponed: Mutex<HashMap<JobId, i64>>,
}

impl Observations {
    /// Notes the present beats; which of them are older than `lease`.
    fn silent(&self, beats: &[(String, i64)], now: i64, lease: i64) -> Vec<(String, i64)> {
        let mut seen = self.beats.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |name: &String, beat| seen.get(name).filter(|(last, _)| *last == beat).map_or(now, |(_, at)| *at);
        let next: HashMap<_, _> =
            beats.iter().map(|(name, beat)| (name.clone(), (*beat, since(name, *beat)))).collect();
        *seen = next;
        beats.iter().filter(|(name, _)| seen.get(name).is_some_and(|(_, at)| now - at >= lease)).cloned().collect()
    }

    /// Other nodes are there.
    pub(crate) fn record_others(&self, now: i64) {
        *self.other_nodes_seen_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// When other nodes were there last, as far as this node saw.
    pub(crate) fn other_nodes_seen_at(&self) -> Option<i64> {
        *self.other_nodes_seen_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn postpone(&self, id: JobId, until: i64) {
        self.postponed.lock().unwrap_or_else(PoisonError::into_inner).insert(id, until);
    }

    fn is_postponed(&self, id: JobId, now: i64) -> bool {
        let mut postponed = self.postponed.lock().unwrap_or_else(PoisonError::into_inner);
        postponed.retain(|_, until| *until > now);
        postponed.contains_key(&id)
    }
}

/// Rescues until it is stopped.
pub(crate) async fn run(node: Arc<Node>, stopping: CancellationToken) -> Result<(), Error> {
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + node.pace.rescue, node.pace.rescue);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stopping.cancelled() => return Ok(()),
            _ = ticks.tick() => {}
        }
        if let Err(error) = rescue_dead_nodes(&node).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "dead nodes cannot be looked for");
        }
    }
}

/// The jobs of nodes that have been silent for a lease, and of nodes that are gone.
pub(crate) async fn rescue_dead_nodes(node: &Arc<Node>) -> Result<(), Error> {
    let beats = store::heartbeats(&node.db).await?;
    let others: Vec<_> = beats.into_iter().filter(|(name, _)| *name != node.name).collect();
    let lease = millis(node.pace.lease);
    if !others.is_empty() {
        node.observations.record_others(node.clock.elapsed_ms());
    }
    for (name, beat) in node.observations.silent(&others, node.clock.elapsed_ms(), lease) {
        // From here on it claims nothing until it beats again.
        store::remove_silent_node(&node.db, &name, beat).await?;
    }
    rescue_orphaned_jobs(node).await
}

/// Jobs of a process that is gone, without waiting. Only right where there is one process.
pub(crate) async fn rescue_other_nodes(node: &Arc<Node>) -> Result<(), Error> {
    store::remove_other_nodes(&node.db, &node.name).await?;
    rescue_orphaned_jobs(node).await
}

/// The jobs of nodes that are not registered.
async fn rescue_orphaned_jobs(node: &Arc<Node>) -> Result<(), Error> {
    while let jobs @ [_, ..] = &*store::orphaned(&node.db).await? {
        if !rescue_all(node, jobs, true).await {
            break;
        }
    }
    Ok(())
}

/// A job that this node claimed and does not run: the answer to a claim was lost, or its ending
/// could not be written.
pub(crate) async fn give_back(node: &Arc<Node>, job: &Job) {
    rescue(node, job, false, &format!("attempt {} was left unsettled by node {}", job.attempt, node.name)).await;
}

/// Whether any of the jobs was rescued.
async fn rescue_all(node: &Arc<Node>, jobs: &[Job], only_if_node_gone: bool) -> bool {
    let mut any = false;
    for job in jobs {
        let name = job.node.as_deref().unwrap_or_default();
        any |=
            rescue(node, job, only_if_node_gone, &format!("node {name} was lost during attempt {}", job.attempt)).await;
    }
    any
}

/// One transaction a job, so that one that cannot be rescued holds up no other.
async fn rescue(node: &Arc<Node>, job: &Job, only_if_node_gone: bool, reason: &str) -> bool {
    let Some(owner) = owner(job) else { return false };
    if node.observations.is_postponed(job.id, node.clock.elapsed_ms()) {
        return false;
    }
    let plan = plan(job, only_if_node_gone, node.clock.now_ms(), reason);
    match apply(node, job, &owner, &plan).await {
        Ok(()) => {
            tracing::warn!(job = %job.id, attempt = job.attempt, node = owner.node, reason, "a job was rescued");
            report(node, job, plan.update.state, None);
            true
        }
        // It was alive after all, or another node was faster.
        Err(Error::LostLease { .. }) => false,
        Err(error) => {
            tracing::error!(job = %job.id, error = &error as &dyn std::error::Error, "a job cannot be rescued");
            // Not at every look.
            node.observations.postpone(job.id, node.clock.elapsed_ms() + millis(node.pace.lease));
            false
        }
    }
}

pub(crate) fn owner(job: &Job) -> Option<Owner> {
    Some(Owner { id: job.id, attempt: job.attempt, node: job.node.clone()? })
}

fn plan(job: &Job, only_if_node_gone: bool, now: i64, reason: &str) -> Transition {
    let mut plan = if job.attempt >= job.max_attempts {
        Transition::discard(job, reason, now)
    } else {
        JobUpdate { errors: Some(job.history_with(now, reason)), ..JobUpdate::waiting(State::Available) }.into()
    };
    plan.update.only_if_node_gone = only_if_node_gone;
    plan
}

#[cfg(test)]
mod tests;
