//! Runs one child of a supervisor and restarts it.

use std::{
    collections::VecDeque,
    fmt::Display,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures::FutureExt;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{ChildReport, ChildState, Intensity, Restart, Status, Supervisor};
use crate::panics::{self, CatchPanic};

/// How long a stopped child has to end by itself.
pub(super) const GRACE: Duration = Duration::from_secs(5);
const MAX_PAUSE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Child {
    restart: Restart,
    report: watch::Sender<ChildReport>,
    /// The supervisor, if the child is one.
    held: Mutex<Option<Supervisor>>,
}

impl Child {
    pub(super) fn new(name: String, restart: Restart) -> Self {
        let report =
            ChildReport { name, state: ChildState::Running, restarts: 0, last_failure: None, children: Vec::new() };
        Self { restart, report: watch::Sender::new(report), held: Mutex::default() }
    }

    pub(super) fn holds(&self, supervisor: Supervisor) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(supervisor);
    }

    pub(super) fn name(&self) -> String {
        self.report.borrow().name.clone()
    }

    pub(super) fn report(&self) -> ChildReport {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let children = held.map(|supervisor| supervisor.tree().children).unwrap_or_default();
        ChildReport { children, ..self.report.borrow().clone() }
    }

    pub(super) async fn ended(&self) {
        let _ = self.report.subscribe().wait_for(|report| report.state.is_over()).await;
    }

    fn is(&self, state: ChildState) {
        self.report.send_modify(|report| report.state = state);
    }

    fn failed(&self, failure: &str) {
        self.report.send_modify(|report| {
            report.state = ChildState::Pausing;
            report.last_failure = Some(failure.to_owned());
        });
    }

    fn restarts(&self) {
        self.report.send_modify(|report| {
            report.state = ChildState::Running;
            report.restarts += 1;
        });
    }
}

/// Runs a child until it finishes, is given up or is stopped.
pub(super) async fn supervise<F, Fut, E>(
    child: Arc<Child>,
    mut factory: F,
    intensity: Intensity,
    stopping: CancellationToken,
    status: Arc<watch::Sender<Status>>,
) where
    F: FnMut() -> Fut + Send + 'static,
    Fut: Future<Output = Result<(), E>> + Send + 'static,
    E: Display + Send + 'static,
{
    panics::install_hook();
    let mut failures = VecDeque::new();
    loop {
        let failure = match run(&mut factory, &stopping).await {
            Run::Ended if stopping.is_cancelled() => return child.is(ChildState::Stopped),
            Run::Ended if child.restart == Restart::Permanent => "it ended".to_owned(),
            Run::Ended => return child.is(ChildState::Finished),
            Run::Stopped => return child.is(ChildState::Stopped),
            Run::Failed(failure) => failure,
        };
        if child.restart == Restart::Temporary {
            tracing::error!(child = child.name(), failure, "a task failed and is not restarted");
            child.failed(&failure);
            return child.is(ChildState::Finished);
        }
        child.failed(&failure);
        if is_too_many(&mut failures, intensity) {
            return give_up(&child, &status, failure);
        }
        let pause = pause(failures.len(), intensity);
        tracing::error!(child = child.name(), failure, ?pause, "a task failed and is restarted");
        if tokio::time::timeout(pause, stopping.cancelled()).await.is_ok() {
            return child.is(ChildState::Stopped);
        }
        child.restarts();
    }
}

enum Run {
    Ended,
    Stopped,
    Failed(String),
}

async fn run<F, Fut, E>(factory: &mut F, stopping: &CancellationToken) -> Run
where
    F: FnMut() -> Fut + Send,
    Fut: Future<Output = Result<(), E>> + Send,
    E: Display + Send,
{
    // The async block also catches a panic of the factory itself.
    let life = CatchPanic::new(async { factory().await }.boxed());
    tokio::select! {
        biased;
        ended = life => match ended {
            Ok(Ok(())) => Run::Ended,
            Ok(Err(error)) => Run::Failed(format!("{error:#}")),
            Err(panic) => Run::Failed(panic),
        },
        () = overdue(stopping) => Run::Stopped,
    }
}

async fn overdue(stopping: &CancellationToken) {
    stopping.cancelled().await;
    tokio::time::sleep(GRACE).await;
}

fn is_too_many(failures: &mut VecDeque<Instant>, intensity: Intensity) -> bool {
    let now = Instant::now();
    failures.push_back(now);
    while failures.front().is_some_and(|at| now.duration_since(*at) > intensity.within) {
        failures.pop_front();
    }
    failures.len() >= intensity.failures
}

fn pause(failures: usize, intensity: Intensity) -> Duration {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(16).min(16);
    intensity.first_pause.saturating_mul(1 << doublings).min(MAX_PAUSE)
}

fn give_up(child: &Child, status: &watch::Sender<Status>, failure: String) {
    child.is(ChildState::GivenUp);
    tracing::error!(child = child.name(), failure, "a task failed too often and is given up");
    status.send_replace(Status::GaveUp { child: child.name(), failure });
}
