//! Whether this process can work.

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

use crate::router::App;

/// What is asked for it; cheap to clone.
#[derive(Clone)]
pub struct Health {
    db: Db,
    supervisor: Supervisor,
    workers: Arc<Running>,
}

impl Health {
    /// Of these tasks and workers.
    #[must_use]
    pub fn new(db: Db, supervisor: Supervisor, workers: Arc<Running>) -> Self {
        Self { db, supervisor, workers }
    }
}

impl Health {
    /// The tasks of the process as lines.
    #[must_use]
    pub fn trees(&self) -> String {
        format!("{}{}", self.supervisor.tree(), self.workers.tree())
    }
}

/// `GET /health`.
pub async fn health(State(app): State<App>) -> Response {
    answer(&app.health).await
}

/// 200 while the database answers, nothing long-lived has given up, and the queue makes progress.
pub async fn answer(health: &Health) -> Response {
    let database = health.db.ping().await.is_ok();
    let tasks = health.supervisor.status() == Status::Working;
    let queue = health.workers.health();
    let status = if database && tasks && queue.working { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "database": database, "tasks": tasks, "queue": queue.working });
    (status, Json(body)).into_response()
}
