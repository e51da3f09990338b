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
    accounts, apply,
    assets::{self, Assets},
    client_ip::RateLimiter,
    connections::{self, Connections},
    documents,
    health::{self, Health},
    language, live_http, live_socket, origin, pages, security, session,
    settings::Settings,
    trace,
    upload_limits::UploadLimits,
};

/// What the handlers share; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The use-cases.
    pub hiring: Hiring,
    /// The live layer.
    pub hub: Hub,
    /// Asked for by `/health`.
    pub health: Health,
    /// The settings.
    pub settings: Arc<Settings>,
    /// Applications per network address.
    pub upload_rate: RateLimiter,
    /// The browser's files, and which build they are.
    pub assets: Assets,
    /// What is open.
    pub connections: Connections,
    /// Applications at the same time.
    pub upload_limits: UploadLimits,
    /// Tells sockets to end.
    pub stop: CancellationToken,
}

/// All routes. Whatever is no file, form, socket or call is a page of the application.
pub fn router(app: AppState) -> Router {
    let upload = post(apply::apply)
        .get(apply::redirect_to_form)
        .layer(DefaultBodyLimit::max(apply::body_limit(app.settings.max_upload)));
    Router::new()
        .route("/careers/{slug}/apply", upload)
        .route("/sign-in", get(pages::page).post(accounts::sign_in))
        .route("/sign-out", post(accounts::sign_out))
        .route("/language", post(language::choose))
        .route("/texts/{version}/{file}", get(language::texts))
        .route("/api/{*call}", post(pages::server_fn))
        .route("/live", get(live_socket::live))
        .route("/live/stream", get(live_http::stream))
        .route("/live/poll", get(live_http::poll))
        .route("/documents/{application}/original", get(documents::original))
        .route("/documents/{application}/pages/{file}", get(documents::page_picture))
        .fallback(get(pages::page))
        .layer(from_fn(language::attach))
        .layer(from_fn_with_state(app.clone(), session::attach))
        .layer(from_fn(trace::attach))
        .layer(RequestBodyTimeoutLayer::new(connections::BODY_TIMEOUT))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .merge(assets::routes())
        .layer(from_fn_with_state(app.clone(), origin::check))
        .layer(from_fn_with_state(app.clone(), security::headers))
        .with_state(app)
}
