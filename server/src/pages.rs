//! Renders the application's pages on the server, and calls its server functions.

use app::{
    AppError, FormNotice, Gallery, LiveEpoch, UploadLimit,
    i18n::{self, Locale},
};
use axum::{
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderMap, Request, StatusCode, header},
    response::{IntoResponse, Response},
};
use hiring::Actor;
use leptos::prelude::provide_context;

use crate::{language, security, state::AppState};

/// The size of an encoded [`AppError`].
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// `GET` of any path without another handler: a page of the application, or its "not found" page.
pub async fn page(State(app): State<AppState>, request: Request<Body>) -> Response {
    let actor = request.extensions().get::<Actor>().cloned().unwrap_or(Actor::Anonymous);
    render(&app, actor, request, None).await
}

/// `POST /api/...`: a server function of the application.
pub async fn server_fn(State(app): State<AppState>, request: Request<Body>) -> Response {
    let actor = request.extensions().get::<Actor>().cloned().unwrap_or(Actor::Anonymous);
    let locale = locale(&request);
    let hiring = app.hiring.clone();
    let context = move || {
        provide_context(hiring.clone());
        provide_context(actor.clone());
        provide_context(locale);
    };
    let response = leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    with_status_of_error(response).await
}

/// Replaces the status of a failed call by that of its error: leptos answers every error with 500. A form
/// without scripts is redirected back to its page, error or not, and stays so.
async fn with_status_of_error(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MAX_ERROR_BYTES).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if let Ok(error) = serde_json::from_slice::<AppError>(&body) {
        head.status = StatusCode::from_u16(error.status).unwrap_or(head.status);
    }
    Response::from_parts(head, Body::from(body))
}

/// Renders the page of a form again, with the error and what the visitor typed, under the error's status.
pub async fn rerender_form(
    app: &AppState,
    path: &str,
    headers: &HeaderMap,
    notice: FormNotice,
    error: &hiring::Error,
) -> Response {
    log(error);
    let mut request = Request::new(Body::empty());
    if let Ok(uri) = path.parse() {
        *request.uri_mut() = uri;
    }
    for name in [header::HOST, header::COOKIE, header::ACCEPT_LANGUAGE] {
        if let Some(value) = headers.get(&name) {
            request.headers_mut().insert(name, value.clone());
        }
    }
    let mut response = render(app, Actor::Anonymous, request, Some(notice)).await;
    *response.status_mut() = status(error);
    response
}

/// An error as plain text, for requests that no page makes.
#[must_use]
pub fn plain_error(error: &hiring::Error) -> (StatusCode, String) {
    log(error);
    (status(error), error.to_string())
}

/// The HTTP status of an error: 4xx for a refusal, 500 for a fault.
#[must_use]
pub fn status(error: &hiring::Error) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Logs an internal error with its causes. A refusal is not logged.
pub fn log(error: &hiring::Error) {
    if error.is_internal() {
        let first: &dyn std::error::Error = error;
        let causes: Vec<_> =
            std::iter::successors(first.source(), |cause| cause.source()).map(ToString::to_string).collect();
        tracing::error!(code = error.code(), causes = causes.join(": "), "a request failed");
    }
}

async fn render(app: &AppState, actor: Actor, request: Request<Body>, notice: Option<FormNotice>) -> Response {
    let host = host(request.headers());
    let locale = locale(&request);
    let hiring = app.hiring.clone();
    let limit = UploadLimit(app.settings.max_upload);
    // A page without it works, but does not notice a restored backup.
    let epoch = LiveEpoch(app.hub.epoch().await.map(str::to_owned).unwrap_or_default());
    let shows_gallery = app.settings.demo;
    let context = move || {
        provide_context(hiring.clone());
        provide_context(actor.clone());
        provide_context(locale);
        provide_context(limit);
        if shows_gallery {
            provide_context(Gallery);
        }
        provide_context(epoch.clone());
        if let Some(notice) = notice.clone() {
            provide_context(notice);
        }
        security::page_policy(&host);
    };
    let assets = app.assets.clone();
    let handler = leptos_axum::render_app_async_with_context(context, move || app::shell(assets.build()));
    handler(request).await
}

/// The sentence for a visitor who is not signed in, in the language that the headers ask for.
#[must_use]
pub fn error_message(error: &hiring::Error, headers: &HeaderMap) -> String {
    i18n::with_locale(language::from_headers(headers), || app::error_text(error))
}

/// What [`language::attach`] found, or of a page that is rendered again the language of its headers.
fn locale(request: &Request<Body>) -> Locale {
    request.extensions().get().copied().unwrap_or_else(|| language::from_headers(request.headers()))
}

/// The host that the browser used, or empty if it has characters that could break out of a header.
fn host(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
    if plain { host.to_owned() } else { String::new() }
}
