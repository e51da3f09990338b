//! Builds the routers of both listeners from the table of routes.

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, on},
};
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::{
    connections, language,
    metrics::MetricsState,
    origin, pages,
    routes::{Handler, ROUTES},
    security, session,
    state::AppState,
    trace,
};

/// The public router. An address that is not in the table gets the application's "not found" page.
pub fn router(app: AppState) -> Router {
    let session = ROUTES.iter().fold(Router::new(), |router, route| match route.handler {
        Handler::Page => router.route(route.path, on(route.method.filter(), pages::page)),
        Handler::ServerFn => router.route(route.path, on(route.method.filter(), pages::server_fn)),
        Handler::Session(handler) => router.route(route.path, handler(route.method.filter(), &app.settings)),
        Handler::Sessionless(_) | Handler::Metrics(_) => router,
    });
    let session = session
        .fallback(get(pages::page))
        .layer(from_fn(language::attach))
        .layer(from_fn_with_state(app.clone(), session::attach))
        .layer(from_fn(trace::attach))
        .layer(RequestBodyTimeoutLayer::new(connections::BODY_TIMEOUT));
    let all = ROUTES.iter().fold(session, |router, route| match route.handler {
        Handler::Sessionless(handler) => router.route(route.path, handler(route.method.filter())),
        Handler::Page | Handler::ServerFn | Handler::Session(_) | Handler::Metrics(_) => router,
    });
    all.layer(from_fn_with_state(app.clone(), origin::check))
        .layer(from_fn_with_state(app.clone(), security::headers))
        .with_state(app)
}

/// The router of the metrics listener.
pub fn metrics_router(state: MetricsState) -> Router {
    let router = ROUTES.iter().fold(Router::new(), |router, route| match route.handler {
        Handler::Metrics(handler) => router.route(route.path, handler(route.method.filter())),
        Handler::Page | Handler::ServerFn | Handler::Session(_) | Handler::Sessionless(_) => router,
    });
    router.with_state(state)
}
