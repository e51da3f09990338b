//! The sign-in page of recruiters, which works without scripts.

use leptos::{
    attr::{any_attribute::IntoAnyAttribute, autocomplete},
    prelude::*,
};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    i18n::sign_in,
    notice::{FormError, form_notice},
    ui::{Button, Field, Rank},
};

/// The page `/sign-in?next=<path>`; after signing in, the server redirects to `next`.
#[component]
pub fn SignIn() -> impl IntoView {
    let next = use_query_map().with_untracked(|query| query.get("next")).unwrap_or_else(|| "/".to_owned());
    let notice = form_notice();
    view! {
        <Title text=notice.page_title(sign_in::sign_in()) />
        <section class="sign-in">
            <h1>{sign_in::sign_in()}</h1>
            <p class="lead">{sign_in::lead()}</p>
            <form method="post" action="/sign-in" class="stack">
                <FormError message=notice.message.clone() />
                <input type="hidden" name="next" value=next />
                <Field
                    label=sign_in::email()
                    name="email"
                    kind="email"
                    value=notice.email
                    required=true
                    attributes=vec![autocomplete("username").into_any_attr()]
                />
                <Field
                    label=sign_in::password()
                    name="password"
                    kind="password"
                    required=true
                    attributes=vec![autocomplete("current-password").into_any_attr()]
                />
                <Button rank=Rank::Primary kind="submit">
                    {sign_in::sign_in()}
                </Button>
            </form>
        </section>
    }
}
