//! The claim loops, one a queue: each claims for free slots only and sleeps until it is told.

use std::{convert::Infallible, sync::Arc, time::Duration};

use db::Dialect;
use tokio::task::JoinSet;

use crate::{
    error::Error,
    executor,
    node::Node,
    slot_pool::{Permits, SlotPool},
    store::{self, Claimed},
};

/// After a claim that stepped over a job which somebody held, in milliseconds.
const LOCKED_RETRY_MS: i64 = 20;
/// After an error of the database.
const ERROR_PAUSE: Duration = Duration::from_millis(250);

/// The claim loop's name among the node's tasks.
pub(crate) fn name(pool: &SlotPool) -> String {
    format!("claimer of {}", pool.queue)
}

/// Claims for `pool` until the node stops. A claim that is under way then is waited for.
pub(crate) async fn claim(node: Arc<Node>, pool: Arc<SlotPool>) -> Result<(), Infallible> {
    tokio::select! {
        () = node.stopping.cancelled() => return Ok(()),
        () = node.wait_ready() => {}
    }
    while !node.stopping.is_cancelled() {
        claim_all(&node, &pool).await;
        pool.record_poll(&node.clock);
        tokio::select! {
            () = node.stopping.cancelled() => {}
            () = pool.wait_for_jobs(node.clock.now_ms()) => {}
            // A hint can get lost.
            () = tokio::time::sleep(node.pace.poll) => pool.notify(),
        }
    }
    Ok(())
}

/// Claims until nobody asks, the queue is paused or the node stops; waits for what is under way.
async fn claim_all(node: &Arc<Node>, pool: &Arc<SlotPool>) {
    // Tasks of their own: while one starts what it got, the other one waits for the database.
    let mut claims = JoinSet::new();
    loop {
        let Some(signal) = pool.pending().filter(|_| claims.len() < max_concurrent_claims(pool)) else {
            match claims.join_next().await {
                Some(_) => continue,
                None => return,
            }
        };
        let permits = tokio::select! {
            biased;
            () = node.stopping.cancelled() => None,
            Some(_) = claims.join_next() => continue,
            permits = pool.acquire() => permits,
        };
        let Some(permits) = permits else { break };
        claims.spawn(claim_or_pause(Arc::clone(node), Arc::clone(pool), signal, permits));
    }
    while claims.join_next().await.is_some() {}
}

/// A lane of many slots claims for those that became free while a claim is under way.
fn max_concurrent_claims(pool: &SlotPool) -> usize {
    if pool.is_wide() { 2 } else { 1 }
}

async fn claim_or_pause(node: Arc<Node>, pool: Arc<SlotPool>, signal: u64, permits: Permits) {
    if let Err(error) = claim_and_start(&node, &pool, signal, permits).await {
        let queue = &pool.queue;
        tracing::warn!(queue, error = &error as &dyn std::error::Error, "jobs cannot be claimed for now");
        let _ = tokio::time::timeout(ERROR_PAUSE, node.stopping.cancelled()).await;
    }
}

/// Claims a job for each of the seats, and starts what it got.
async fn claim_and_start(node: &Arc<Node>, pool: &SlotPool, signal: u64, mut permits: Permits) -> Result<(), Error> {
    let wanted = permits.len();
    let Claimed { jobs, retry_at } = poll(node, pool, wanted).await?;
    let left_free = jobs.len() < wanted;
    for job in jobs {
        match permits.split() {
            Some(permit) => executor::start(node, permit, job),
            // Cannot be: a claim takes no more than signal. The next beats give it back.
            None => tracing::error!(job = %job.id, "claimed without a free slot"),
        }
    }
    drop(permits);
    if left_free {
        pool.acknowledge(signal, retry_at.or(locked_retry_at(node, pool).await?));
    }
    Ok(())
}

/// When to look again, if there are jobs after a claim that wanted more than it found: it steps over
/// those that another transaction holds, even one that has no use for them, such as that of a node
/// which would have made them available had another one not been faster. Nobody says when that ends.
async fn locked_retry_at(node: &Node, pool: &SlotPool) -> Result<Option<i64>, Error> {
    // On SQLite nobody steps over anything, and a limit leaves jobs where they are.
    if node.db.dialect() == Dialect::Sqlite || pool.shared_limits().is_some() {
        return Ok(None);
    }
    let waits = store::has_available(&node.db, &pool.queue).await?;
    Ok(waits.then(|| node.clock.now_ms() + LOCKED_RETRY_MS))
}

pub(crate) async fn poll(node: &Node, pool: &SlotPool, wanted: usize) -> Result<Claimed, Error> {
    let now = node.clock.now_ms();
    Ok(match pool.shared_limits() {
        Some(limits) => store::claim_limited(&node.db, &pool.queue, wanted, limits, &node.name, now).await?,
        None => Claimed { jobs: store::claim(&node.db, &pool.queue, wanted, &node.name, now).await?, retry_at: None },
    })
}
