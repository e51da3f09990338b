//! Supervisors for long-lived tasks: they restart a failed task and give up a task that keeps failing.
//!
//! A child is a factory of futures. [`Restart`] says when it is called again, after a pause that doubles with
//! each failure. After [`Intensity::failures`] within [`Intensity::within`] the child is given up: the
//! failure is logged and reported through [`Supervisor::gave_up`] and [`Supervisor::status`], so that the
//! program can exit instead of running without the task. Supervisors may be children of supervisors: one that
//! gives up fails, and its own supervisor recreates it with all of its children, or gives up too. The model
//! is Erlang/OTP's supervisor behavior.

mod child;
mod tree;

use std::{
    fmt::Display,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use child::Child;
pub use tree::{ChildReport, ChildState, Tree};

/// How many failures within which time are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intensity {
    /// The number of failures within [`within`](Intensity::within) at which a child is given up.
    pub failures: usize,
    /// How long a failure counts.
    pub within: Duration,
    /// The pause before the first restart. It doubles with each failure that counts, up to 5 s.
    pub first_pause: Duration,
}

impl Default for Intensity {
    /// Ten failures within a minute; the first pause is 100 ms.
    fn default() -> Self {
        Self { failures: 10, within: Duration::from_secs(60), first_pause: Duration::from_millis(100) }
    }
}

/// When a child is restarted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// Whenever it ends, even without an error.
    Permanent,
    /// When it fails.
    #[default]
    Transient,
    /// Never. A failure is logged and has no other effect.
    Temporary,
}

/// Whether all children of a supervisor work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// All children run or are being restarted.
    Working,
    /// A child failed too often.
    GaveUp {
        /// The child's name.
        child: String,
        /// The child's last failure.
        failure: String,
    },
    /// The supervisor was stopped.
    Stopped,
}

/// Owns long-lived tasks. Cheap to clone; when the last clone is dropped, the children are stopped.
#[derive(Clone, Debug)]
pub struct Supervisor(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    intensity: Intensity,
    stopping: CancellationToken,
    /// The children that are stopped one after the other, in the order of their start.
    ordered: Mutex<Vec<(CancellationToken, Arc<Child>)>>,
    tasks: TaskTracker,
    children: Mutex<Vec<Arc<Child>>>,
    status: Arc<watch::Sender<Status>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stopping.cancel();
        let ordered = self.ordered.get_mut().unwrap_or_else(PoisonError::into_inner);
        ordered.iter().for_each(|(stopping, _)| stopping.cancel());
    }
}

impl Supervisor {
    /// Creates a supervisor without children and with the default [`Intensity`].
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self::with_intensity(name, Intensity::default())
    }

    /// Creates a supervisor with this [`Intensity`].
    #[must_use]
    pub fn with_intensity(name: impl Into<String>, intensity: Intensity) -> Self {
        Self(Arc::new(Inner {
            name: name.into(),
            intensity,
            stopping: CancellationToken::new(),
            ordered: Mutex::default(),
            tasks: TaskTracker::new(),
            children: Mutex::default(),
            status: Arc::new(watch::Sender::new(Status::Working)),
        }))
    }

    /// Starts a [transient](Restart::Transient) child and calls `factory` again for each restart. Children
    /// that were started with this method are stopped together, after those of
    /// [`spawn_as`](Supervisor::spawn_as). Needs a tokio runtime.
    pub fn spawn<F, Fut, E>(&self, name: impl Into<String>, factory: F)
    where
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        let child = Arc::new(Child::new(name.into(), Restart::Transient));
        self.adopt(child, factory, self.0.stopping.clone());
    }

    /// Starts a child that gets its own cancellation token. Such children are stopped one after the other in
    /// the reverse order of their start, so each may use the earlier ones until it ends.
    pub fn spawn_as<F, Fut, E>(&self, name: impl Into<String>, restart: Restart, mut factory: F)
    where
        F: FnMut(CancellationToken) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        let child = Arc::new(Child::new(name.into(), restart));
        let stopping = CancellationToken::new();
        self.ordered().push((stopping.clone(), Arc::clone(&child)));
        let token = stopping.clone();
        self.adopt(child, move || factory(token.clone()), stopping);
    }

    /// Starts a supervisor as a child. `start` adds its children, again after each restart. It is stopped in
    /// the order described at [`spawn_as`](Supervisor::spawn_as).
    pub fn spawn_supervisor<F>(&self, name: impl Into<String>, intensity: Intensity, mut start: F)
    where
        F: FnMut(&Self) + Send + 'static,
    {
        let name = name.into();
        let child = Arc::new(Child::new(name.clone(), Restart::Permanent));
        let stopping = CancellationToken::new();
        self.ordered().push((stopping.clone(), Arc::clone(&child)));
        let (token, place) = (stopping.clone(), Arc::downgrade(&child));
        let factory = move || {
            let supervisor = Self::with_intensity(name.clone(), intensity);
            if let Some(child) = place.upgrade() {
                child.holds(supervisor.clone());
            }
            start(&supervisor);
            let token = token.clone();
            async move {
                let failed = tokio::select! {
                    () = token.cancelled() => None,
                    failed = supervisor.gave_up() => Some(failed),
                };
                supervisor.stop().await;
                failed.map_or(Ok(()), |(child, failure)| Err(format!("{child}: {failure}")))
            }
        };
        self.adopt(child, factory, stopping);
    }

    fn adopt<F, Fut, E>(&self, child: Arc<Child>, factory: F, stopping: CancellationToken)
    where
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        self.children().push(Arc::clone(&child));
        let status = Arc::clone(&self.0.status);
        self.0.tasks.spawn(child::supervise(child, factory, self.0.intensity, stopping, status));
    }

    /// Returns the token that is canceled when the children should end.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.0.stopping.clone()
    }

    /// Stops the children and waits for them: first those of [`spawn_as`](Supervisor::spawn_as), one after
    /// the other in reverse order, then all others together. A child that has not ended after 5 s is dropped
    /// at its next await.
    pub async fn stop(&self) {
        let ordered = std::mem::take(&mut *self.ordered());
        for (stopping, child) in ordered.into_iter().rev() {
            stopping.cancel();
            child.ended().await;
        }
        self.0.stopping.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.status.send_if_modified(|status| {
            let working = *status == Status::Working;
            if working {
                *status = Status::Stopped;
            }
            working
        });
    }

    /// Returns whether all children work.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.status.borrow().clone()
    }

    /// Waits until a child is given up, and returns its name and last failure. Never resolves otherwise.
    pub async fn gave_up(&self) -> (String, String) {
        let mut status = self.0.status.subscribe();
        loop {
            if let Status::GaveUp { child, failure } = &*status.borrow_and_update() {
                return (child.clone(), failure.clone());
            }
            if status.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Waits until the child `name` has ended; returns immediately if there is none.
    pub async fn ended(&self, name: &str) {
        let child = self.children().iter().find(|child| child.name() == name).cloned();
        if let Some(child) = child {
            child.ended().await;
        }
    }

    /// Returns a snapshot of the children.
    #[must_use]
    pub fn tree(&self) -> Tree {
        let children = self.children().iter().map(|child| child.report()).collect();
        Tree { name: self.0.name.clone(), children }
    }

    fn ordered(&self) -> MutexGuard<'_, Vec<(CancellationToken, Arc<Child>)>> {
        self.0.ordered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn children(&self) -> MutexGuard<'_, Vec<Arc<Child>>> {
        self.0.children.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
