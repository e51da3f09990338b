//! A process at work, and how it leaves.
//!
//! Refuses to lose what it has begun: requests are finished, jobs finished or handed back, sockets signal
//! to come back. `server/tests/restarted` tries it.

use std::{convert::Infallible, fs::File, io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::anyhow;
use hiring::Hiring;
use live::Hub;
use queue::{Running, Supervisor, supervise::Restart};
use tokio::{net::TcpListener, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    assets::Assets,
    bootstrap,
    change_notifier::{self, ChangeListener},
    client_ip::RateLimiter,
    connections::Connections,
    handoff::{Offer, Predecessor, Successor},
    health::ShutdownState,
    listeners::Listeners,
    router::{AppState, router},
    serve::{ShutdownSignal, shut_down, stopped, supervise, watch},
    settings::Settings,
    upload_limits::UploadLimits,
};

/// Between two looks for what somebody else wrote into an SQLite file, where nobody can say so.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// All that a process needs to serve, at work.
pub struct Server {
    listener: TcpListener,
    /// What a successor gets.
    offer: Option<Offer>,
    /// What the handlers share.
    pub app: AppState,
    supervisor: Supervisor,
    workers: Arc<Running>,
    shutdown: ShutdownState,
    /// Of an SQLite database.
    lock: Option<File>,
}

/// Why a process leaves.
enum StopReason {
    /// It was signal to, or cannot go on.
    Requested(anyhow::Result<()>),
    /// Another one is ready.
    HandedOff(Successor),
}

impl Server {
    /// Starts the workers and all else that goes on beside the pages.
    ///
    /// # Errors
    /// When a socket cannot be used.
    pub fn open(hiring: Hiring, settings: Settings, assets: Assets, mut listeners: Listeners) -> anyhow::Result<Self> {
        let offer = listeners.offer()?;
        let Listeners { pages, metrics, lock, .. } = listeners;
        let shutdown = ShutdownState::default();
        let listener_of_changes = if settings.is_sqlite() { ChangeListener::listen(&settings.data) } else { None };
        // Whoever cannot hear what others write into the file has to look.
        let polls = settings.is_sqlite() && listener_of_changes.is_none();
        let hub = Hub::with_build(hiring.db().clone(), assets.build().to_owned(), polls.then_some(POLL_INTERVAL));
        let supervisor = supervise(Some(&hub));
        if let Some(listener_of_changes) = listener_of_changes {
            change_notifier::supervise(&supervisor, listener_of_changes, hiring.db().notifications());
        }
        let workers = Arc::new(bootstrap::start_workers(&hiring, &settings)?);
        let health = watch(metrics, &hiring, &supervisor, &workers, Some(&hub), &shutdown)?;
        pages.set_nonblocking(true)?;
        let listener = TcpListener::from_std(pages)?;
        let app = AppState {
            upload_rate: RateLimiter::new(settings.uploads_per_minute),
            upload_limits: UploadLimits::default(),
            health,
            settings: Arc::new(settings),
            hiring,
            hub,
            assets,
            connections: Connections::new(shutdown.draining.clone()),
            stop: CancellationToken::new(),
        };
        Ok(Self { listener, offer, app, supervisor, workers, shutdown, lock })
    }

    /// Where it is asked for pages.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until it is signal to stop, or relieved; then leaves.
    ///
    /// # Errors
    /// When something long-lived failed too often.
    pub async fn run(self, mut signal: ShutdownSignal) -> anyhow::Result<()> {
        let router = router(self.app.clone());
        let ending = tokio::select! {
            never = self.app.connections.accept(&self.listener, &router) => match never {},
            ending = self.stop_reason(&mut signal) => ending,
        };
        let relieved = matches!(ending, StopReason::HandedOff(_));
        if relieved {
            self.shutdown.handed_off.cancel();
        }
        let alone = relieved && self.app.settings.is_sqlite();
        // Open pages are with the successor already, or come to it.
        let hints = self.app.hiring.db().notifications();
        let _telling = alone.then(|| change_notifier::tell_of_all(self.app.settings.data.clone(), hints));
        if alone {
            // One process works on the file at a time. Pages are served meanwhile.
            tokio::select! {
                never = self.app.connections.accept(&self.listener, &router) => match never {},
                () = self.workers.stop(bootstrap::HAND_BACK_TIMEOUT) => {}
            }
        }
        self.shutdown(ending, !alone, signal).await
    }

    async fn stop_reason(&self, signal: &mut ShutdownSignal) -> StopReason {
        let relieved = async {
            match &self.offer {
                Some(offer) => offer.successor().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            reason = stopped([self.supervisor.clone(), self.workers.supervisor().clone()], signal) => StopReason::Requested(reason),
            successor = relieved => StopReason::HandedOff(successor),
        }
    }

    /// Readiness off, no new connection, sockets signal to come back; then requests and jobs finish.
    async fn shutdown(self, ending: StopReason, working: bool, mut signal: ShutdownSignal) -> anyhow::Result<()> {
        let Self { listener, offer, app, supervisor, workers, shutdown, lock } = self;
        shutdown.draining.cancel();
        drop((listener, offer));
        app.stop.cancel();
        let (grace, successor, mut reason) = match ending {
            StopReason::Requested(reason) => (bootstrap::SHUTDOWN_TIMEOUT, None, reason),
            StopReason::HandedOff(successor) => (bootstrap::DRAIN_TIMEOUT, Some(successor), Ok(())),
        };
        if let Some(successor) = &successor {
            tracing::info!("{} took over; requests under way are finished", successor.name());
            if let Err(error) = successor.release().await {
                // Nobody serves now. To be started anew from outside.
                reason = Err(anyhow!(error).context("the process that took over is gone"));
            }
        }
        // Whoever was relieved may still be signal that it takes too long.
        let hurried = async {
            signal.received().await;
            sleep(bootstrap::SHUTDOWN_TIMEOUT).await;
        };
        let requests = async {
            tokio::select! {
                () = app.connections.ended() => return,
                () = sleep(grace) => {}
                () = hurried => {}
            }
            tracing::warn!("some requests took too long and were cut off");
        };
        let jobs = async {
            if working {
                workers.stop(bootstrap::SHUTDOWN_TIMEOUT).await;
            }
        };
        tokio::join!(requests, jobs);
        shut_down(&app.hiring, &supervisor).await;
        // The successor hears the end, and the lock is its own from here on.
        drop((successor, lock));
        reason
    }

    /// Looks at the database again once the one before has ended: on SQLite nobody tells what its
    /// last requests wrote.
    pub fn drain_predecessor(&self, predecessor: Predecessor) {
        println!("  Took over from process {}", predecessor.pid);
        let hints = self.app.hiring.db().notifications().clone();
        let mut predecessor = Some(predecessor);
        self.supervisor.spawn_as("predecessor", Restart::Temporary, move |stopping| {
            let (predecessor, hints) = (predecessor.take(), hints.clone());
            async move {
                if let Some(predecessor) = predecessor
                    && stopping.run_until_cancelled(predecessor.ended()).await.is_some()
                {
                    hints.notify_lagged();
                }
                Ok::<_, Infallible>(())
            }
        });
    }
}
