//! What a server function answers when it says no.

use std::fmt;

use leptos::{
    prelude::*,
    server_fn::{codec::JsonEncoding, error::FromServerFnError, error::ServerFnErrorErr},
};
use leptos_meta::Title;
use leptos_router::components::Redirect;
use serde::{Deserialize, Serialize};

/// A stable code and a sentence; never a cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError {
    /// `sign_in`, `not_found`, ...
    pub code: String,
    /// For the person who asked.
    pub message: String,
    /// As HTTP says it.
    pub status: u16,
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for AppError {}

impl AppError {
    /// There is no such page.
    pub fn not_found() -> Self {
        Self { code: "not_found".into(), message: "There is no such page.".into(), status: 404 }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// The call itself failed: mostly a network that is gone.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let message = match error {
            ServerFnErrorErr::Request(_) => "The server cannot be reached. Please try again in a moment.",
            _ => "Something went wrong. Please try again in a moment.",
        };
        Self { code: "call_failed".into(), message: message.into(), status: 500 }
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

/// The page that could not be shown: to the sign-in, or a sentence with the right status.
#[component]
pub fn Failure(error: AppError) -> impl IntoView {
    if error.code == "sign_in" {
        let here = leptos_router::hooks::use_location().pathname.get_untracked();
        let redirect = view! { <Redirect path=format!("/sign-in?next={here}") /> }.into_any();
        // Also for a visitor that does not ask for HTML.
        answer_with(302);
        return redirect;
    }
    answer_with(error.status);
    let title = if error.status == 404 { "Not found" } else { "This did not work" };
    view! {
        <Title text=title />
        <section class="empty">
            <h1>{title}</h1>
            <p>{error.message}</p>
            <p>
                <a href="/" rel="external">
                    "Back to the start"
                </a>
            </p>
        </section>
    }
    .into_any()
}

/// The HTTP status of this render; nothing in the browser.
fn answer_with(status: u16) {
    #[cfg(feature = "ssr")]
    if let (Some(response), Ok(status)) =
        (use_context::<leptos_axum::ResponseOptions>(), http::StatusCode::from_u16(status))
    {
        response.set_status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}
