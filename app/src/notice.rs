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

impl FormNotice {
    /// The name of the field that is wrong, if the refusal is about one.
    pub fn field(&self) -> Option<&'static str> {
        match self.code.as_str() {
            "name_invalid" => Some("name"),
            "email_invalid" => Some("email"),
            code if code.starts_with("file_") => Some("cv"),
            _ => None,
        }
    }

    /// The message, if it is about the field `name`.
    pub fn field_error(&self, name: &str) -> Option<String> {
        (self.field() == Some(name)).then(|| self.message.clone())
    }

    /// `title`, marked as the title of a page that shows an error.
    pub fn page_title(&self, title: &str) -> String {
        if self.message.is_empty() { title.to_owned() } else { format!("Error: {title}") }
    }
}

/// The error message of a form. The element always exists, so that a script can fill it. A message that
/// comes with the page gets the focus, which also scrolls to it.
#[component]
pub fn FormError(
    message: String,
    /// The `id` of the element, for fields that are described by it.
    #[prop(optional)]
    id: Option<&'static str>,
) -> impl IntoView {
    let is_empty = message.is_empty();
    // In the browser a message appears where the user is.
    let takes_focus = cfg!(feature = "ssr") && !is_empty;
    view! {
        <p
            class="form-error"
            id=id
            data-testid="form-error"
            role="alert"
            hidden=is_empty
            tabindex=takes_focus.then_some("-1")
            autofocus=takes_focus
        >
            {message}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_field_that_is_wrong() {
        let field = |code: &str| FormNotice { code: code.to_owned(), ..FormNotice::default() }.field();
        assert_eq!(
            ["name_invalid", "email_invalid", "file_encrypted"].map(field),
            [Some("name"), Some("email"), Some("cv")]
        );
        assert_eq!(["throttled", ""].map(field), [None, None]);
    }
}
