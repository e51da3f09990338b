//! The sign-in page of recruiters, which works without scripts.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::notice::{FormError, form_notice};

/// The page `/sign-in?next=<path>`; after signing in, the server redirects to `next`.
#[component]
pub fn SignIn() -> impl IntoView {
    let next = use_query_map().with_untracked(|query| query.get("next")).unwrap_or_else(|| "/".to_owned());
    let notice = form_notice();
    view! {
        <Title text="Sign in" />
        <section class="sign-in">
            <h1>"Sign in"</h1>
            <p class="lead">"For recruiters and hiring managers."</p>
            <form method="post" action="/sign-in" class="stack">
                <FormError message=notice.message />
                <input type="hidden" name="next" value=next />
                <label>
                    "E-mail" <input name="email" type="email" autocomplete="username" required value=notice.email />
                </label>
                <label>
                    "Password" <input name="password" type="password" autocomplete="current-password" required />
                </label>
                <button class="primary">"Sign in"</button>
            </form>
        </section>
    }
}
