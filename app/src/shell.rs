//! The HTML document around every page.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::{i18n, routes::App, update::BUILD_META};

/// The document of a page. `build` identifies the browser files that belong to it. Public pages load no
/// WASM: they are HTML, a style sheet and, for the form, one small script.
pub fn shell(build: &str) -> impl IntoView + use<> {
    let build = build.to_owned();
    let hydrates = hydrates(&path());
    view! {
        <!DOCTYPE html>
        <html lang=i18n::current().tag()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                {epoch().map(|epoch| view! { <meta name="live-epoch" content=epoch /> })}
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href="/pkg/verbatim.css" />
                <script type="module" src="/time.js"></script>
                {hydrates.then(|| view! { <HydrationModule build_id=build /> })}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The epoch of the event log that the page was rendered from. A live socket of another epoch closes
/// the page's subscriptions. Provided as context by the server.
#[derive(Clone, Debug)]
pub struct LiveEpoch(pub String);

fn epoch() -> Option<String> {
    use_context::<LiveEpoch>().map(|LiveEpoch(epoch)| epoch).filter(|epoch| !epoch.is_empty())
}

/// Loads the WASM module and hydrates the page. A module of another build may expect other elements than
/// the page has, so `hydrate.js` does not run it: the page then works as without scripts and offers a
/// reload. Nor does it hydrate after the address changed from the one that the page was rendered for.
#[component]
fn HydrationModule(build_id: String) -> impl IntoView {
    let texts = format!("/texts/{}/{}.txt", i18n::VERSION, i18n::current());
    view! {
        <meta name=BUILD_META content=build_id />
        <meta name="verbatim-texts" content=texts.clone() />
        <meta name="verbatim-path" content=path_and_query() />
        <link rel="modulepreload" href="/pkg/verbatim.js" crossorigin="" />
        <link rel="preload" href="/pkg/verbatim.wasm" r#as="fetch" r#type="application/wasm" crossorigin="" />
        <link rel="preload" href=texts r#as="fetch" crossorigin="" />
        <script type="module" nonce=use_nonce()>
            {include_str!("hydrate.js")}
        </script>
    }
}

fn hydrates(path: &str) -> bool {
    !(path.starts_with("/careers") || path.starts_with("/sign-in"))
}

fn path() -> String {
    let mut path = path_and_query();
    path.truncate(path.find('?').unwrap_or(path.len()));
    path
}

fn path_and_query() -> String {
    #[cfg(feature = "ssr")]
    if let Some(parts) = use_context::<http::request::Parts>() {
        return parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_live_pages_load_wasm() {
        assert!(!hydrates("/careers") && !hydrates("/careers/backend-engineer") && !hydrates("/sign-in"));
        assert!(hydrates("/") && hydrates("/applications/1") && hydrates("/status/x"));
    }
}
