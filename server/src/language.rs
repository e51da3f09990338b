//! The language of each answer: what the user chose, else the visitor's cookie, else what the browser asks for.

use app::i18n::{self, Locale};
use axum::{
    Extension, Form,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use hiring::Actor;

use crate::{accounts, pages, state::AppState};

/// Not secret and not trusted: it names one of the languages or is ignored.
const COOKIE: &str = "language";
const COOKIE_SECONDS: u32 = 365 * 24 * 60 * 60;

/// The form of the language menu.
#[derive(Debug, serde::Deserialize)]
pub struct Choice {
    language: String,
    /// The path to return to.
    #[serde(default)]
    next: String,
}

/// Puts the [`Locale`] into the request, after the session's actor.
pub async fn attach(mut request: Request<Body>, next: Next) -> Response {
    let chosen = match request.extensions().get::<Actor>() {
        Some(Actor::User(user)) => user.language.map(Locale::from),
        _ => None,
    };
    let locale = chosen.unwrap_or_else(|| from_headers(request.headers()));
    request.extensions_mut().insert(locale);
    next.run(request).await
}

/// The language of a visitor who is not signed in.
#[must_use]
pub fn from_headers(headers: &HeaderMap) -> Locale {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let chosen = pairs.find(|(name, _)| *name == COOKIE).and_then(|(_, value)| Locale::parse(value));
    chosen.unwrap_or_else(|| i18n::negotiate(text(header::ACCEPT_LANGUAGE)))
}

/// `POST /language`: remembers the choice in this browser and, of a user, on all devices.
pub async fn choose(
    State(app): State<AppState>,
    Extension(actor): Extension<Actor>,
    Form(choice): Form<Choice>,
) -> Response {
    let Some(locale) = Locale::parse(&choice.language) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    if let (Actor::User(_), Some(language)) = (&actor, locale.stored())
        && let Err(error) = app.hiring.choose_language(&actor, language).await
    {
        return pages::plain_error(&error).into_response();
    }
    let mut response = Redirect::to(accounts::local_path(&choice.next)).into_response();
    *response.status_mut() = StatusCode::SEE_OTHER;
    let secure = if app.settings.is_https() { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={locale}; Path=/; HttpOnly; SameSite=Lax; Max-Age={COOKIE_SECONDS}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// `GET /texts/{version}/{file}`: one feature's texts in one language. The version is part of the address, so that
/// browsers keep what they have.
pub async fn texts(Path((version, file)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let Some(table) = i18n::served(&version, &file) else { return StatusCode::NOT_FOUND.into_response() };
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let packed = accepted.split(',').any(|each| each.split(';').next().is_some_and(|name| name.trim() == "br"));
    let kind = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
    ];
    if packed {
        (kind, [(header::CONTENT_ENCODING, "br")], table.brotli).into_response()
    } else {
        (kind, table.text).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locale(cookie: &'static str, accepted: &'static str) -> Locale {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
        from_headers(&headers)
    }

    #[test]
    fn a_visitor_s_choice_counts_before_what_the_browser_asks_for() {
        assert_eq!(locale("verbatim=x; language=es", "de"), Locale::Es);
        assert_eq!(locale("language=klingon", "de"), Locale::De);
        assert_eq!(locale("", "it"), Locale::En);
    }
}
