//! What was wrong with a form that was sent without scripts.

use leptos::prelude::*;

/// Put into the context of a render by the handler of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormNotice {
    /// For the person.
    pub message: String,
    /// For machines.
    pub code: String,
    /// What was typed.
    pub name: String,
    /// What was typed.
    pub email: String,
}

/// The largest file that a form takes, in bytes. Put into the context of every render.
#[derive(Clone, Copy, Debug)]
pub struct UploadLimit(pub u64);

/// The notice of this render; an empty one where there is none.
pub fn notice() -> FormNotice {
    use_context().unwrap_or_default()
}

/// The place of a form's error; always there, so that a script can fill it.
#[component]
pub fn FormError(message: String) -> impl IntoView {
    let empty = message.is_empty();
    view! {
        <p class="form-error" data-testid="form-error" role="alert" hidden=empty>
            {message}
        </p>
    }
}
