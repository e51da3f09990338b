//! Owners for long-lived tasks: a failed one restarts, one that keeps failing is given up loudly.
//!
//! A child is a factory of futures. An error or a panic restarts it after a pause that doubles; a
//! child that ends well is finished. After [`Intensity::failures`] within [`Intensity::within`] it
//! is given up: logged, and reported through [`Supervisor::gave_up`] and [`Supervisor::status`],
//! so that the program can end instead of limping on. Refuses to know what its children do.

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
    /// The failure with this number is one too many.
    pub failures: usize,
    /// Older failures are forgotten.
    pub within: Duration,
    /// The pause before the first restart; it doubles with each remembered failure, up to 5 s.
    pub first_pause: Duration,
}

impl Default for Intensity {
    /// Ten failures in a minute; the first pause is 100 ms.
    fn default() -> Self {
        Self { failures: 10, within: Duration::from_secs(60), first_pause: Duration::from_millis(100) }
    }
}

/// Whether a supervisor's children all work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// They do, or are being restarted.
    Working,
    /// A child failed too often.
    GaveUp {
        /// Its name.
        child: String,
        /// Its last failure.
        failure: String,
    },
    /// The supervisor was stopped.
    Stopped,
}

/// Owns long-lived tasks; cheap to clone. When the last clone is dropped the children are told to
/// stop.
#[derive(Clone, Debug)]
pub struct Supervisor(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    intensity: Intensity,
    stopping: CancellationToken,
    tasks: TaskTracker,
    children: Mutex<Vec<Arc<Child>>>,
    status: Arc<watch::Sender<Status>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

impl Supervisor {
    /// A supervisor without children, with the default [`Intensity`].
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self::with_intensity(name, Intensity::default())
    }

    /// A supervisor that is more or less patient.
    #[must_use]
    pub fn with_intensity(name: impl Into<String>, intensity: Intensity) -> Self {
        Self(Arc::new(Inner {
            name: name.into(),
            intensity,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            children: Mutex::default(),
            status: Arc::new(watch::Sender::new(Status::Working)),
        }))
    }

    /// Starts a child. `factory` is called again for each restart. Needs a tokio runtime.
    pub fn spawn<F, Fut, E>(&self, name: impl Into<String>, factory: F)
    where
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        let child = Arc::new(Child::new(name.into()));
        self.children().push(Arc::clone(&child));
        let (stopping, status) = (self.0.stopping.clone(), Arc::clone(&self.0.status));
        self.0.tasks.spawn(child::supervise(child, factory, self.0.intensity, stopping, status));
    }

    /// Fires when the children should end.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.0.stopping.clone()
    }

    /// Tells the children to stop and waits for them. One that does not end by itself within
    /// 5 s is dropped at its next await.
    pub async fn stop(&self) {
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

    /// How it goes.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.status.borrow().clone()
    }

    /// Waits until a child is given up; its name and last failure. Pends for ever if none is.
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

    /// Waits until the child `name` runs no more; at once if there is none.
    pub async fn ended(&self, name: &str) {
        let child = self.children().iter().find(|child| child.name() == name).cloned();
        if let Some(child) = child {
            child.ended().await;
        }
    }

    /// The children as they are now.
    #[must_use]
    pub fn tree(&self) -> Tree {
        let children = self.children().iter().map(|child| child.report()).collect();
        Tree { name: self.0.name.clone(), children }
    }

    fn children(&self) -> MutexGuard<'_, Vec<Arc<Child>>> {
        self.0.children.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
