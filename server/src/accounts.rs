//! Signing in and out with plain forms, which work without scripts.

use std::net::SocketAddr;

use app::FormNotice;
use axum::{
    Extension, Form,
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use hiring::Actor;

use crate::{client_ip, pages, session, state::AppState};

/// The fields of the sign-in form.
#[derive(Debug, serde::Deserialize)]
pub struct SignIn {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in`: begins a session and redirects to the page in `next`, or renders the form again with what
/// is wrong.
pub async fn sign_in(
    State(app): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(form): Form<SignIn>,
) -> Response {
    let from = client_ip::client_ip(peer, &headers, app.settings.trust_proxy).to_string();
    match app.hiring.sign_in(&form.email, &form.password, &from).await {
        Ok(token) => with_cookie(Redirect::to(local_path(&form.next)), &token, &app),
        Err(error) => {
            let path = format!("/sign-in?next={}", encode(local_path(&form.next)));
            let notice = FormNotice {
                message: pages::error_message(&error, &headers),
                code: error.code().to_owned(),
                name: String::new(),
                email: form.email,
            };
            pages::rerender_form(&app, &path, &headers, notice, &error).await
        }
    }
}

/// `POST /sign-out`: ends the session, closes its sockets on every node and redirects to the sign-in page.
pub async fn sign_out(State(app): State<AppState>, Extension(actor): Extension<Actor>) -> Response {
    match app.hiring.sign_out(&actor).await {
        Ok(()) => with_cookie(Redirect::to("/sign-in"), "", &app),
        Err(error) => pages::plain_error(&error).into_response(),
    }
}

fn with_cookie(redirect: Redirect, token: &str, app: &AppState) -> Response {
    let mut response = redirect.into_response();
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Some(cookie) = session::cookie(token, app.settings.is_https()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    response
}

/// `next` if it is a path of this site, else `/`: a link must not redirect to another site.
pub(crate) fn local_path(next: &str) -> &str {
    // Browsers remove tabs and line breaks from an address before they parse it.
    let printable = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_local = printable && next.starts_with('/') && !next.starts_with("//");
    if is_local { next } else { "/" }
}

fn encode(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_never_redirects_to_another_site() {
        assert_eq!(local_path("/applications/1?x=y"), "/applications/1?x=y");
        for foreign in
            ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil", "evil", ""]
        {
            assert_eq!(local_path(foreign), "/");
        }
        assert_eq!(encode("/a?b=c&d"), "/a%3Fb%3Dc%26d");
    }
}
