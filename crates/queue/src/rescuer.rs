//! Brings back the jobs of nodes that died.

use std::{convert::Infallible, sync::Arc};

use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    job::{Job, State},
    node::Node,
    settlement::{Plan, announce, write},
    store::{self, Change, Owner},
};

/// Rescues until it is stopped. Every node does; the fence lets one of them win.
pub(crate) async fn rescue(node: Arc<Node>, stopping: CancellationToken) -> Result<(), Infallible> {
    let mut ticks = tokio::time::interval(node.pace.rescue);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stopping.cancelled() => return Ok(()),
            _ = ticks.tick() => {}
        }
        if let Err(error) = rescue_expired(&node).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "expired leases cannot be looked for");
        }
    }
}

/// The served queues' jobs whose lease ended.
pub(crate) async fn rescue_expired(node: &Arc<Node>) -> Result<(), Error> {
    let now = node.clock.now_ms();
    for lane in &node.lanes {
        let mut tx = node.db.snapshot().await?;
        let jobs = store::expired(&mut tx, &lane.queue, now).await?;
        drop(tx);
        for job in jobs {
            rescue_one(node, &job, now).await;
        }
    }
    Ok(())
}

/// Jobs of a process that is gone, without waiting for their leases.
pub(crate) async fn rescue_orphans(node: &Arc<Node>) -> Result<(), Error> {
    let mut tx = node.db.snapshot().await?;
    let jobs = store::orphaned(&mut tx, &node.name).await?;
    drop(tx);
    for job in jobs {
        rescue_one(node, &job, i64::MAX).await;
    }
    Ok(())
}

/// One transaction a job, so that one that cannot be rescued holds up no other.
async fn rescue_one(node: &Arc<Node>, job: &Job, expired_before: i64) {
    let Some(owner) = owner(job) else { return };
    let plan = plan(job, &owner, node.clock.now_ms(), expired_before);
    match write(node, job, &owner, &plan).await {
        Ok(()) => {
            tracing::warn!(job = %job.id, attempt = job.attempt, node = %owner.node, "a job was rescued from a dead node");
            announce(node, job, &plan);
        }
        // It was alive after all, or another node was faster.
        Err(Error::LostLease { .. }) => {}
        Err(error) => {
            tracing::error!(job = %job.id, error = &error as &dyn std::error::Error, "a job cannot be rescued");
            postpone(node, &owner).await;
        }
    }
}

fn owner(job: &Job) -> Option<Owner> {
    Some(Owner { id: job.id, attempt: job.attempt, node: job.node.clone()? })
}

fn plan(job: &Job, owner: &Owner, now: i64, expired_before: i64) -> Plan {
    let reason = format!("node {} was lost during attempt {}", owner.node, job.attempt);
    let mut plan = if job.attempt >= job.max_attempts {
        Plan::discard(job, &reason, now)
    } else {
        let errors = Some(job.history_with(now, &reason));
        Change { errors, ..Change::waiting(State::Available) }.into()
    };
    plan.change.expired_before = expired_before;
    plan
}

/// Tries again after another lease, not at every look.
async fn postpone(node: &Node, owner: &Owner) {
    let until = node.lease_until();
    let postponed = async {
        let mut tx = node.db.begin().await?;
        store::extend(&mut tx, owner, until).await?;
        Ok::<_, Error>(tx.commit().await?)
    };
    if let Err(error) = postponed.await {
        tracing::warn!(job = %owner.id, error = &error as &dyn std::error::Error, "a rescue cannot be postponed");
    }
}

#[cfg(test)]
mod tests;
