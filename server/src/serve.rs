//! The long-lived processes: pages, socket and workers; or workers alone.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use anyhow::{Context as _, bail, ensure};
use hiring::{Hiring, seed};
use leptos::config::LeptosOptions;
use live::Hub;
use prometheus_client::registry::Registry;
use queue::{Running, Supervisor, supervise::Restart};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{
    address::PerMinute,
    connections,
    health::Health,
    metrics, parts,
    router::{App, router},
    sampler,
    settings::Settings,
    turns::Turns,
};

/// `verbatim serve`.
///
/// # Errors
/// When the address is taken or the database cannot be opened.
pub async fn serve(settings: Settings) -> anyhow::Result<()> {
    // Pages are rendered on this runtime. Leptos sets this itself only when it lists the routes,
    // and ours are axum's.
    any_spawner::Executor::init_tokio().context("another runtime renders pages already")?;
    parts::check_site(&settings)?;
    parts::check_sandbox().await?;
    let _alone = parts::claim_database(&settings)?;
    let hiring = parts::open(&settings).await?;
    let seeded = settings.demo && hiring.seed_demo().await?;
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("the setting listen is {}, and that cannot be served on", settings.listen))?;
    let hub = Hub::new(hiring.db().clone());
    let supervisor = supervise(Some(&hub));
    let workers = Arc::new(parts::start_workers(&hiring, &settings)?);
    let health = watch(&settings, &hiring, &supervisor, &workers).await?;
    let supervisors = [supervisor.clone(), workers.supervisor().clone()];
    let stop = CancellationToken::new();
    let app = App {
        uploads: PerMinute::new(settings.uploads_per_minute),
        turns: Turns::default(),
        health,
        leptos: leptos_options(&settings),
        settings: Arc::new(settings),
        hiring: hiring.clone(),
        hub,
        stop: stop.clone(),
    };
    greet(&listener.local_addr()?, &app.settings, seeded);
    let pages = connections::serve(listener, router(app), stop.clone());
    let ending = async {
        let reason = stopped(supervisors).await;
        stop.cancel();
        // Requests under way have this long; sockets were told to come back.
        tokio::time::sleep(parts::GRACE).await;
        reason
    };
    let reason = tokio::select! {
        ended = pages => ended.map_err(anyhow::Error::from),
        reason = ending => reason,
    };
    shut_down(&hiring, &supervisor, &workers).await;
    reason
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
    parts::check_sandbox().await?;
    let hiring = parts::open(&settings).await?;
    let supervisor = supervise(None);
    let workers = Arc::new(parts::start_workers(&hiring, &settings)?);
    watch(&settings, &hiring, &supervisor, &workers).await?;
    println!("Working for {}.", settings.data.display());
    let reason = stopped([supervisor.clone(), workers.supervisor().clone()]).await;
    shut_down(&hiring, &supervisor, &workers).await;
    reason
}

/// The long-lived tasks, each restarted when it fails.
fn supervise(hub: Option<&Hub>) -> Supervisor {
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

/// Has the pages told of the queue, and the process watched as the settings say.
async fn watch(
    settings: &Settings,
    hiring: &Hiring,
    supervisor: &Supervisor,
    workers: &Arc<Running>,
) -> anyhow::Result<Health> {
    let (seen, at_work) = (hiring.clone(), Arc::clone(workers));
    supervisor.spawn_as("queue sampler", Restart::Permanent, move |stopping| {
        let sampling = sampler::run(seen.clone(), Arc::clone(&at_work));
        async move {
            stopping.run_until_cancelled(sampling).await;
            Ok::<_, Infallible>(())
        }
    });
    let health = Health::new(hiring.db().clone(), supervisor.clone(), Arc::clone(workers));
    if let Some(address) = settings.metrics {
        let mut registry = Registry::with_prefix("verbatim");
        workers.register_metrics(&mut registry);
        let address = metrics::supervise(supervisor, address, registry, health.clone()).await?;
        println!("  Metrics on http://{address}/metrics");
    }
    Ok(health)
}

/// Waits for SIGTERM or Ctrl-C, or until something long-lived has failed too often: then it is
/// better to be started anew from outside than to limp on.
async fn stopped([one, other]: [Supervisor; 2]) -> anyhow::Result<()> {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await.map_or((), drop),
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be heard");
                std::future::pending().await
            }
        }
    };
    let (child, failure) = tokio::select! {
        () = terminate => return Ok(()),
        _ = tokio::signal::ctrl_c() => return Ok(()),
        gave_up = one.gave_up() => gave_up,
        gave_up = other.gave_up() => gave_up,
    };
    bail!("{child} failed too often: {failure}")
}

async fn shut_down(hiring: &Hiring, supervisor: &Supervisor, workers: &Running) {
    tracing::info!("stopping: jobs are finished or handed back");
    workers.stop(parts::GRACE).await;
    supervisor.stop().await;
    hiring.db().close().await;
}

fn leptos_options(settings: &Settings) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("verbatim")
        .site_root(settings.site.display().to_string())
        .site_pkg_dir("pkg")
        .site_addr(settings.listen)
        .build()
}

/// What somebody who started it wants to know.
fn greet(address: &SocketAddr, settings: &Settings, seeded: bool) {
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
