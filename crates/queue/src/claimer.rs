//! The claim loops, one a queue: each claims for free slots only and sleeps until it is told.

use std::{convert::Infallible, sync::Arc, time::Duration};

use db::Dialect;
use tokio::task::JoinSet;

use crate::{
    error::Error,
    executor,
    lane::{Lane, Seats},
    node::Node,
    store::{self, Claimed},
};

/// After a claim that stepped over a job which somebody held, in milliseconds.
const HELD: i64 = 20;
/// After an error of the database.
const TROUBLE: Duration = Duration::from_millis(250);

/// The claim loop's name among the node's tasks.
pub(crate) fn name(lane: &Lane) -> String {
    format!("claimer of {}", lane.queue)
}

/// Claims for `lane` until the node stops. A claim that is under way then is waited for.
pub(crate) async fn claim(node: Arc<Node>, lane: Arc<Lane>) -> Result<(), Infallible> {
    tokio::select! {
        () = node.stopping.cancelled() => return Ok(()),
        () = node.prepared() => {}
    }
    while !node.stopping.is_cancelled() {
        claim_while_asked(&node, &lane).await;
        lane.note_round(&node.clock);
        tokio::select! {
            () = node.stopping.cancelled() => {}
            () = lane.expecting(node.clock.now_ms()) => {}
            // A hint can get lost.
            () = tokio::time::sleep(node.pace.poll) => lane.expect_more(),
        }
    }
    Ok(())
}

/// Claims until nobody asks, the queue is paused or the node stops; waits for what is under way.
async fn claim_while_asked(node: &Arc<Node>, lane: &Arc<Lane>) {
    // Tasks of their own: while one starts what it got, the other one waits for the database.
    let mut claims = JoinSet::new();
    loop {
        let Some(asked) = lane.question().filter(|_| claims.len() < at_once(lane)) else {
            match claims.join_next().await {
                Some(_) => continue,
                None => return,
            }
        };
        let seats = tokio::select! {
            biased;
            () = node.stopping.cancelled() => None,
            Some(_) = claims.join_next() => continue,
            seats = lane.seats() => seats,
        };
        let Some(seats) = seats else { break };
        claims.spawn(fill_or_pause(Arc::clone(node), Arc::clone(lane), asked, seats));
    }
    while claims.join_next().await.is_some() {}
}

/// A lane of many slots claims for those that became free while a claim is under way.
fn at_once(lane: &Lane) -> usize {
    if lane.is_wide() { 2 } else { 1 }
}

async fn fill_or_pause(node: Arc<Node>, lane: Arc<Lane>, asked: u64, seats: Seats) {
    if let Err(error) = fill(&node, &lane, asked, seats).await {
        let queue = &lane.queue;
        tracing::warn!(queue, error = &error as &dyn std::error::Error, "jobs cannot be claimed for now");
        let _ = tokio::time::timeout(TROUBLE, node.stopping.cancelled()).await;
    }
}

/// Claims a job for each of the seats, and starts what it got.
async fn fill(node: &Arc<Node>, lane: &Lane, asked: u64, mut seats: Seats) -> Result<(), Error> {
    let wanted = seats.len();
    let Claimed { jobs, again_at } = look(node, lane, wanted).await?;
    let left_free = jobs.len() < wanted;
    for job in jobs {
        match seats.split() {
            Some(seat) => executor::start(node, seat, job),
            // Cannot be: a claim takes no more than asked. The next beats give it back.
            None => tracing::error!(job = %job.id, "claimed without a free slot"),
        }
    }
    drop(seats);
    if left_free {
        lane.answer(asked, again_at.or(held(node, lane).await?));
    }
    Ok(())
}

/// When to look again, if there are jobs after a claim that wanted more than it found: it steps over
/// those that another transaction holds, even one that has no use for them, such as that of a node
/// which would have made them available had another one not been faster. Nobody says when that ends.
async fn held(node: &Node, lane: &Lane) -> Result<Option<i64>, Error> {
    // On SQLite nobody steps over anything, and a limit leaves jobs where they are.
    if node.db.dialect() == Dialect::Sqlite || lane.shared_limits().is_some() {
        return Ok(None);
    }
    let waits = store::waits(&node.db, &lane.queue).await?;
    Ok(waits.then(|| node.clock.now_ms() + HELD))
}

pub(crate) async fn look(node: &Node, lane: &Lane, wanted: usize) -> Result<Claimed, Error> {
    let now = node.clock.now_ms();
    Ok(match lane.shared_limits() {
        Some(limits) => store::claim_limited(&node.db, &lane.queue, wanted, limits, &node.name, now).await?,
        None => Claimed { jobs: store::claim(&node.db, &lane.queue, wanted, &node.name, now).await?, again_at: None },
    })
}
