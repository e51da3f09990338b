//! One attempt from claim to ending: perform, watch, settle.

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use tokio::task::{JoinError, JoinHandle};
use tracing::Instrument;

use crate::{
    context::Context,
    handler::{Handler, panic_message},
    job::Job,
    lane::Seats,
    node::{Entry, Node},
    settlement::{self, Verdict},
    store::Owner,
    trace,
    worker::Outcome,
};

/// An attempt that lost its job has this long to notice by itself.
const LOST_GRACE: Duration = Duration::from_secs(1);
/// An aborted attempt that blocks its thread is not waited for longer: the fence makes it harmless.
const ABORT_GRACE: Duration = Duration::from_secs(1);
/// Five minutes for a node of the right version to come.
const OTHERS_PAUSE: Duration = Duration::from_secs(5);
const OTHERS_TRIES: u32 = 60;

/// Runs a claimed job in its own task.
pub(crate) fn start(node: &Arc<Node>, seat: Seats, job: Job) {
    let owner = Owner { id: job.id, attempt: job.attempt, node: node.name.clone() };
    let entry = node.enter(Context::new(&job, owner, node.clock.clone()));
    node.attempts.spawn(execute(Arc::clone(node), job, entry, seat));
}

/// Runs a job in the calling task, up to its settlement.
#[cfg(any(test, feature = "testing"))]
pub(crate) async fn run_here(node: &Arc<Node>, job: Job) -> Result<(), crate::Error> {
    let owner = Owner { id: job.id, attempt: job.attempt, node: node.name.clone() };
    let entry = node.enter(Context::new(&job, owner, node.clock.clone()));
    let verdict = attempt(node, &job, &entry.context).await;
    if verdict == Outcome::Complete.into() {
        crate::store::complete(&node.db, &node.name, &[(job.id, job.attempt)], node.clock.now_ms()).await?;
    } else {
        settlement::settle(node, &job, &entry.context, verdict).await;
    }
    Ok(())
}

async fn execute(node: Arc<Node>, job: Job, entry: Entry, seat: Seats) {
    let verdict = attempt(&node, &job, &entry.context).await;
    if verdict == Outcome::Complete.into() {
        node.outbox.post(job, entry).await;
    } else {
        settlement::settle(&node, &job, &entry.context, verdict).await;
        drop(entry);
    }
    drop(seat);
}

async fn attempt(node: &Node, job: &Job, context: &Context) -> Verdict {
    let Some(handler) = node.registry.find(&job.worker) else {
        return leave_to_others(node, job, format!("no worker is called {}", job.worker));
    };
    if job.version > handler.version() {
        let (newer, own) = (job.version, handler.version());
        return leave_to_others(node, job, format!("the arguments' version {newer} is newer than {own}"));
    }
    match handler.perform(job.version, &job.args, context.clone()) {
        Ok(performance) => watch(node, &**handler, context, tokio::spawn(traced(node, job, performance))).await,
        Err(misfit) => Outcome::Discard(misfit.to_string()).into(),
    }
}

/// A job that this program cannot do waits for a node that can (they may be of different versions
/// while one replaces the other), but not for ever.
fn leave_to_others(node: &Node, job: &Job, reason: String) -> Verdict {
    if node.observations.sees_others() && job.attempt <= OTHERS_TRIES {
        tracing::warn!(job = %job.id, worker = %job.worker, reason, "a job is left to other nodes");
        return Outcome::Snooze(OTHERS_PAUSE).into();
    }
    Outcome::Discard(reason).into()
}

/// In a span of its own, and as part of the trace that enqueued the job.
fn traced(node: &Node, job: &Job, performance: BoxFuture<'static, Outcome>) -> BoxFuture<'static, Outcome> {
    let span = tracing::info_span!(
        "job", id = %job.id, worker = %job.worker, queue = %job.queue, attempt = job.attempt, trace = job.trace
    );
    let own = node.link.and_then(|link| link(&span, job.trace.as_deref()));
    match own.or_else(|| job.trace.clone()) {
        Some(trace) => trace::scope(trace, performance).instrument(span).boxed(),
        None => performance.instrument(span).boxed(),
    }
}

/// Waits for the attempt, or for a reason to stop it.
async fn watch(node: &Node, handler: &dyn Handler, context: &Context, mut task: JoinHandle<Outcome>) -> Verdict {
    let timeout = handler.timeout();
    let verdict = tokio::select! {
        ended = &mut task => return verdict_of(ended),
        () = tokio::time::sleep(timeout) => Outcome::Retry(format!("timed out after {timeout:?}")).into(),
        () = node.handing_back.cancelled() => Verdict::HandBack,
        () = context.cancelled().cancelled() => return give_up(task).await,
    };
    context.cancelled().cancel();
    task.abort();
    match tokio::time::timeout(ABORT_GRACE, &mut task).await {
        // It ended by itself in the last moment.
        Ok(Ok(outcome)) => outcome.into(),
        _ => verdict,
    }
}

/// Whatever the attempt still says, its job is somebody else's.
async fn give_up(mut task: JoinHandle<Outcome>) -> Verdict {
    if tokio::time::timeout(LOST_GRACE, &mut task).await.is_err() {
        task.abort();
    }
    Verdict::Lost
}

fn verdict_of(ended: Result<Outcome, JoinError>) -> Verdict {
    match ended {
        Ok(outcome) => outcome.into(),
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => Outcome::Retry(panic_message(&*panic)).into(),
            Err(_) => Verdict::HandBack,
        },
    }
}
