//! Jobs that this program cannot run: those of an unknown worker, and those whose arguments are newer.
//!
//! While a new version of a program replaces an old one, both claim. Such a job waits as long as there is
//! a node that reports that it supports it. Where there is none, it waits a few minutes for one to join,
//! if there are other nodes at all. Then it is discarded with the reason
//! (`a_job_that_a_newer_node_supports_is_not_discarded`).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    convert::millis,
    job::{Job, JobId},
    node::Node,
    peers::Peers,
    store,
    transition::AttemptResult,
    worker::Outcome,
};

/// How long an unsupported job waits until a node claims it again; less where the lease is short.
const SNOOZE: Duration = Duration::from_secs(5);
/// How long a job waits for a node that supports it, from when this node first saw it.
const UNSUPPORTED_TIMEOUT: Duration = Duration::from_secs(300);

/// When this node first saw each unsupported job, by [`Clock::elapsed_ms`](db::Clock::elapsed_ms).
#[derive(Default)]
struct FirstSeen(Mutex<HashMap<JobId, i64>>);

impl FirstSeen {
    /// Whether `id` was first seen less than [`UNSUPPORTED_TIMEOUT`] ago.
    fn is_recent(&self, id: JobId, now: i64) -> bool {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Other nodes run most of these jobs, and this node never sees them again.
        since.retain(|_, at| now - *at < 2 * millis(UNSUPPORTED_TIMEOUT));
        if now - *since.entry(id).or_insert(now) < millis(UNSUPPORTED_TIMEOUT) {
            return true;
        }
        since.remove(&id);
        false
    }
}

/// Decides what becomes of the jobs that this node does not support.
pub(crate) struct UnsupportedJobs {
    node: Arc<Node>,
    peers: Arc<Peers>,
    first_seen: FirstSeen,
}

impl UnsupportedJobs {
    pub(crate) fn new(node: Arc<Node>, peers: Arc<Peers>) -> Self {
        Self { node, peers, first_seen: FirstSeen::default() }
    }

    /// Snoozes a job that this node does not support for this reason, or discards it.
    pub(crate) async fn defer_or_discard(&self, job: &Job, reason: String) -> AttemptResult {
        if self.may_wait(job).await {
            tracing::warn!(job = %job.id, worker = %job.worker, reason, "an unsupported job is left to other nodes");
            return Outcome::Snooze(SNOOZE.min(self.node.intervals.lease / 2)).into();
        }
        Outcome::Discard(reason).into()
    }

    async fn may_wait(&self, job: &Job) -> bool {
        let now = self.node.clock.elapsed_ms();
        match store::other_nodes(&self.node.db, &self.node.name).await {
            Ok(others) => {
                if !others.is_empty() {
                    self.peers.record(now);
                }
                let supports = |workers: &HashMap<String, u32>| {
                    workers.get(&job.worker).is_some_and(|version| *version >= job.version)
                };
                others.iter().any(supports)
                    || is_recent(self.peers.seen_at(), now) && self.first_seen.is_recent(job.id, now)
            }
            // An error of the database must not discard the job.
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "the workers of the other nodes could not be read");
                true
            }
        }
    }
}

/// Whether `at` is less than [`UNSUPPORTED_TIMEOUT`] before `now`.
fn is_recent(at: Option<i64>, now: i64) -> bool {
    at.is_some_and(|at| now - at < millis(UNSUPPORTED_TIMEOUT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_waits_five_minutes_after_it_was_first_seen() {
        let first_seen = FirstSeen::default();
        assert!(first_seen.is_recent(JobId(1), 0));
        assert!(first_seen.is_recent(JobId(2), 200_000));
        assert!(first_seen.is_recent(JobId(1), 299_999));
        assert!(!first_seen.is_recent(JobId(1), 300_000));
        assert!(first_seen.is_recent(JobId(2), 300_000));
        assert!(is_recent(Some(0), 299_999) && !is_recent(Some(0), 300_000) && !is_recent(None, 0));
    }
}
