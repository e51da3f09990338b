//! `/metrics`, `/health` and `/tasks` on an address of their own, for whoever watches the process: `serve`
//! and `work` alike. Nothing there is for the public, so it is off unless the settings name one.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use prometheus_client::{encoding::text::encode, registry::Registry};
use queue::{Supervisor, supervise::Restart};
use tokio::{net::TcpListener, sync::Mutex};

use crate::health::{Health, answer};

/// What Prometheus expects, <https://prometheus.io/docs/specs/om/open_metrics_spec/>.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone)]
struct Watched {
    registry: Arc<Registry>,
    health: Health,
}

/// Serves them as one of the supervisor's tasks.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn supervise(
    supervisor: &Supervisor,
    address: SocketAddr,
    registry: Registry,
    health: Health,
) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("the setting metrics is {address}, and that cannot be served on"))?;
    let address = listener.local_addr()?;
    let first = Arc::new(Mutex::new(Some(listener)));
    let watched = Watched { registry: Arc::new(registry), health };
    supervisor.spawn_as("metrics", Restart::Permanent, move |stopping| {
        let (first, watched) = (Arc::clone(&first), watched.clone());
        async move {
            let listener = match first.lock().await.take() {
                Some(listener) => listener,
                None => TcpListener::bind(address).await?,
            };
            axum::serve(listener, router(watched)).with_graceful_shutdown(stopping.cancelled_owned()).await
        }
    });
    Ok(address)
}

fn router(watched: Watched) -> Router {
    let health = async |State(watched): State<Watched>| answer(&watched.health).await;
    Router::new()
        .route("/metrics", get(metrics))
        .route("/health", get(health))
        .route("/tasks", get(tasks))
        .with_state(watched)
}

/// The trees of everything long-lived: what works, what was restarted, and why.
async fn tasks(State(watched): State<Watched>) -> String {
    watched.health.trees()
}

async fn metrics(State(watched): State<Watched>) -> impl IntoResponse {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = encode(&mut text, &watched.registry);
    ([(header::CONTENT_TYPE, OPEN_METRICS)], text)
}
