//! The session cookie, and the actor it stands for.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Request, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hiring::{Actor, accounts::SESSION_DAYS};

use crate::{pages, state::AppState};

/// Browsers accept a `__Host-` cookie only over HTTPS, for exactly this host and for all paths.
const SECURE_COOKIE: &str = "__Host-verbatim";
/// The name where the product is served over plain HTTP.
const PLAIN_COOKIE: &str = "verbatim";

/// Adds the [`Actor`] whose session the cookie names to the request's extensions; [`Actor::Anonymous`]
/// without a valid session.
pub async fn attach(State(app): State<AppState>, mut request: Request<Body>, next: Next) -> Response {
    let actor = match token(request.headers(), app.settings.is_https()) {
        Some(token) => app.hiring.actor_from_session_token(token).await,
        None => Ok(Actor::Anonymous),
    };
    match actor {
        Ok(actor) => {
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Err(error) => pages::plain_error(&error).into_response(),
    }
}

fn token(headers: &HeaderMap, https: bool) -> Option<&str> {
    let name = if https { SECURE_COOKIE } else { PLAIN_COOKIE };
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The `Set-Cookie` header for a session's token, or with an empty token the one that deletes the cookie.
#[must_use]
pub fn cookie(token: &str, https: bool) -> Option<HeaderValue> {
    let (name, secure) = if https { (SECURE_COOKIE, "; Secure") } else { (PLAIN_COOKIE, "") };
    let age = if token.is_empty() { 0 } else { SESSION_DAYS * 24 * 60 * 60 };
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_https_the_cookie_has_the_host_prefix() {
        let set = cookie("abc", true).unwrap();
        let set = set.to_str().unwrap();
        assert!(set.starts_with("__Host-verbatim=abc; Path=/; HttpOnly; SameSite=Lax"));
        assert!(set.ends_with("; Secure") && !set.contains("Domain"));
    }

    #[test]
    fn over_https_a_cookie_without_the_host_prefix_is_ignored() {
        let headers: HeaderMap =
            [(header::COOKIE, HeaderValue::from_static("a=b; verbatim=forged"))].into_iter().collect();
        assert_eq!(token(&headers, true), None);
        assert_eq!(token(&headers, false), Some("forged"));
    }
}
