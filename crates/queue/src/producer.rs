//! The claim loop: one per node, claims for free slots only, sleeps until it is told.

use std::{convert::Infallible, sync::Arc, time::Duration};

use db::{Dialect, Hint, HintReceiver};
use futures::FutureExt;
use tokio::time::Instant;

use crate::{
    error::Error,
    executor,
    job::Job,
    node::{Lane, Node},
    rescuer,
    store::{self, CHANNEL},
};

/// Nobody looks again sooner for a job that is due but that another node is handling.
const SOONEST: Duration = Duration::from_millis(20);
/// After an error of the database.
const TROUBLE: Duration = Duration::from_millis(250);

/// Claims until the node stops.
pub(crate) async fn produce(node: Arc<Node>) -> Result<(), Infallible> {
    // Before the first look: whatever is said from here on waits in the receiver.
    let mut hints = node.db.hints().subscribe(CHANNEL);
    recover(&node).await;
    node.expect_anything();
    let mut alarm = Alarm::new(&node);
    while !node.stopping.is_cancelled() {
        match round(&node).await {
            Ok(looked) => alarm.learn(looked),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "jobs cannot be claimed for now");
                node.expect_anything();
                pause(&node, TROUBLE).await;
                continue;
            }
        }
        node.note_progress();
        tokio::select! {
            () = node.stopping.cancelled() => {}
            hint = hints.recv() => listen(&node, hint, &mut hints),
            () = node.wake.notified() => {}
            () = tokio::time::sleep_until(alarm.next(&node)) => {
                alarm.reset(&node);
                node.expect_anything();
            }
        }
    }
    Ok(())
}

/// Where the database belongs to one process, whatever another process executes is dead.
async fn recover(node: &Arc<Node>) {
    while node.db.dialect() == Dialect::Sqlite && !node.stopping.is_cancelled() {
        match rescuer::rescue_orphans(node).await {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the jobs of the last process wait");
                pause(node, TROUBLE).await;
            }
        }
    }
}

/// Stages what is due and claims for every lane that has room; when the next job is due, if it looked.
async fn round(node: &Arc<Node>) -> Result<Option<Option<i64>>, Error> {
    let wanted: Vec<_> = node.lanes.iter().filter_map(|lane| Some((lane, lane.wanted()?))).collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    let now = node.clock.now_ms();
    let mut tx = node.db.begin().await?;
    store::stage(&mut tx, now).await?;
    let mut claimed: Vec<(&Lane, Vec<Job>)> = Vec::new();
    for (lane, slots) in wanted {
        let jobs = store::claim(&mut tx, &lane.queue, slots, &node.name, now, node.lease_until()).await?;
        if jobs.len() >= slots {
            lane.expect_more();
        }
        claimed.push((lane, jobs));
    }
    let due = store::next_due(&mut tx).await?;
    tx.commit().await?;
    for (lane, jobs) in claimed {
        jobs.into_iter().for_each(|job| executor::start(node, lane, job));
    }
    Ok(Some(due))
}

fn listen(node: &Node, first: Hint, hints: &mut HintReceiver) {
    let mut heard = Some(first);
    // Many enqueued at once are one look.
    while let Some(hint) = heard {
        match hint {
            Hint::Payload(queue) => node.expect(&queue),
            Hint::Missed => node.expect_anything(),
        }
        heard = hints.recv().now_or_never();
    }
}

async fn pause(node: &Node, pause: Duration) {
    let _ = tokio::time::timeout(pause, node.stopping.cancelled()).await;
}

/// When to look without being told.
struct Alarm {
    poll: Instant,
    due: Option<i64>,
}

impl Alarm {
    fn new(node: &Node) -> Self {
        Self { poll: Instant::now() + node.pace.poll, due: None }
    }

    fn learn(&mut self, looked: Option<Option<i64>>) {
        if let Some(due) = looked {
            self.due = due;
        }
    }

    fn reset(&mut self, node: &Node) {
        self.poll = Instant::now() + node.pace.poll;
    }

    fn next(&self, node: &Node) -> Instant {
        let due = self.due.filter(|_| node.has_free_slots()).map(|due| {
            let wait = u64::try_from(due - node.clock.now_ms()).unwrap_or(0);
            Instant::now() + Duration::from_millis(wait).max(SOONEST)
        });
        due.map_or(self.poll, |due| due.min(self.poll))
    }
}
