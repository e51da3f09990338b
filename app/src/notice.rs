//! The error message of a form that was submitted without scripts.

use leptos::prelude::*;

/// Why a form was refused, and what the user typed. The form's handler provides it as context when it
/// renders the page again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormNotice {
    /// A sentence for the user.
    pub message: String,
    /// A stable code for programs.
    pub code: String,
    /// The submitted name.
    pub name: String,
    /// The submitted e-mail address.
    pub email: String,
}

/// The largest file that the server accepts, in bytes. The server provides it as context to every
/// page.
#[derive(Clone, Copy, Debug)]
pub struct UploadLimit(pub u64);

/// The notice of the form on this page; empty if no form was refused.
pub fn form_notice() -> FormNotice {
    use_context().unwrap_or_default()
}

/// The error message of a form. The element always exists, so that a script can fill it.
#[component]
pub fn FormError(message: String) -> impl IntoView {
    let is_empty = message.is_empty();
    view! {
        <p class="form-error" data-testid="form-error" role="alert" hidden=is_empty>
            {message}
        </p>
    }
}
