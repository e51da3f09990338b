//! Accepts requests that change something, and live connections, from our own pages only.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Method, Request, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::state::AppState;

/// Refuses requests that another site makes in a visitor's name (cross-site request forgery). Cookies are
/// `SameSite=Lax` as well; this check also covers WebSockets, and browsers without that attribute.
pub async fn check(State(app): State<AppState>, request: Request<Body>, next: Next) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // Server-sent events and polls are for our own pages only, like the socket.
    let is_live = request.headers().contains_key(header::UPGRADE) || request.uri().path().starts_with("/live");
    if (!is_safe || is_live) && !is_same_origin(request.headers(), app.settings.public_url.as_deref()) {
        return (StatusCode::FORBIDDEN, "This request came from another site.").into_response();
    }
    next.run(request).await
}

/// Browsers always send `Origin` or `Sec-Fetch-Site` with such requests. A request with neither comes from
/// another program, which has no visitor's cookies.
fn is_same_origin(headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if matches!(text("sec-fetch-site"), Some("cross-site" | "same-site")) {
        return false;
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    match public_url {
        Some(url) => origin.eq_ignore_ascii_case(url),
        None => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text("host")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn requests_of_another_origin_are_refused_and_our_own_are_not() {
        let host = ("host", "127.0.0.1:3000");
        assert!(is_same_origin(&headers(&[host, ("origin", "http://127.0.0.1:3000")]), None));
        assert!(is_same_origin(&headers(&[host]), None));
        assert!(!is_same_origin(&headers(&[host, ("origin", "http://evil.example")]), None));
        assert!(!is_same_origin(&headers(&[host, ("origin", "null")]), None));
        assert!(!is_same_origin(&headers(&[host, ("sec-fetch-site", "cross-site")]), None));
        let public = Some("https://jobs.example.org");
        assert!(is_same_origin(&headers(&[host, ("origin", "https://jobs.example.org")]), public));
        assert!(!is_same_origin(&headers(&[host, ("origin", "http://127.0.0.1:3000")]), public));
    }
}
