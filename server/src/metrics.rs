//! `/metrics`, `/health`, `/ready` and `/tasks` on an address of their own, for whoever watches the process: `serve`
//! and `work` alike. Nothing there is for the public, so it is off unless the settings name one.

use std::{io, net, net::SocketAddr, sync::Arc};

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use prometheus_client::{encoding::text::encode, registry::Registry};
use queue::{Supervisor, supervise::Restart};
use tokio::{net::TcpListener, sync::Mutex};
use tokio_util::sync::CancellationToken;

use crate::health::{Health, liveness, readiness};

/// What Prometheus expects, <https://prometheus.io/docs/specs/om/open_metrics_spec/>.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone)]
struct MetricsState {
    registry: Arc<Registry>,
    health: Health,
}

/// Serves them as one of the supervisor's tasks until another process takes over, which has the same
/// socket; where.
///
/// # Errors
/// When the socket is none to listen on.
pub fn supervise(
    supervisor: &Supervisor,
    listener: net::TcpListener,
    registry: Registry,
    health: Health,
    handed_off: CancellationToken,
) -> io::Result<SocketAddr> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let address = listener.local_addr()?;
    let first = Arc::new(Mutex::new(Some(listener)));
    let state = MetricsState { registry: Arc::new(registry), health };
    supervisor.spawn_as("metrics", Restart::Permanent, move |stopping| {
        let (first, state, handed_off) = (Arc::clone(&first), state.clone(), handed_off.clone());
        async move {
            let listener = match first.lock().await.take() {
                Some(listener) => listener,
                None => TcpListener::bind(address).await?,
            };
            let until = stopping.clone();
            let ending = async move {
                tokio::select! {
                    () = until.cancelled() => {}
                    () = handed_off.cancelled() => {}
                }
            };
            axum::serve(listener, router(state)).with_graceful_shutdown(ending).await?;
            stopping.cancelled().await;
            Ok::<_, io::Error>(())
        }
    });
    Ok(address)
}

fn router(state: MetricsState) -> Router {
    let health = async |State(state): State<MetricsState>| liveness(&state.health).await;
    let ready = async |State(state): State<MetricsState>| readiness(&state.health).await;
    Router::new()
        .route("/metrics", get(metrics))
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/tasks", get(tasks))
        .with_state(state)
}

/// The trees of everything long-lived: what works, what was restarted, and why.
async fn tasks(State(state): State<MetricsState>) -> String {
    state.health.task_trees()
}

async fn metrics(State(state): State<MetricsState>) -> impl IntoResponse {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = encode(&mut text, &state.registry);
    ([(header::CONTENT_TYPE, OPEN_METRICS)], text)
}
