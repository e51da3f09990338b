//! Whether this process can work.

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde_json::json;

use crate::router::App;

/// `GET /health`: 200 while the database answers and nothing long-lived has given up.
pub async fn health(State(app): State<App>) -> impl IntoResponse {
    let database = app.hiring.db().ping().await.is_ok();
    let tasks = app.is_healthy();
    let status = if database && tasks { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "database": database, "tasks": tasks })))
}
