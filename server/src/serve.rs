//! The long-lived processes: pages, socket and workers; or workers alone.

use std::{convert::Infallible, io, net, net::SocketAddr, sync::Arc};

use anyhow::{Context as _, bail, ensure};
use hiring::{Hiring, seed};
use live::Hub;
use prometheus_client::registry::Registry;
use queue::{Running, Supervisor, supervise::Restart};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    assets::Assets,
    bootstrap,
    health::{Health, ShutdownState},
    listeners::{self, Listeners},
    metrics, queue_sampler,
    server::Server,
    settings::Settings,
};

/// `verbatim serve`, on the socket that systemd passed or on that of the settings. Where another
/// process serves there already, this one takes over from it.
///
/// # Errors
/// When the address is taken or the database cannot be opened.
pub async fn serve(settings: Settings, systemd: Option<net::TcpListener>) -> anyhow::Result<()> {
    // Pages are rendered on this runtime. Leptos sets this itself only when it lists the routes,
    // and ours are axum's.
    any_spawner::Executor::init_tokio().context("another runtime renders pages already")?;
    let assets = Assets::load(&settings.site)?;
    bootstrap::check_sandbox().await?;
    let mut listeners = Listeners::open(&settings, systemd).await?;
    let hiring = bootstrap::open(&settings).await?;
    let seeded = settings.demo && hiring.seed_demo().await?;
    // All that may fail is done: from here on this process works.
    let predecessor = listeners.take_over(&settings).await?;
    let server = Server::open(hiring, settings, assets, listeners)?;
    if let Some(predecessor) = predecessor {
        server.drain_predecessor(predecessor);
    }
    // Before the banner says that it serves: a signal in between would kill the process.
    let signal = ShutdownSignal::listen()?;
    print_banner(&server.address()?, &server.app.settings, seeded);
    server.run(signal).await
}

/// `verbatim work`.
///
/// # Errors
/// When the database cannot be opened, or is an SQLite file: that belongs to the process that serves.
pub async fn work(settings: Settings) -> anyhow::Result<()> {
    ensure!(
        !settings.is_sqlite(),
        "the setting database names no PostgreSQL: an SQLite database belongs to one process, and `serve` works too"
    );
    bootstrap::check_sandbox().await?;
    let hiring = bootstrap::open(&settings).await?;
    let supervisor = supervise(None);
    let workers = Arc::new(bootstrap::start_workers(&hiring, &settings)?);
    let metrics = settings.metrics.map(|address| listeners::bind(address, "metrics")).transpose()?;
    watch(metrics, &hiring, &supervisor, &workers, None, &ShutdownState::default())?;
    let mut signal = ShutdownSignal::listen()?;
    println!("Working for {}.", settings.data.display());
    let reason = stopped([supervisor.clone(), workers.supervisor().clone()], &mut signal).await;
    tracing::info!("stopping: jobs are finished or handed back");
    workers.stop(bootstrap::SHUTDOWN_TIMEOUT).await;
    shut_down(&hiring, &supervisor).await;
    reason
}

/// The long-lived tasks, each restarted when it fails.
pub fn supervise(hub: Option<&Hub>) -> Supervisor {
    let supervisor = Supervisor::new("verbatim");
    if let Some(hub) = hub.cloned() {
        supervisor.spawn_as("live hub", Restart::Permanent, move |stopping| {
            let hub = hub.clone();
            async move {
                stopping.run_until_cancelled(hub.run()).await;
                Ok::<_, Infallible>(())
            }
        });
    }
    supervisor
}

/// Has the pages signal of the queue, and the process watched on that socket.
///
/// # Errors
/// When the socket is none to listen on.
pub fn watch(
    metrics: Option<net::TcpListener>,
    hiring: &Hiring,
    supervisor: &Supervisor,
    workers: &Arc<Running>,
    hub: Option<&Hub>,
    shutdown: &ShutdownState,
) -> anyhow::Result<Health> {
    let (seen, at_work) = (hiring.clone(), Arc::clone(workers));
    supervisor.spawn_as("queue sampler", Restart::Permanent, move |stopping| {
        let sampling = queue_sampler::run(seen.clone(), Arc::clone(&at_work));
        async move {
            stopping.run_until_cancelled(sampling).await;
            Ok::<_, Infallible>(())
        }
    });
    let health = Health::new(hiring.db().clone(), supervisor.clone(), Arc::clone(workers), shutdown.clone());
    if let Some(listener) = metrics {
        let mut registry = Registry::with_prefix("verbatim");
        workers.register_metrics(&mut registry);
        if let Some(hub) = hub {
            hub.register_metrics(&mut registry);
        }
        let address = metrics::supervise(supervisor, listener, registry, health.clone(), shutdown.handed_off.clone())?;
        println!("  Metrics on http://{address}/metrics");
    }
    Ok(health)
}

/// Waits until it is signal to stop, or until something long-lived has failed too often: then it is
/// better to be started anew from outside than to limp on.
///
/// # Errors
/// What has failed.
pub async fn stopped([one, other]: [Supervisor; 2], signal: &mut ShutdownSignal) -> anyhow::Result<()> {
    let (child, failure) = tokio::select! {
        () = signal.received() => return Ok(()),
        gave_up = one.gave_up() => gave_up,
        gave_up = other.gave_up() => gave_up,
    };
    bail!("{child} failed too often: {failure}")
}

/// Hears SIGTERM and Ctrl-C from its making on, also those that come while nobody waits for them.
#[derive(Debug)]
pub struct ShutdownSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl ShutdownSignal {
    /// Begins to hear.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one. Safe to cancel.
    pub async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Ends what goes on beside the pages, and the database's connections.
pub async fn shut_down(hiring: &Hiring, supervisor: &Supervisor) {
    supervisor.stop().await;
    hiring.db().close().await;
}

/// What somebody who started it wants to know.
fn print_banner(address: &SocketAddr, settings: &Settings, seeded: bool) {
    let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    println!("\n  Verbatim serves on {url}\n  Data in {}\n", settings.data.display());
    if settings.demo {
        let [(_, first, _), (_, second, _)] = seed::RECRUITERS;
        println!("  Demonstration{}:", if seeded { " (just added)" } else { "" });
        println!("    recruiter   {url}/sign-in   {first} or {second}, password {}", seed::PASSWORD);
        println!("    applicant   {url}/careers/backend-engineer");
        println!("  Try: sign in, open \"Backend engineer\", then apply in a second window and watch.\n");
    }
}
