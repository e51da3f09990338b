//! Whether this process works (liveness), and whether it takes requests (readiness).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use db::Db;
use queue::{Running, Supervisor, supervise::Status};
use serde_json::json;
use tokio_util::sync::CancellationToken;

/// How far the shutdown of this process has come; clones share it.
#[derive(Clone, Debug, Default)]
pub struct ShutdownState {
    /// Canceled when a successor takes over: the queue of this process may stop.
    pub handed_off: CancellationToken,
    /// Canceled when the process accepts no more connections.
    pub draining: CancellationToken,
}

/// What the health checks look at; cheap to clone.
#[derive(Clone)]
pub struct Health {
    db: Db,
    supervisor: Supervisor,
    workers: Arc<Running>,
    shutdown_state: ShutdownState,
}

impl Health {
    /// Health of a process with these tasks and workers.
    #[must_use]
    pub fn new(db: Db, supervisor: Supervisor, workers: Arc<Running>, shutdown_state: ShutdownState) -> Self {
        Self { db, supervisor, workers, shutdown_state }
    }

    /// The supervised tasks of the process, one per line.
    #[must_use]
    pub fn task_trees(&self) -> String {
        format!("{}{}", self.supervisor.tree(), self.workers.tree())
    }
}

/// `GET /health`: 200 while the database answers, no long-lived task has given up, and the queue makes
/// progress; else 503. A process that shuts down has stopped its queue, which is healthy.
pub async fn liveness(State(health): State<Health>) -> Response {
    let database = health.db.ping().await.is_ok();
    let tasks = health.supervisor.status() == Status::Working;
    let stopping = health.shutdown_state.handed_off.is_cancelled() || health.shutdown_state.draining.is_cancelled();
    let queue = stopping || health.workers.health().working;
    let body = json!({ "database": database, "tasks": tasks, "queue": queue });
    (status(database && tasks && queue), Json(body)).into_response()
}

/// `GET /ready`: 200 while the database answers and the process is not draining; else 503.
pub async fn readiness(State(health): State<Health>) -> Response {
    let database = health.db.ping().await.is_ok();
    let staying = !health.shutdown_state.draining.is_cancelled();
    (status(database && staying), Json(json!({ "database": database, "staying": staying }))).into_response()
}

fn status(good: bool) -> StatusCode {
    if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
