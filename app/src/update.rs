//! The offer to load a newer version of the browser's half.
//!
//! A page learns what the server serves from its live socket, and compares that with what it was
//! rendered with. Refuses to reload by itself: somebody may be in the middle of a sentence.

use leptos::prelude::*;

/// The name of the meta element that says which build a page belongs to.
pub const BUILD: &str = "verbatim-build";

/// Whether the server serves another build than this page's.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// Another build than this page's.
    newer: RwSignal<Option<String>>,
    /// The one that was not wanted yet.
    declined: RwSignal<Option<String>>,
}

/// For the whole tab, once.
pub fn provide_update() {
    provide_context(Update { newer: RwSignal::new(None), declined: RwSignal::new(None) });
}

impl Update {
    /// Takes note of the build that the server serves now. To be called with whatever the live socket
    /// says, as often as it says it: the same build as this page's takes the offer back.
    pub fn tell_of_build(self, build: &str) {
        let other = is_other(own_build().as_deref(), build);
        self.newer.set(other.then(|| build.to_owned()));
    }

    fn is_offered(self) -> bool {
        self.newer.with(|newer| newer.is_some() && self.declined.with(|declined| declined != newer))
    }

    fn decline(self) {
        self.declined.set(self.newer.get_untracked());
    }
}

/// A build that is not known is not another one.
fn is_other(own: Option<&str>, served: &str) -> bool {
    own.is_some_and(|own| !own.is_empty() && !served.is_empty() && own != served)
}

#[cfg(target_arch = "wasm32")]
fn own_build() -> Option<String> {
    let document = web_sys::window()?.document()?;
    document.query_selector(&format!("meta[name={BUILD}]")).ok()??.get_attribute("content")
}

#[cfg(not(target_arch = "wasm32"))]
fn own_build() -> Option<String> {
    None
}

/// The offer: a strip at the edge of the page that covers nothing and takes no focus. The script
/// that loads the module shows it too, where the server has another one already (`shell.rs`).
#[component]
pub fn UpdateOffer() -> impl IntoView {
    let update: Update = expect_context();
    view! {
        <div role="status" aria-live="polite">
            <div class="banner update" id="update" data-testid="update-offer" hidden=move || !update.is_offered()>
                <span>"A new version is here. Load it when it suits you."</span>
                <a class="button" href="" rel="external">
                    "Reload"
                </a>
                <button type="button" class="quiet" on:click=move |_| update.decline()>
                    "Not now"
                </button>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_build_that_is_known_to_differ_is_another_one() {
        assert!(is_other(Some("a"), "b"));
        assert!(!is_other(Some("a"), "a"));
        assert!(!is_other(None, "b") && !is_other(Some(""), "b") && !is_other(Some("a"), ""));
    }

    #[test]
    fn an_offer_that_was_declined_comes_back_with_the_next_build_only() {
        Owner::new().with(|| {
            let update = Update { newer: RwSignal::new(None), declined: RwSignal::new(None) };
            assert!(!update.is_offered());
            update.newer.set(Some("b".to_owned()));
            assert!(update.is_offered());
            update.decline();
            assert!(!update.is_offered());
            update.newer.set(Some("c".to_owned()));
            assert!(update.is_offered());
        });
    }
}
