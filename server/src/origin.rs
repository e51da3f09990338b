//! Requests that change something, and sockets, are taken from our own pages only.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Method, Request, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::router::AppState;

/// Refuses what another site sent on a visitor's behalf. Cookies are `SameSite=Lax` already; this
/// also holds for sockets and for browsers that do not know that.
pub async fn check(State(app): State<AppState>, request: Request<Body>, next: Next) -> Response {
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // The stream and the polls beside it are for our own pages alone as well.
    let socket = request.headers().contains_key(header::UPGRADE) || request.uri().path().starts_with("/live");
    if (!harmless || socket) && !is_own(request.headers(), app.settings.public_url.as_deref()) {
        return (StatusCode::FORBIDDEN, "This request came from another site.").into_response();
    }
    next.run(request).await
}

/// A browser always says where such a request comes from; a request that says nothing has no
/// browser's cookies.
fn is_own(headers: &HeaderMap, public_url: Option<&str>) -> bool {
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
    fn a_foreign_origin_is_refused_and_our_own_is_not() {
        let host = ("host", "127.0.0.1:3000");
        assert!(is_own(&headers(&[host, ("origin", "http://127.0.0.1:3000")]), None));
        assert!(is_own(&headers(&[host]), None));
        assert!(!is_own(&headers(&[host, ("origin", "http://evil.example")]), None));
        assert!(!is_own(&headers(&[host, ("origin", "null")]), None));
        assert!(!is_own(&headers(&[host, ("sec-fetch-site", "cross-site")]), None));
        let public = Some("https://jobs.example.org");
        assert!(is_own(&headers(&[host, ("origin", "https://jobs.example.org")]), public));
        assert!(!is_own(&headers(&[host, ("origin", "http://127.0.0.1:3000")]), public));
    }
}
