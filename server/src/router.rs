//! The routes.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};
use hiring::Hiring;
use live::Hub;
use tokio_util::sync::CancellationToken;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::{
    accounts,
    address::PerMinute,
    apply,
    connections::{self, Connections},
    documents,
    health::{self, Health},
    live_follow, live_socket, origin, pages, security, session,
    settings::Settings,
    site::{self, Site},
    trace,
    turns::Turns,
};

/// What the handlers share; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The use-cases.
    pub hiring: Hiring,
    /// The live layer.
    pub hub: Hub,
    /// Asked for by `/health`.
    pub health: Health,
    /// The settings.
    pub settings: Arc<Settings>,
    /// Applications per network address.
    pub uploads: PerMinute,
    /// The browser's files, and which build they are.
    pub site: Site,
    /// What is open.
    pub connections: Connections,
    /// Applications at the same time.
    pub turns: Turns,
    /// Tells sockets to end.
    pub stop: CancellationToken,
}

/// All routes. Whatever is no file, form, socket or call is a page of the application.
pub fn router(app: App) -> Router {
    let upload = post(apply::apply).layer(DefaultBodyLimit::max(apply::body_limit(app.settings.max_upload)));
    Router::new()
        .route("/careers/{slug}/apply", upload)
        .route("/sign-in", get(pages::page).post(accounts::sign_in))
        .route("/sign-out", post(accounts::sign_out))
        .route("/api/{*call}", post(pages::call))
        .route("/live", get(live_socket::live))
        .route("/live/stream", get(live_follow::stream))
        .route("/live/poll", get(live_follow::poll))
        .route("/documents/{application}/original", get(documents::original))
        .route("/documents/{application}/pages/{file}", get(documents::picture))
        .fallback(get(pages::page))
        .layer(from_fn_with_state(app.clone(), session::attach))
        .layer(from_fn(trace::attach))
        .layer(RequestBodyTimeoutLayer::new(connections::BODY))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .merge(site::routes())
        .layer(from_fn_with_state(app.clone(), origin::check))
        .layer(from_fn_with_state(app.clone(), security::headers))
        .with_state(app)
}
