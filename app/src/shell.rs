//! The HTML around every page.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::{routes::App, update::BUILD};

/// The document, for the browser files of `build`. Public pages ship no WASM: they are HTML, style,
/// and for the form one small script.
pub fn shell(build: &str) -> impl IntoView + use<> {
    let build = build.to_owned();
    let hydrates = hydrates(&path());
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                {epoch().map(|epoch| view! { <meta name="live-epoch" content=epoch /> })}
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href="/pkg/verbatim.css" />
                {hydrates.then(|| view! { <Module name=build /> })}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Which history the page is rendered from: the socket of a server of another one says so.
#[derive(Clone, Debug)]
pub struct LiveEpoch(pub String);

fn epoch() -> Option<String> {
    use_context::<LiveEpoch>().map(|LiveEpoch(epoch)| epoch).filter(|epoch| !epoch.is_empty())
}

/// The module of the browser's half, and which build of it this page is for. A module of another build
/// (the server was replaced in this moment) is not let near the page, where it might find other
/// elements than it expects: the page then works as one without scripts, and offers to be loaded again.
#[component]
fn Module(name: String) -> impl IntoView {
    view! {
        <meta name=BUILD content=name />
        <link rel="modulepreload" href="/pkg/verbatim.js" crossorigin="" />
        <link rel="preload" href="/pkg/verbatim.wasm" r#as="fetch" r#type="application/wasm" crossorigin="" />
        <script type="module" nonce=use_nonce()>
            {include_str!("hydrate.js")}
        </script>
    }
}

fn hydrates(path: &str) -> bool {
    !(path.starts_with("/careers") || path.starts_with("/sign-in"))
}

fn path() -> String {
    #[cfg(feature = "ssr")]
    if let Some(parts) = use_context::<http::request::Parts>() {
        return parts.uri.path().to_owned();
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_pages_ship_no_wasm_and_live_pages_do() {
        assert!(!hydrates("/careers") && !hydrates("/careers/backend-engineer") && !hydrates("/sign-in"));
        assert!(hydrates("/") && hydrates("/applications/1") && hydrates("/status/x"));
    }
}
