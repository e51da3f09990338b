//! A serving process from start to shutdown.
//!
//! Shutdown loses nothing that has begun: requests finish, jobs finish or return to the queue, and
//! sockets are closed with a time to reconnect. `server/tests/restarted` tests it.

use std::{convert::Infallible, fs::File, io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::anyhow;
use hiring::Hiring;
use live::Hub;
use queue::{Running, Supervisor, supervise::Restart};
use tokio::{net::TcpListener, time::sleep};

use crate::{
    assets::Assets,
    background::{shut_down, start_monitoring, start_supervisor, stopped},
    bootstrap,
    change_notifier::{ChangeListener, ChangeNotifier},
    handoff::{Offer, Predecessor, Successor},
    health::ShutdownState,
    listeners::Listeners,
    router::router,
    settings::Settings,
    shutdown_signal::ShutdownSignal,
    state::AppState,
};

/// How often the hub polls an SQLite database that other processes cannot announce changes to.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// A process that serves pages, sockets and jobs.
pub struct Server {
    listener: TcpListener,
    /// The sockets for a successor; `None` where none can connect.
    offer: Option<Offer>,
    /// The state that the handlers share.
    pub app: AppState,
    supervisor: Supervisor,
    workers: Arc<Running>,
    shutdown_state: ShutdownState,
    /// The lock of an SQLite database, held until the process ends.
    lock: Option<File>,
}

/// Why a process stops.
enum StopReason {
    /// A signal asked it to, or a long-lived task failed too often.
    Requested(anyhow::Result<()>),
    /// A successor is ready.
    HandedOff(Successor),
}

impl Server {
    /// Starts the workers, the hub and the other background tasks. Requests wait in the listener's
    /// backlog until [`Server::run`].
    ///
    /// # Errors
    /// When a socket cannot be used.
    pub fn open(hiring: Hiring, settings: Settings, assets: Assets, mut listeners: Listeners) -> anyhow::Result<Self> {
        let offer = listeners.offer()?;
        let Listeners { http, metrics, lock, .. } = listeners;
        let shutdown_state = ShutdownState::default();
        let change_listener = if settings.is_sqlite() { ChangeListener::bind(&settings.data) } else { None };
        let must_poll = settings.is_sqlite() && change_listener.is_none();
        let hub = Hub::with_build(hiring.db().clone(), assets.build().to_owned(), must_poll.then_some(POLL_INTERVAL));
        let supervisor = start_supervisor(Some(&hub));
        if let Some(change_listener) = change_listener {
            change_listener.supervise(&supervisor, hiring.db().notifications());
        }
        let workers = Arc::new(bootstrap::start_workers(&hiring, &settings)?);
        let health = start_monitoring(metrics, &hiring, &supervisor, &workers, Some(&hub), &shutdown_state)?;
        http.set_nonblocking(true)?;
        let listener = TcpListener::from_std(http)?;
        let app = AppState::new(hiring, settings, assets, hub, health, &shutdown_state);
        Ok(Self { listener, offer, app, supervisor, workers, shutdown_state, lock })
    }

    /// The address that it serves on, with the port that the kernel chose for port 0.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until a signal or a successor stops the process, then shuts down.
    ///
    /// # Errors
    /// When a long-lived task failed too often.
    pub async fn run(self, mut signal: ShutdownSignal) -> anyhow::Result<()> {
        let router = router(self.app.clone());
        let reason = tokio::select! {
            never = self.app.connections.accept(&self.listener, &router) => match never {},
            reason = self.stop_reason(&mut signal) => reason,
        };
        let handed_off = matches!(reason, StopReason::HandedOff(_));
        if handed_off {
            self.shutdown_state.handed_off.cancel();
        }
        let sole_worker = handed_off && self.app.settings.is_sqlite();
        // Open pages are connected to the successor already, or will be: it must see late writes.
        let notifications = self.app.hiring.db().notifications();
        let _forwarding = sole_worker.then(|| ChangeNotifier::new(&self.app.settings.data).forward(notifications));
        if sole_worker {
            // Only one process at a time works on an SQLite file. Pages are served meanwhile.
            tokio::select! {
                never = self.app.connections.accept(&self.listener, &router) => match never {},
                () = self.workers.stop(bootstrap::HAND_BACK_TIMEOUT) => {}
            }
        }
        self.shutdown(reason, !sole_worker, signal).await
    }

    async fn stop_reason(&self, signal: &mut ShutdownSignal) -> StopReason {
        let successor = async {
            match &self.offer {
                Some(offer) => offer.successor().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            reason = stopped([self.supervisor.clone(), self.workers.supervisor().clone()], signal) => StopReason::Requested(reason),
            successor = successor => StopReason::HandedOff(successor),
        }
    }

    /// Turns readiness off, accepts no more connections and tells sockets to reconnect; then lets
    /// requests and jobs finish.
    async fn shutdown(
        self,
        stop_reason: StopReason,
        stop_workers: bool,
        mut signal: ShutdownSignal,
    ) -> anyhow::Result<()> {
        let Self { listener, offer, app, supervisor, workers, shutdown_state, lock } = self;
        shutdown_state.draining.cancel();
        drop((listener, offer));
        app.stop.cancel();
        let (drain_timeout, successor, mut result) = match stop_reason {
            StopReason::Requested(result) => (bootstrap::SHUTDOWN_TIMEOUT, None, result),
            StopReason::HandedOff(successor) => (bootstrap::DRAIN_TIMEOUT, Some(successor), Ok(())),
        };
        if let Some(successor) = &successor {
            tracing::info!("{} took over; finishing open requests", successor.name());
            if let Err(error) = successor.release().await {
                // Nobody serves now: fail, so that the service manager restarts the product.
                result = Err(anyhow!(error).context("the process that took over is gone"));
            }
        }
        // A signal during the long drain after a handoff shortens it.
        let hurried = async {
            signal.received().await;
            sleep(bootstrap::SHUTDOWN_TIMEOUT).await;
        };
        let requests = async {
            tokio::select! {
                () = app.connections.closed() => return,
                () = sleep(drain_timeout) => {}
                () = hurried => {}
            }
            tracing::warn!("some requests did not finish in time and were cut off");
        };
        let jobs = async {
            if stop_workers {
                workers.stop(bootstrap::SHUTDOWN_TIMEOUT).await;
            }
        };
        tokio::join!(requests, jobs);
        shut_down(&app.hiring, &supervisor).await;
        // Closes the handoff connection, which the successor sees, and releases the lock to it.
        drop((successor, lock));
        result
    }

    /// Waits in the background until the predecessor has ended, then reloads from the database: on
    /// SQLite nothing announces what its last requests wrote.
    pub fn drain_predecessor(&self, predecessor: Predecessor) {
        println!("  Took over from process {}", predecessor.pid);
        let notifications = self.app.hiring.db().notifications().clone();
        let mut predecessor = Some(predecessor);
        self.supervisor.spawn_as("predecessor", Restart::Temporary, move |stopping| {
            let (predecessor, notifications) = (predecessor.take(), notifications.clone());
            async move {
                if let Some(predecessor) = predecessor
                    && stopping.run_until_cancelled(predecessor.ended()).await.is_some()
                {
                    notifications.notify_lagged();
                }
                Ok::<_, Infallible>(())
            }
        });
    }
}
