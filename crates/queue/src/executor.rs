//! Runs one attempt: starts it, watches it and passes its outcome on.

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use tokio::task::{JoinError, JoinHandle};
use tracing::Instrument;

use crate::{
    attempts::{Attempts, RunningGuard},
    completer::Completer,
    context::Context,
    handler::{Handler, WorkerRegistry},
    job::Job,
    node::Node,
    panics::{CatchPanic, catch_panic},
    slot_pool::Permits,
    store::Owner,
    trace,
    transition::{AttemptResult, Transitions},
    unsupported::UnsupportedJobs,
    worker::Outcome,
};

/// How long an attempt that lost its job may take to end by itself.
const LOST_LEASE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long to wait for an aborted attempt. One that blocks its thread is left alone: the fence keeps it
/// from writing.
const ABORT_TIMEOUT: Duration = Duration::from_secs(1);

/// Runs the attempts of a node.
pub(crate) struct Executor {
    pub node: Arc<Node>,
    pub workers: Arc<WorkerRegistry>,
    pub attempts: Arc<Attempts>,
    pub transitions: Arc<Transitions>,
    pub completer: Arc<Completer>,
    pub unsupported: UnsupportedJobs,
    pub link: Option<trace::Link>,
}

impl Executor {
    /// Runs a claimed job in a task of its own.
    pub(crate) fn start(self: &Arc<Self>, permit: Permits, job: Job) {
        let guard = self.enter(&job);
        let executor = Arc::clone(self);
        self.attempts.spawn(async move {
            let result = executor.attempt(&job, &guard.context).await;
            if result == Outcome::Complete.into() {
                executor.completer.push(job, guard).await;
            } else {
                executor.transitions.finish(&job, &guard.context, result).await;
                drop(guard);
            }
            drop(permit);
        });
    }

    /// Runs a job in the calling task and writes its outcome.
    #[cfg(feature = "testing")]
    pub(crate) async fn run_here(&self, job: Job) -> Result<(), crate::Error> {
        let guard = self.enter(&job);
        let result = self.attempt(&job, &guard.context).await;
        if result == Outcome::Complete.into() {
            let Node { db, name, clock, .. } = &*self.node;
            crate::store::complete(db, name, &[(job.id, job.attempt)], clock.now_ms()).await?;
        } else {
            self.transitions.finish(&job, &guard.context, result).await;
        }
        Ok(())
    }

    fn enter(&self, job: &Job) -> RunningGuard {
        let owner = Owner { id: job.id, attempt: job.attempt, node: self.node.name.clone() };
        self.attempts.enter(Context::new(job, owner, self.node.clock.clone()))
    }

    async fn attempt(&self, job: &Job, context: &Context) -> AttemptResult {
        let Some(handler) = self.workers.find(&job.worker) else {
            return self.unsupported.defer_or_discard(job, format!("no worker is named {}", job.worker)).await;
        };
        if job.version > handler.version() {
            let (newer, own) = (job.version, handler.version());
            let reason = format!("the arguments' version {newer} is newer than {own}");
            return self.unsupported.defer_or_discard(job, reason).await;
        }
        // Decoding the arguments runs the worker's code as well.
        match catch_panic(|| handler.perform(job.version, &job.args, context.clone())) {
            Ok(Ok(performance)) => {
                let task = tokio::spawn(CatchPanic::new(self.traced(job, performance)));
                self.watch(&**handler, context, task).await
            }
            Ok(Err(error)) => Outcome::Discard(error.to_string()).into(),
            Err(panic) => Outcome::Retry(panic).into(),
        }
    }

    /// Runs an attempt in a span of its own, as part of the trace that enqueued the job.
    fn traced(&self, job: &Job, performance: BoxFuture<'static, Outcome>) -> BoxFuture<'static, Outcome> {
        let span = tracing::info_span!(
            "job", id = %job.id, worker = %job.worker, queue = %job.queue, attempt = job.attempt, trace = job.trace
        );
        let own = self.link.and_then(|link| link(&span, job.trace.as_deref()));
        match own.or_else(|| job.trace.clone()) {
            Some(trace) => trace::scope(trace, performance).instrument(span).boxed(),
            None => performance.instrument(span).boxed(),
        }
    }

    /// Waits for the attempt to end, or for a reason to stop it.
    async fn watch(&self, handler: &dyn Handler, context: &Context, mut task: AttemptTask) -> AttemptResult {
        let timeout = handler.timeout();
        let result = tokio::select! {
            ended = &mut task => return result_of(ended),
            () = tokio::time::sleep(timeout) => Outcome::Retry(format!("timed out after {timeout:?}")).into(),
            () = self.attempts.handing_back() => AttemptResult::HandBack,
            () = context.cancellation().cancelled() => return give_up(task).await,
        };
        context.cancellation().cancel();
        task.abort();
        match tokio::time::timeout(ABORT_TIMEOUT, &mut task).await {
            // It ended by itself just before the abort.
            Ok(Ok(Ok(outcome))) => outcome.into(),
            _ => result,
        }
    }
}

/// The task of an attempt. A panic is an error with its message.
type AttemptTask = JoinHandle<Result<Outcome, String>>;

/// Ends an attempt that lost its job; its outcome does not matter.
async fn give_up(mut task: AttemptTask) -> AttemptResult {
    if tokio::time::timeout(LOST_LEASE_TIMEOUT, &mut task).await.is_err() {
        task.abort();
    }
    AttemptResult::LostLease
}

fn result_of(ended: Result<Result<Outcome, String>, JoinError>) -> AttemptResult {
    match ended {
        Ok(Ok(outcome)) => outcome.into(),
        Ok(Err(panic)) => Outcome::Retry(panic).into(),
        // Aborted together with its runtime.
        Err(_) => AttemptResult::HandBack,
    }
}
