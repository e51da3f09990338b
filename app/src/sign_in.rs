//! The sign-in page of recruiters, which works without scripts.

use leptos::{
    attr::{any_attribute::IntoAnyAttribute, autocomplete},
    prelude::*,
};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    notice::{FormError, form_notice},
    ui::{Button, Field, Rank},
};

/// The page `/sign-in?next=<path>`; after signing in, the server redirects to `next`.
#[component]
pub fn SignIn() -> impl IntoView {
    let next = use_query_map().with_untracked(|query| query.get("next")).unwrap_or_else(|| "/".to_owned());
    let notice = form_notice();
    view! {
        <Title text=notice.page_title("Sign in") />
        <section class="sign-in">
            <h1>"Sign in"</h1>
            <p class="lead">"For recruiters and hiring managers."</p>
            <form method="post" action="/sign-in" class="stack">
                <FormError message=notice.message.clone() />
                <input type="hidden" name="next" value=next />
                <Field
                    label="E-mail"
                    name="email"
                    kind="email"
                    value=notice.email
                    required=true
                    attributes=vec![autocomplete("username").into_any_attr()]
                />
                <Field
                    label="Password"
                    name="password"
                    kind="password"
                    required=true
                    attributes=vec![autocomplete("current-password").into_any_attr()]
                />
                <Button rank=Rank::Primary kind="submit">
                    "Sign in"
                </Button>
            </form>
        </section>
    }
}
