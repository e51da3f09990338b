//! Whether this process can work, and whether it wants to.

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

use crate::router::AppState;

/// How far a process is on its way out; clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct ShutdownState {
    /// Another process takes over, and this one's queue may stop.
    pub handed_off: CancellationToken,
    /// No request is begun any more.
    pub draining: CancellationToken,
}

/// What is asked for it; cheap to clone.
#[derive(Clone)]
pub struct Health {
    db: Db,
    supervisor: Supervisor,
    workers: Arc<Running>,
    shutdown: ShutdownState,
}

impl Health {
    /// Of these tasks and workers, until the process ends by `shutdown`.
    #[must_use]
    pub fn new(db: Db, supervisor: Supervisor, workers: Arc<Running>, shutdown: ShutdownState) -> Self {
        Self { db, supervisor, workers, shutdown }
    }

    /// The tasks of the process as lines.
    #[must_use]
    pub fn task_trees(&self) -> String {
        format!("{}{}", self.supervisor.tree(), self.workers.tree())
    }
}

/// `GET /health`.
pub async fn health(State(app): State<AppState>) -> Response {
    liveness(&app.health).await
}

/// `GET /ready`.
pub async fn ready(State(app): State<AppState>) -> Response {
    readiness(&app.health).await
}

/// 200 while the database answers, nothing long-lived has given up, and the queue makes progress.
/// A process on its way out has stopped its queue: that is no illness.
pub async fn liveness(health: &Health) -> Response {
    let database = health.db.ping().await.is_ok();
    let tasks = health.supervisor.status() == Status::Working;
    let done = health.shutdown.handed_off.is_cancelled() || health.shutdown.draining.is_cancelled();
    let queue = done || health.workers.health().working;
    let body = json!({ "database": database, "tasks": tasks, "queue": queue });
    (status(database && tasks && queue), Json(body)).into_response()
}

/// 200 while it is worth sending requests here: the database answers, and the process stays.
pub async fn readiness(health: &Health) -> Response {
    let database = health.db.ping().await.is_ok();
    let staying = !health.shutdown.draining.is_cancelled();
    (status(database && staying), Json(json!({ "database": database, "staying": staying }))).into_response()
}

fn status(good: bool) -> StatusCode {
    if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
