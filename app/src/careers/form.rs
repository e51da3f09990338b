//! The application form: a plain multipart form that `public/apply.js` enhances.

use leptos::{
    attr::{any_attribute::IntoAnyAttribute, autocomplete, maxlength},
    prelude::*,
};

use crate::{
    i18n::{careers, errors},
    notice::{FormError, UploadLimit, form_notice},
    ui::{Button, Field, FileDrop, Rank},
};

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
            data-missing=careers::script_missing()
            data-empty=careers::script_empty()
            data-too-large=errors::file_too_large(&(limit / 1_000_000).to_string())
            data-processing=careers::script_processing()
            data-lost=careers::script_lost()
            data-failed=errors::internal()
        >
            <h2>{careers::apply()}</h2>
            <FormError message=notice.message.clone() id="form-error" />
            <Field
                label=careers::name()
                name="name"
                value=notice.name.clone()
                error=notice.field_error("name")
                required=true
                attributes=vec![autocomplete("name").into_any_attr(), maxlength("200").into_any_attr()]
            />
            <Field
                label=careers::email()
                name="email"
                kind="email"
                value=notice.email.clone()
                error=notice.field_error("email")
                required=true
                attributes=vec![autocomplete("email").into_any_attr(), maxlength("254").into_any_attr()]
            />
            <FileDrop
                label=careers::your_cv()
                name="cv"
                hint=careers::formats(&(limit / 1_000_000).to_string())
                error=notice.field_error("cv")
                required=true
                accept=ACCEPT
                attr:data-testid="drop-zone"
            />
            <div class="sending" data-sending hidden>
                <progress data-testid="upload-progress" max="100" value="0" aria-label=careers::upload()></progress>
                <output></output>
                <Button rank=Rank::Quiet attr:data-cancel="">
                    {careers::cancel()}
                </Button>
            </div>
            <Button rank=Rank::Primary kind="submit">
                {careers::send()}
            </Button>
            <p class="hint">
                {careers::machine()}
            </p>
        </form>
        <script type="module" src="/apply.js"></script>
    }
}
