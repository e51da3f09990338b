//! Whether this process can work.

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use db::{params, sql};
use serde_json::json;

use crate::router::App;

/// `GET /health`: 200 while the database answers and nothing long-lived has given up.
pub async fn health(State(app): State<App>) -> impl IntoResponse {
    let database = database(&app).await.is_ok();
    let tasks = app.is_healthy();
    let status = if database && tasks { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "database": database, "tasks": tasks })))
}

async fn database(app: &App) -> Result<(), db::Error> {
    let mut tx = app.hiring.db().snapshot().await?;
    tx.one(sql!("select 1 as one"), params![]).await.map(drop)
}
