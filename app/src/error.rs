//! The error of a server function, and the page that shows it.

use std::fmt;

use leptos::{
    prelude::*,
    server_fn::{codec::JsonEncoding, error::FromServerFnError, error::ServerFnErrorErr},
};
use leptos_meta::Title;
use leptos_router::components::Redirect;
use serde::{Deserialize, Serialize};

use crate::navigation;

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
        Self { code: "not_found".into(), message: "This page does not exist.".into(), status: 404 }
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
            ServerFnErrorErr::Request(_) => (UNREACHABLE, "We can't reach the server. Please try again in a moment."),
            _ => ("call_failed", "Something went wrong. Please try again in a moment."),
        };
        Self { code: code.into(), message: message.into(), status: 500 }
    }
}

#[cfg(feature = "ssr")]
impl From<hiring::Error> for AppError {
    fn from(error: hiring::Error) -> Self {
        if error.is_internal() {
            tracing::error!(code = error.code(), cause = ?std::error::Error::source(&error), "a page failed");
        }
        Self { code: error.code().into(), message: error.to_string(), status: error.status() }
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
    let (href, link) = if is_public { ("/careers", "See open positions") } else { ("/", "Go to the start page") };
    navigation::content_rendered();
    let title = if error.status == 404 { "Page not found" } else { "Something went wrong" };
    view! {
        <Title text=format!("Error: {title}") />
        <section class="empty">
            <h1>{title}</h1>
            <p>{error.message}</p>
            <p>
                <a href=href rel="external">
                    {link}
                </a>
            </p>
        </section>
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
