//! What happened elsewhere, said for a few seconds at the edge of the page.
//!
//! It says only what the page shows as well, so that nothing is lost with it.

use leptos::prelude::*;

/// How long a sentence stays, unless one points at it or reads it with the keyboard.
#[cfg(target_arch = "wasm32")]
const STAYS: std::time::Duration = std::time::Duration::from_secs(6);
/// More than that are too many to read: the oldest go.
const MOST: usize = 3;

/// Says things on this page.
#[derive(Clone, Copy, Debug)]
pub struct Toaster {
    said: RwSignal<Vec<(u32, String)>>,
    newest: StoredValue<u32>,
}

impl Toaster {
    /// Says `sentence` for a while.
    pub fn say(self, sentence: String) {
        self.newest.update_value(|newest| *newest += 1);
        let id = self.newest.get_value();
        self.said.update(|said| {
            said.push((id, sentence));
            let many = said.len().saturating_sub(MOST);
            said.drain(..many);
        });
        #[cfg(target_arch = "wasm32")]
        set_timeout(move || self.take_back(id), STAYS);
    }

    fn take_back(self, id: u32) {
        self.said.update(|said| said.retain(|(known, _)| *known != id));
    }
}

/// For the whole tab, once.
pub fn provide_toasts() {
    provide_context(Toaster { said: RwSignal::new(Vec::new()), newest: StoredValue::new(0) });
}

/// Where they appear.
#[component]
pub fn Toasts() -> impl IntoView {
    let toaster = expect_context::<Toaster>();
    view! {
        <div class="toasts" role="status" aria-live="polite" data-testid="toasts">
            <For each=move || toaster.said.get() key=|(id, _)| *id let:said>
                <p class="toast" data-testid="toast">
                    <span>{said.1.clone()}</span>
                    <button class="quiet" aria-label="Dismiss" on:click=move |_| toaster.take_back(said.0)>
                        "×"
                    </button>
                </p>
            </For>
        </div>
    }
}
