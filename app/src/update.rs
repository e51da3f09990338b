//! The banners that offer to reload the page: the server has a newer build, or the page failed.
//!
//! The live socket reports the build that the server runs; the page compares it with the build that
//! it was rendered by. The page never reloads without being asked: the user may be typing.

use leptos::prelude::*;

use crate::{
    i18n::layout,
    ui::{Button, ButtonLink, Rank},
};

/// The name of the `<meta>` element that holds the build that rendered the page.
pub const BUILD_META: &str = "verbatim-build";

/// Whether the server runs another build than the page. A context value.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// The server's build, if it is not the page's.
    newer: RwSignal<Option<String>>,
    /// The build whose banner the user dismissed.
    dismissed: RwSignal<Option<String>>,
}

/// Provides the [`Update`] of this tab.
pub fn provide_update() {
    provide_context(Update { newer: RwSignal::new(None), dismissed: RwSignal::new(None) });
}

impl Update {
    /// Records the build that the server runs. The page's own build hides the banner again.
    pub fn set_served_build(self, build: &str) {
        let differs = differs(own_build().as_deref(), build);
        self.newer.set(differs.then(|| build.to_owned()));
    }

    fn is_banner_shown(self) -> bool {
        self.newer.with(|newer| newer.is_some() && self.dismissed.with(|dismissed| dismissed != newer))
    }

    fn dismiss(self) {
        self.dismissed.set(self.newer.get_untracked());
    }
}

/// Whether both builds are known and differ.
fn differs(own: Option<&str>, served: &str) -> bool {
    own.is_some_and(|own| !own.is_empty() && !served.is_empty() && own != served)
}

#[cfg(target_arch = "wasm32")]
fn own_build() -> Option<String> {
    let document = web_sys::window()?.document()?;
    document.query_selector(&format!("meta[name={BUILD_META}]")).ok()??.get_attribute("content")
}

#[cfg(not(target_arch = "wasm32"))]
fn own_build() -> Option<String> {
    None
}

/// The banner: it covers nothing and takes no focus. `hydrate.js` shows it too, when the module that
/// it loads belongs to another build than the page.
#[component]
pub fn UpdateBanner() -> impl IntoView {
    let update: Update = expect_context();
    view! {
        <div role="status" aria-live="polite">
            <div class="banner update" id="update" data-testid="update-offer" hidden=move || !update.is_banner_shown()>
                <span>{layout::new_version()}</span>
                <ButtonLink href="" attr:rel="external">
                    {layout::reload()}
                </ButtonLink>
                <Button rank=Rank::Quiet on_press=move |_| update.dismiss()>
                    {layout::not_now()}
                </Button>
            </div>
        </div>
    }
}

/// The banner of a page that did not start or has stopped working. Only `hydrate.js` shows it.
#[component]
pub fn FailureBanner() -> impl IntoView {
    view! {
        <div role="alert">
            <div class="banner update" id="failure" data-testid="failure-banner" hidden>
                <span>{layout::page_failed()}</span>
                <ButtonLink href="" attr:rel="external">
                    {layout::reload()}
                </ButtonLink>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_builds_differ() {
        assert!(differs(Some("a"), "b"));
        assert!(!differs(Some("a"), "a"));
        assert!(!differs(None, "b") && !differs(Some(""), "b") && !differs(Some("a"), ""));
    }

    #[test]
    fn a_dismissed_banner_returns_only_for_another_build() {
        Owner::new().with(|| {
            let update = Update { newer: RwSignal::new(None), dismissed: RwSignal::new(None) };
            assert!(!update.is_banner_shown());
            update.newer.set(Some("b".to_owned()));
            assert!(update.is_banner_shown());
            update.dismiss();
            assert!(!update.is_banner_shown());
            update.newer.set(Some("c".to_owned()));
            assert!(update.is_banner_shown());
        });
    }
}
