//! The application form: a plain multipart form that `public/apply.js` enhances.

use leptos::prelude::*;

use crate::notice::{FormError, UploadLimit, form_notice};

const ACCEPT: &str = ".pdf,.docx,.doc,.odt,.rtf,.html,.htm,.txt,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg,application/msword,text/plain,text/html,application/rtf,\
                      application/vnd.openxmlformats-officedocument.wordprocessingml.document,\
                      application/vnd.oasis.opendocument.text";

/// The form that applies to the posting `slug`.
#[component]
pub fn ApplyForm(slug: String) -> impl IntoView {
    let notice = form_notice();
    // Public pages are never hydrated, so only the server needs the limit.
    let limit = use_context::<UploadLimit>().map_or(0, |limit| limit.0);
    view! {
        <form
            class="apply stack"
            data-testid="apply-form"
            method="post"
            enctype="multipart/form-data"
            action=format!("/careers/{slug}/apply")
            data-limit=limit
        >
            <h2>"Apply"</h2>
            <FormError message=notice.message />
            <label>"Name" <input name="name" autocomplete="name" maxlength="200" required value=notice.name /></label>
            <label>
                "E-mail" <input name="email" type="email" autocomplete="email" maxlength="254" required value=notice.email />
            </label>
            <div class="drop" data-testid="drop-zone">
                <label for="cv">
                    <strong>"Your CV"</strong>
                    <span class="hint" data-drop-hint>
                        "PDF, DOCX, DOC, ODT, RTF, HTML, text or a photo, up to " {limit / 1_000_000} " MB"
                    </span>
                </label>
                <input id="cv" name="cv" type="file" required accept=ACCEPT />
            </div>
            <div class="sending" data-sending hidden>
                <progress data-testid="upload-progress" max="100" value="0" aria-label="Upload"></progress>
                <output></output>
                <button type="button" class="quiet" data-cancel>
                    "Cancel"
                </button>
            </div>
            <button class="primary">"Send application"</button>
            <p class="hint">
                "Software picks out passages of your CV for the hiring team. It does not score or rank you, and your CV \
                stays on our servers."
            </p>
        </form>
        <script type="module" src="/apply.js"></script>
    }
}
