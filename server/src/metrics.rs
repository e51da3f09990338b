//! The metrics listener: `/metrics`, `/health`, `/ready` and `/tasks` on an address of their own, for
//! `serve` and `work` alike.
//!
//! None of it is for the public, so there is no such listener unless the settings name an address.

use std::{io, net, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{FromRef, State},
    http::header,
    response::IntoResponse,
};
use prometheus_client::{encoding::text::encode, registry::Registry};
use queue::{Supervisor, supervise::Restart};
use tokio::{net::TcpListener, sync::Mutex};
use tokio_util::sync::CancellationToken;

use crate::health::Health;

/// The content type of OpenMetrics, <https://prometheus.io/docs/specs/om/open_metrics_spec/>.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The state of the metrics listener; cheap to clone.
#[derive(Clone, FromRef)]
pub struct MetricsState {
    /// The metrics of the process.
    pub registry: Arc<Registry>,
    /// What the health checks look at.
    pub health: Health,
}

/// Serves `router` on `listener` as one of the supervisor's tasks, until `handed_off`: a successor has inherited
/// the socket. Returns the address, with the port that the kernel chose for port 0.
///
/// # Errors
/// When the socket does not listen.
pub fn supervise(
    supervisor: &Supervisor,
    listener: net::TcpListener,
    router: Router,
    handed_off: CancellationToken,
) -> io::Result<SocketAddr> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let address = listener.local_addr()?;
    let first = Arc::new(Mutex::new(Some(listener)));
    supervisor.spawn_as("metrics", Restart::Permanent, move |stopping| {
        let (first, router, handed_off) = (Arc::clone(&first), router.clone(), handed_off.clone());
        async move {
            let listener = match first.lock().await.take() {
                Some(listener) => listener,
                // The task was restarted, and its first socket closed.
                None => TcpListener::bind(address).await?,
            };
            let stop = stopping.clone();
            let end = async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = handed_off.cancelled() => {}
                }
            };
            axum::serve(listener, router).with_graceful_shutdown(end).await?;
            stopping.cancelled().await;
            Ok::<_, io::Error>(())
        }
    });
    Ok(address)
}

/// `GET /tasks`: the supervised tasks as text: which run, which were restarted, and why.
pub async fn tasks(State(health): State<Health>) -> String {
    health.task_trees()
}

/// `GET /metrics`: all metrics of the process in the OpenMetrics format.
pub async fn metrics(State(registry): State<Arc<Registry>>) -> impl IntoResponse {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = encode(&mut text, &registry);
    ([(header::CONTENT_TYPE, OPEN_METRICS)], text)
}
