//! A process at work, and how it leaves.
//!
//! Refuses to lose what it has begun: requests are finished, jobs finished or handed back, sockets told
//! to come back. `server/tests/restarted` tries it.

use std::{convert::Infallible, fs::File, io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::anyhow;
use hiring::Hiring;
use live::Hub;
use queue::{Running, Supervisor, supervise::Restart};
use tokio::{net::TcpListener, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    address::PerMinute,
    beside::{self, Beside},
    connections::Connections,
    entrance::Entrance,
    handover::{Offer, Predecessor, Successor},
    health::Exit,
    parts,
    router::{App, router},
    serve::{Told, shut_down, stopped, supervise, watch},
    settings::Settings,
    site::Site,
    turns::Turns,
};

/// Between two looks for what somebody else wrote into an SQLite file, where nobody can say so.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// All that a process needs to serve, at work.
pub struct House {
    listener: TcpListener,
    /// What a successor gets.
    offer: Option<Offer>,
    /// What the handlers share.
    pub app: App,
    supervisor: Supervisor,
    workers: Arc<Running>,
    exit: Exit,
    /// Of an SQLite database.
    lock: Option<File>,
}

/// Why a process leaves.
enum Ending {
    /// It was told to, or cannot go on.
    Stopped(anyhow::Result<()>),
    /// Another one is ready.
    Relieved(Successor),
}

impl House {
    /// Starts the workers and all else that goes on beside the pages.
    ///
    /// # Errors
    /// When a socket cannot be used.
    pub fn open(hiring: Hiring, settings: Settings, site: Site, mut entrance: Entrance) -> anyhow::Result<Self> {
        let offer = entrance.offer()?;
        let Entrance { pages, metrics, lock, .. } = entrance;
        let exit = Exit::default();
        let beside = if settings.is_sqlite() { Beside::listen(&settings.data) } else { None };
        // Whoever cannot hear what others write into the file has to look.
        let deaf = settings.is_sqlite() && beside.is_none();
        let hub = Hub::of_build(hiring.db().clone(), site.build().to_owned(), deaf.then_some(LOOK_EVERY));
        let supervisor = supervise(Some(&hub));
        if let Some(beside) = beside {
            beside::supervise(&supervisor, beside, hiring.db().notifications());
        }
        let workers = Arc::new(parts::start_workers(&hiring, &settings)?);
        let health = watch(metrics, &hiring, &supervisor, &workers, Some(&hub), &exit)?;
        pages.set_nonblocking(true)?;
        let listener = TcpListener::from_std(pages)?;
        let app = App {
            uploads: PerMinute::new(settings.uploads_per_minute),
            turns: Turns::default(),
            health,
            settings: Arc::new(settings),
            hiring,
            hub,
            site,
            connections: Connections::new(exit.leaving.clone()),
            stop: CancellationToken::new(),
        };
        Ok(Self { listener, offer, app, supervisor, workers, exit, lock })
    }

    /// Where it is asked for pages.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until it is told to stop, or relieved; then leaves.
    ///
    /// # Errors
    /// When something long-lived failed too often.
    pub async fn run(self, mut told: Told) -> anyhow::Result<()> {
        let router = router(self.app.clone());
        let ending = tokio::select! {
            never = self.app.connections.accept(&self.listener, &router) => match never {},
            ending = self.ending(&mut told) => ending,
        };
        let relieved = matches!(ending, Ending::Relieved(_));
        if relieved {
            self.exit.relieved.cancel();
        }
        let alone = relieved && self.app.settings.is_sqlite();
        // Open pages are with the successor already, or come to it.
        let hints = self.app.hiring.db().notifications();
        let _telling = alone.then(|| beside::tell_of_all(self.app.settings.data.clone(), hints));
        if alone {
            // One process works on the file at a time. Pages are served meanwhile.
            tokio::select! {
                never = self.app.connections.accept(&self.listener, &router) => match never {},
                () = self.workers.stop(parts::HAND_BACK_WITHIN) => {}
            }
        }
        self.leave(ending, !alone, told).await
    }

    async fn ending(&self, told: &mut Told) -> Ending {
        let relieved = async {
            match &self.offer {
                Some(offer) => offer.successor().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            reason = stopped([self.supervisor.clone(), self.workers.supervisor().clone()], told) => Ending::Stopped(reason),
            successor = relieved => Ending::Relieved(successor),
        }
    }

    /// Readiness off, no new connection, sockets told to come back; then requests and jobs finish.
    async fn leave(self, ending: Ending, working: bool, mut told: Told) -> anyhow::Result<()> {
        let Self { listener, offer, app, supervisor, workers, exit, lock } = self;
        exit.leaving.cancel();
        drop((listener, offer));
        app.stop.cancel();
        let (grace, successor, mut reason) = match ending {
            Ending::Stopped(reason) => (parts::GRACE, None, reason),
            Ending::Relieved(successor) => (parts::FINISH_WITHIN, Some(successor), Ok(())),
        };
        if let Some(successor) = &successor {
            tracing::info!("{} took over; requests under way are finished", successor.name());
            if let Err(error) = successor.release().await {
                // Nobody serves now. To be started anew from outside.
                reason = Err(anyhow!(error).context("the process that took over is gone"));
            }
        }
        // Whoever was relieved may still be told that it takes too long.
        let hurried = async {
            told.stop_asked().await;
            sleep(parts::GRACE).await;
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
                workers.stop(parts::GRACE).await;
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
    pub fn see_off(&self, predecessor: Predecessor) {
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
