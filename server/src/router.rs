//! The routes.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    middleware::{from_fn, from_fn_with_state, map_response},
    response::Response,
    routing::{get, post},
};
use hiring::Hiring;
use leptos::config::LeptosOptions;
use live::Hub;
use tokio_util::sync::CancellationToken;
use tower_http::{
    services::{ServeDir, ServeFile},
    timeout::RequestBodyTimeoutLayer,
};

use crate::{
    accounts,
    address::PerMinute,
    apply, connections, documents,
    health::{self, Health},
    live_socket, origin, pages, security, session,
    settings::Settings,
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
    /// Where the browser's files are.
    pub leptos: LeptosOptions,
    /// Applications per network address.
    pub uploads: PerMinute,
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
        .route("/documents/{application}/original", get(documents::original))
        .route("/documents/{application}/pages/{file}", get(documents::picture))
        .fallback(get(pages::page))
        .layer(from_fn_with_state(app.clone(), session::attach))
        .layer(from_fn(trace::attach))
        .layer(RequestBodyTimeoutLayer::new(connections::BODY))
        .route("/health", get(health::health))
        .merge(files(&app))
        .layer(from_fn_with_state(app.clone(), origin::check))
        .layer(from_fn_with_state(app.clone(), security::headers))
        .with_state(app)
}

/// The built browser files. They keep their names over versions, so a browser asks each time
/// whether its copy is still right.
fn files(app: &App) -> Router<App> {
    let site = &app.settings.site;
    let file = |name: &str| ServeFile::new(site.join(name)).precompressed_br().precompressed_gzip();
    Router::new()
        .nest_service("/pkg", ServeDir::new(site.join("pkg")).precompressed_br().precompressed_gzip())
        .route_service("/favicon.svg", file("favicon.svg"))
        .route_service("/apply.js", file("apply.js"))
        .layer(map_response(revalidate))
}

async fn revalidate(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
