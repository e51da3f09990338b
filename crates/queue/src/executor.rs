//! One attempt from claim to ending: perform, watch, settle.

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use tokio::task::{JoinError, JoinHandle};
use tracing::Instrument;

use crate::{
    context::Context,
    handler::Handler,
    job::Job,
    node::{Node, RunningGuard},
    panics::{CatchPanic, catch_panic},
    slot_pool::Permits,
    store::Owner,
    trace,
    transition::{self, AttemptResult},
    unsupported,
    worker::Outcome,
};

/// An attempt that lost its job has this long to notice by itself.
const LOST_LEASE_TIMEOUT: Duration = Duration::from_secs(1);
/// An aborted attempt that blocks its thread is not waited for longer: the fence makes it harmless.
const ABORT_TIMEOUT: Duration = Duration::from_secs(1);

/// Runs a claimed job in its own task.
pub(crate) fn start(node: &Arc<Node>, permit: Permits, job: Job) {
    let owner = Owner { id: job.id, attempt: job.attempt, node: node.name.clone() };
    let entry = node.enter(Context::new(&job, owner, node.clock.clone()));
    node.attempts.spawn(execute(Arc::clone(node), job, entry, permit));
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
        transition::finish(node, &job, &entry.context, verdict).await;
    }
    Ok(())
}

async fn execute(node: Arc<Node>, job: Job, entry: RunningGuard, permit: Permits) {
    let verdict = attempt(&node, &job, &entry.context).await;
    if verdict == Outcome::Complete.into() {
        node.completions.push(job, entry).await;
    } else {
        transition::finish(&node, &job, &entry.context, verdict).await;
        drop(entry);
    }
    drop(permit);
}

async fn attempt(node: &Node, job: &Job, context: &Context) -> AttemptResult {
    let Some(handler) = node.registry.find(&job.worker) else {
        return unsupported::defer_or_discard(node, job, format!("no worker is named {}", job.worker)).await;
    };
    if job.version > handler.version() {
        let (newer, own) = (job.version, handler.version());
        let reason = format!("the arguments' version {newer} is newer than {own}");
        return unsupported::defer_or_discard(node, job, reason).await;
    }
    // Reading the arguments is the worker's own code as well.
    match catch_panic(|| handler.perform(job.version, &job.args, context.clone())) {
        Ok(Ok(performance)) => {
            let task = tokio::spawn(CatchPanic::new(traced(node, job, performance)));
            watch(node, &**handler, context, task).await
        }
        Ok(Err(error)) => Outcome::Discard(error.to_string()).into(),
        Err(panic) => Outcome::Retry(panic).into(),
    }
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

/// An attempt's task; a panic is an error in words.
type Attempt = JoinHandle<Result<Outcome, String>>;

/// Waits for the attempt, or for a reason to stop it.
async fn watch(node: &Node, handler: &dyn Handler, context: &Context, mut task: Attempt) -> AttemptResult {
    let timeout = handler.timeout();
    let verdict = tokio::select! {
        ended = &mut task => return verdict_of(ended),
        () = tokio::time::sleep(timeout) => Outcome::Retry(format!("timed out after {timeout:?}")).into(),
        () = node.handing_back.cancelled() => AttemptResult::HandBack,
        () = context.cancellation().cancelled() => return give_up(task).await,
    };
    context.cancellation().cancel();
    task.abort();
    match tokio::time::timeout(ABORT_TIMEOUT, &mut task).await {
        // It ended by itself in the last moment.
        Ok(Ok(Ok(outcome))) => outcome.into(),
        _ => verdict,
    }
}

/// Whatever the attempt still says, its job is somebody else's.
async fn give_up(mut task: Attempt) -> AttemptResult {
    if tokio::time::timeout(LOST_LEASE_TIMEOUT, &mut task).await.is_err() {
        task.abort();
    }
    AttemptResult::LostLease
}

fn verdict_of(ended: Result<Result<Outcome, String>, JoinError>) -> AttemptResult {
    match ended {
        Ok(Ok(outcome)) => outcome.into(),
        Ok(Err(panic)) => Outcome::Retry(panic).into(),
        // Aborted with its runtime.
        Err(_) => AttemptResult::HandBack,
    }
}
