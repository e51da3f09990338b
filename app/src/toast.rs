//! Short messages at the edge of the page about what other people did.
//!
//! A toast repeats what the page shows elsewhere, so a missed toast loses nothing.

use leptos::prelude::*;

/// How long a toast stays after it appeared.
#[cfg(target_arch = "wasm32")]
const TOAST_DURATION: std::time::Duration = std::time::Duration::from_secs(6);
/// The number of toasts shown at once; older ones are removed.
const MAX_TOASTS: usize = 3;

#[derive(Clone, Debug)]
struct Toast {
    id: u32,
    text: String,
    href: Option<String>,
}

/// Shows toasts in this tab. A context value.
#[derive(Clone, Copy, Debug)]
pub struct Toaster {
    toasts: RwSignal<Vec<Toast>>,
    last_id: StoredValue<u32>,
}

impl Toaster {
    /// Shows `text` for a few seconds.
    pub fn show(self, text: String) {
        self.add(text, None);
    }

    /// Like [`Toaster::show`], with an "Open" link to `href`.
    pub fn show_with_link(self, text: String, href: String) {
        self.add(text, Some(href));
    }

    fn add(self, text: String, href: Option<String>) {
        self.last_id.update_value(|id| *id += 1);
        let id = self.last_id.get_value();
        self.toasts.update(|toasts| {
            toasts.push(Toast { id, text, href });
            let excess = toasts.len().saturating_sub(MAX_TOASTS);
            toasts.drain(..excess);
        });
        #[cfg(target_arch = "wasm32")]
        set_timeout(move || self.dismiss(id), TOAST_DURATION);
    }

    fn dismiss(self, id: u32) {
        self.toasts.update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

/// Provides the [`Toaster`] of this tab.
pub fn provide_toaster() {
    provide_context(Toaster { toasts: RwSignal::new(Vec::new()), last_id: StoredValue::new(0) });
}

/// The region in which toasts appear.
#[component]
pub fn Toasts() -> impl IntoView {
    let toaster = expect_context::<Toaster>();
    view! {
        <div class="toasts" role="status" aria-live="polite" data-testid="toasts">
            <For each=move || toaster.toasts.get() key=|toast| toast.id let:toast>
                <p class="toast" data-testid="toast">
                    <span>{toast.text}</span>
                    {toast.href.map(|href| view! { <a href=href>"Open"</a> })}
                    <button class="quiet" aria-label="Dismiss" on:click=move |_| toaster.dismiss(toast.id)>
                        "×"
                    </button>
                </p>
            </For>
        </div>
    }
}
