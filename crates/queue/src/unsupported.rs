//! Jobs that this program cannot do: those of an unknown worker, and those whose arguments are newer.
//!
//! While one version of a program replaces another, both claim. Such a job waits for a node that says of
//! itself that it can do it, for as long as there is one; where there is none, it waits some minutes for
//! one to come, as long as there are other nodes at all. Then it is discarded, with the reason
//! (`a_job_that_a_newer_node_supports_is_not_discarded`).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    job::{Job, JobId},
    millis,
    node::Node,
    store,
    transition::AttemptResult,
    worker::Outcome,
};

/// Until another node looks at the job; sooner where a lease is short.
const SNOOZE: Duration = Duration::from_secs(5);
/// For so long a job waits for somebody who can do it, since this node saw it first.
const UNSUPPORTED_TIMEOUT: Duration = Duration::from_secs(300);

/// What this node cannot do, and since when it knows, by [`Clock::elapsed_ms`](db::Clock::elapsed_ms).
#[derive(Default)]
pub(crate) struct UnsupportedJobs(Mutex<HashMap<JobId, i64>>);

impl UnsupportedJobs {
    /// Whether `id` may wait on for somebody who can do it.
    fn may_wait(&self, id: JobId, now: i64) -> bool {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Most are done by others, and never seen again.
        since.retain(|_, at| now - *at < 2 * millis(UNSUPPORTED_TIMEOUT));
        if now - *since.entry(id).or_insert(now) < millis(UNSUPPORTED_TIMEOUT) {
            return true;
        }
        since.remove(&id);
        false
    }
}

/// Whether other nodes were seen at `seen`, or not too long before `now`.
fn is_recent(seen: Option<i64>, now: i64) -> bool {
    seen.is_some_and(|at| now - at < millis(UNSUPPORTED_TIMEOUT))
}

/// What becomes of a job that this node cannot do for this reason.
pub(crate) async fn defer_or_discard(node: &Node, job: &Job, reason: String) -> AttemptResult {
    if may_wait(node, job).await {
        tracing::warn!(job = %job.id, worker = %job.worker, reason, "a job is left to other nodes");
        return Outcome::Snooze(SNOOZE.min(node.pace.lease / 2)).into();
    }
    Outcome::Discard(reason).into()
}

async fn may_wait(node: &Node, job: &Job) -> bool {
    let now = node.clock.elapsed_ms();
    match store::other_nodes(&node.db, &node.name).await {
        Ok(others) => {
            if !others.is_empty() {
                node.observations.record_others(now);
            }
            let able =
                |known: &HashMap<String, u32>| known.get(&job.worker).is_some_and(|version| *version >= job.version);
            others.iter().any(able)
                || is_recent(node.observations.other_nodes_seen_at(), now) && node.unsupported.may_wait(job.id, now)
        }
        // Nobody knows; the job is not to pay for it.
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "what other nodes can do is not known");
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_waits_five_minutes_after_it_was_first_seen() {
        let unsupported = UnsupportedJobs::default();
        assert!(unsupported.may_wait(JobId(1), 0));
        assert!(unsupported.may_wait(JobId(2), 200_000));
        assert!(unsupported.may_wait(JobId(1), 299_999));
        assert!(!unsupported.may_wait(JobId(1), 300_000));
        assert!(unsupported.may_wait(JobId(2), 300_000));
        assert!(is_recent(Some(0), 299_999) && !is_recent(Some(0), 300_000) && !is_recent(None, 0));
    }
}
