//! The claim loop of a queue: it claims jobs for free slots only, and sleeps until it is notified.

use std::{convert::Infallible, sync::Arc, time::Duration};

use db::Dialect;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    control::Control,
    error::Error,
    executor::Executor,
    liveness::Liveness,
    node::Node,
    slot_pool::{Permits, SlotPool},
    store::{self, Claimed},
};

/// When to try again after a claim that skipped a locked job, in milliseconds.
const LOCKED_RETRY_MS: i64 = 20;
/// The pause after an error of the database.
const ERROR_PAUSE: Duration = Duration::from_millis(250);

/// Claims the jobs of one queue.
#[derive(Clone)]
pub(crate) struct Claimer {
    pub node: Arc<Node>,
    pub pool: Arc<SlotPool>,
    pub executor: Arc<Executor>,
    pub liveness: Arc<Liveness>,
    pub control: Arc<Control>,
    /// Canceled when nothing more may be claimed.
    pub stopping: CancellationToken,
}

/// The name of the pool's claim loop among the node's tasks.
pub(crate) fn name(pool: &SlotPool) -> String {
    format!("claimer of {}", pool.queue)
}

impl Claimer {
    /// Claims until the node stops, and waits for a claim that is in progress then.
    pub(crate) async fn run(self) -> Result<(), Infallible> {
        let Self { node, pool, stopping, .. } = &self;
        tokio::select! {
            () = stopping.cancelled() => return Ok(()),
            () = self.ready() => {}
        }
        while !stopping.is_cancelled() {
            self.claim_all().await;
            pool.record_poll(&node.clock);
            tokio::select! {
                () = stopping.cancelled() => {}
                () = pool.wait_for_jobs(node.clock.now_ms()) => {}
                // A notification can get lost.
                () = tokio::time::sleep(node.intervals.poll) => pool.notify(),
            }
        }
        Ok(())
    }

    /// Waits for the first heartbeat, because the others would take the jobs of a node without one, and
    /// until the node knows which queues are paused.
    async fn ready(&self) {
        self.liveness.first_heartbeat().await;
        self.control.first_applied().await;
    }

    /// Claims until there is no signal left, the queue is paused or the node stops; waits for the claims that
    /// are in progress.
    async fn claim_all(&self) {
        // In tasks of their own: while one starts its jobs, the other one waits for the database.
        let mut claims = JoinSet::new();
        loop {
            let Some(signal) = self.pool.pending().filter(|_| claims.len() < max_concurrent_claims(&self.pool)) else {
                match claims.join_next().await {
                    Some(_) => continue,
                    None => return,
                }
            };
            let permits = tokio::select! {
                biased;
                () = self.stopping.cancelled() => None,
                Some(_) = claims.join_next() => continue,
                permits = self.pool.acquire() => permits,
            };
            let Some(permits) = permits else { break };
            claims.spawn(self.clone().claim_or_pause(signal, permits));
        }
        while claims.join_next().await.is_some() {}
    }

    async fn claim_or_pause(self, signal: u64, permits: Permits) {
        if let Err(error) = self.claim_and_start(signal, permits).await {
            let queue = &self.pool.queue;
            tracing::warn!(queue, error = &error as &dyn std::error::Error, "jobs cannot be claimed for now");
            let _ = tokio::time::timeout(ERROR_PAUSE, self.stopping.cancelled()).await;
        }
    }

    /// Claims a job for each permit and starts the claimed ones.
    async fn claim_and_start(&self, signal: u64, mut permits: Permits) -> Result<(), Error> {
        let wanted = permits.len();
        let Claimed { jobs, retry_at } = poll(&self.node, &self.pool, wanted).await?;
        let left_free = jobs.len() < wanted;
        for job in jobs {
            match permits.split() {
                Some(permit) => self.executor.start(permit, job),
                // Cannot happen: a claim takes no more jobs than asked. A later heartbeat gives it back.
                None => tracing::error!(job = %job.id, "claimed without a free slot"),
            }
        }
        drop(permits);
        if left_free {
            self.pool.acknowledge(signal, retry_at.or(self.locked_retry_at().await?));
        }
        Ok(())
    }

    /// When to try again if there are jobs left after a claim that wanted more than it found. A claim skips
    /// the jobs that another transaction has locked, even if that does not claim them, such as one of a node
    /// that was too late to make them available. Nothing notifies of the end of that lock.
    async fn locked_retry_at(&self) -> Result<Option<i64>, Error> {
        // On SQLite no job is skipped, and a limit leaves jobs unclaimed.
        if self.node.db.dialect() == Dialect::Sqlite || self.pool.shared_limits().is_some() {
            return Ok(None);
        }
        let available = store::has_available(&self.node.db, &self.pool.queue).await?;
        Ok(available.then(|| self.node.clock.now_ms() + LOCKED_RETRY_MS))
    }
}

/// A wide pool claims for the slots that become free while another claim is in progress.
fn max_concurrent_claims(pool: &SlotPool) -> usize {
    if pool.is_wide() { 2 } else { 1 }
}

/// Claims up to `wanted` jobs, as the limits of the queue allow.
pub(crate) async fn poll(node: &Node, pool: &SlotPool, wanted: usize) -> Result<Claimed, Error> {
    let now = node.clock.now_ms();
    Ok(match pool.shared_limits() {
        Some(limits) => store::claim_limited(&node.db, &pool.queue, wanted, limits, &node.name, now).await?,
        None => Claimed { jobs: store::claim(&node.db, &pool.queue, wanted, &node.name, now).await?, retry_at: None },
    })
}
