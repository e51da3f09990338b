//! The long-running commands: `serve` and `work`.

use std::{net, net::SocketAddr, sync::Arc};

use anyhow::{Context as _, ensure};
use hiring::seed;

use crate::{
    assets::Assets,
    background::{shut_down, start_monitoring, start_supervisor, stopped},
    bootstrap,
    health::ShutdownState,
    listeners::{self, Listeners},
    server::Server,
    settings::Settings,
    shutdown_signal::ShutdownSignal,
};

/// `verbatim serve`: serves pages, sockets and jobs on the socket that systemd passed, or on the address
/// of the settings. Takes over from a process that serves there already.
///
/// # Errors
/// When the address is taken, the database cannot be opened, or a long-lived task failed too often.
pub async fn serve(settings: Settings, systemd: Option<net::TcpListener>) -> anyhow::Result<()> {
    // Pages are rendered on this runtime. Leptos sets it only where it generates the list of routes.
    any_spawner::Executor::init_tokio().context("another runtime renders pages already")?;
    let assets = Assets::load(&settings.site)?;
    bootstrap::check_sandbox().await?;
    let mut listeners = Listeners::open(&settings, systemd).await?;
    let hiring = bootstrap::open(&settings).await?;
    let seeded = settings.demo && hiring.seed_demo().await?;
    // Last of all that may fail: until here the predecessor serves on.
    let predecessor = listeners.take_over(&settings).await?;
    let server = Server::open(hiring, settings, assets, listeners)?;
    if let Some(predecessor) = predecessor {
        server.drain_predecessor(predecessor);
    }
    // Before the banner: whoever reads it may send a signal at once.
    let signal = ShutdownSignal::listen()?;
    print_banner(&server.address()?, &server.app.settings, seeded);
    server.run(signal).await
}

/// `verbatim work`: runs only the workers, next to other processes on one PostgreSQL.
///
/// # Errors
/// When the database cannot be opened, is an SQLite file, or a long-lived task failed too often.
pub async fn work(settings: Settings) -> anyhow::Result<()> {
    ensure!(
        !settings.is_sqlite(),
        "the setting database: `work` needs PostgreSQL, because only one process can use an SQLite database; \
         `serve` runs the workers too"
    );
    bootstrap::check_sandbox().await?;
    let hiring = bootstrap::open(&settings).await?;
    let supervisor = start_supervisor(None);
    let workers = Arc::new(bootstrap::start_workers(&hiring, &settings)?);
    let metrics = settings.metrics.map(|address| listeners::bind(address, "metrics")).transpose()?;
    start_monitoring(metrics, &hiring, &supervisor, &workers, None, &ShutdownState::default())?;
    let mut signal = ShutdownSignal::listen()?;
    println!("Working for {}.", settings.data.display());
    let result = stopped([supervisor.clone(), workers.supervisor().clone()], &mut signal).await;
    tracing::info!("shutting down: jobs finish or return to the queue");
    workers.stop(bootstrap::SHUTDOWN_TIMEOUT).await;
    shut_down(&hiring, &supervisor).await;
    result
}

/// Prints the address and, with demo data, how to sign in.
fn print_banner(address: &SocketAddr, settings: &Settings, seeded: bool) {
    let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    println!("\n  Verbatim serves on {url}\n  Data in {}\n", settings.data.display());
    if settings.demo {
        let [(_, first, _), (_, second, _)] = seed::RECRUITERS;
        println!("  Demo{}:", if seeded { " (just added)" } else { "" });
        println!("    recruiter   {url}/sign-in   {first} or {second}, password {}", seed::PASSWORD);
        println!("    applicant   {url}/careers/backend-engineer");
        println!("  Try: sign in, open \"Backend engineer\", then apply in a second window and watch.\n");
    }
}
