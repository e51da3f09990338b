//! The error of a server function, and the page that shows it.

use std::fmt;

use leptos::{
    prelude::*,
    server_fn::{codec::JsonEncoding, error::FromServerFnError, error::ServerFnErrorErr},
};
use leptos_meta::Title;
use leptos_router::components::Redirect;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::error_text::error_text;
use crate::{
    i18n::{errors, layout},
    navigation,
    ui::{ButtonLink, EmptyState},
};

/// The code of a call that did not reach the server.
const UNREACHABLE: &str = "unreachable";

/// An error for the user: a stable code and a sentence, never the cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError {
    /// A stable code for programs, for example `sign_in` or `not_found`.
    pub code: String,
    /// A sentence for the user.
    pub message: String,
    /// The HTTP status of a page that shows this error.
    pub status: u16,
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for AppError {}

impl AppError {
    /// The error of an address that leads to no page.
    pub fn not_found() -> Self {
        Self { code: "not_found".into(), message: errors::page_not_found().into(), status: 404 }
    }

    /// Whether the call did not reach the server.
    pub fn is_network_failure(&self) -> bool {
        self.code == UNREACHABLE
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// An error of the call itself, usually because the network is down.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let (code, message) = match error {
            ServerFnErrorErr::Request(_) => (UNREACHABLE, errors::unreachable()),
            _ => ("call_failed", errors::call_failed()),
        };
        let status = match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => 400,
            _ => 500,
        };
        Self { code: code.into(), message: message.into(), status }
    }
}

#[cfg(feature = "ssr")]
impl From<hiring::Error> for AppError {
    fn from(error: hiring::Error) -> Self {
        if error.is_internal() {
            tracing::error!(code = error.code(), cause = ?std::error::Error::source(&error), "a page failed");
        }
        Self { code: error.code().into(), message: error_text(&error), status: error.status() }
    }
}

/// Shown in place of a page that failed to load: redirects to the sign-in page, or shows the error
/// with its HTTP status.
#[component]
pub fn ErrorPage(error: AppError) -> impl IntoView {
    if error.code == "sign_in" {
        let here = leptos_router::hooks::use_location().pathname.get_untracked();
        let redirect = view! { <Redirect path=format!("/sign-in?next={here}") /> }.into_any();
        // The router's redirect concerns only requests that accept HTML.
        set_response_status(302);
        return redirect;
    }
    set_response_status(error.status);
    // Applicants have no account: the start page would ask them to sign in.
    let path = leptos_router::hooks::use_location().pathname.get_untracked();
    let is_public = ["/careers", "/status"].iter().any(|prefix| path.starts_with(prefix));
    let (href, link) = if is_public { ("/careers", layout::see_open_positions()) } else { ("/", layout::start_page()) };
    navigation::content_rendered();
    let title = if error.status == 404 { layout::page_not_found() } else { layout::something_wrong() };
    let actions = move || {
        view! {
            <ButtonLink href attr:rel="external">
                {link}
            </ButtonLink>
        }
    };
    view! {
        <Title text=layout::error_title(title) />
        <EmptyState title level=1 actions>
            <p>{error.message}</p>
        </EmptyState>
    }
    .into_any()
}

/// Sets the HTTP status of this response. Does nothing in the browser.
fn set_response_status(status: u16) {
    #[cfg(feature = "ssr")]
    if let (Some(response), Ok(status)) =
        (use_context::<leptos_axum::ResponseOptions>(), http::StatusCode::from_u16(status))
    {
        response.set_status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}
