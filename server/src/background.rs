//! The supervised tasks next to the request handlers.

use std::{convert::Infallible, net, sync::Arc};

use anyhow::bail;
use hiring::Hiring;
use live::Hub;
use prometheus_client::registry::Registry;
use queue::{Running, Supervisor, supervise::Restart};

use crate::{
    health::{Health, ShutdownState},
    metrics::{self, MetricsState},
    queue_sampler,
    router::metrics_router,
    shutdown_signal::ShutdownSignal,
};

/// Starts the supervisor and, in a process with live sockets, the hub.
pub fn start_supervisor(hub: Option<&Hub>) -> Supervisor {
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

/// Starts what makes the process observable: the queue sampler, which publishes to the administrators'
/// pages, and the metrics listener if there is a socket for it. Prints the listener's address.
///
/// # Errors
/// When the socket does not listen.
pub fn start_monitoring(
    metrics: Option<net::TcpListener>,
    hiring: &Hiring,
    supervisor: &Supervisor,
    workers: &Arc<Running>,
    hub: Option<&Hub>,
    shutdown_state: &ShutdownState,
) -> anyhow::Result<Health> {
    let (sampled, sampled_workers) = (hiring.clone(), Arc::clone(workers));
    supervisor.spawn_as("queue sampler", Restart::Permanent, move |stopping| {
        let sampling = queue_sampler::run(sampled.clone(), Arc::clone(&sampled_workers));
        async move {
            stopping.run_until_cancelled(sampling).await;
            Ok::<_, Infallible>(())
        }
    });
    let health = Health::new(hiring.db().clone(), supervisor.clone(), Arc::clone(workers), shutdown_state.clone());
    if let Some(listener) = metrics {
        let mut registry = Registry::with_prefix("verbatim");
        workers.register_metrics(&mut registry);
        if let Some(hub) = hub {
            hub.register_metrics(&mut registry);
        }
        let handed_off = shutdown_state.handed_off.clone();
        let state = MetricsState { registry: Arc::new(registry), health: health.clone() };
        let address = metrics::supervise(supervisor, listener, metrics_router(state), handed_off)?;
        println!("  Metrics on http://{address}/metrics");
    }
    Ok(health)
}

/// Waits until a signal arrives or a task of either supervisor has failed too often. A process in that
/// state exits, so that its service manager starts it anew.
///
/// # Errors
/// Names the task and its last failure.
pub async fn stopped([one, other]: [Supervisor; 2], signal: &mut ShutdownSignal) -> anyhow::Result<()> {
    let (child, failure) = tokio::select! {
        () = signal.received() => return Ok(()),
        gave_up = one.gave_up() => gave_up,
        gave_up = other.gave_up() => gave_up,
    };
    bail!("{child} failed too often: {failure}")
}

/// Stops the supervised tasks, then closes the database.
pub async fn shut_down(hiring: &Hiring, supervisor: &Supervisor) {
    supervisor.stop().await;
    hiring.db().close().await;
}
