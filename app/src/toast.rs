//! What happened elsewhere, said for a few seconds at the edge of the page.
//!
//! It says only what the page shows as well, so that nothing is lost with it.

use leptos::prelude::*;

/// How long a sentence stays, unless one points at it or reads it with the keyboard.
#[cfg(target_arch = "wasm32")]
const STAYS: std::time::Duration = std::time::Duration::from_secs(6);
/// More than that are too many to read: the oldest go.
const MOST: usize = 3;

/// One thing that is said.
#[derive(Clone, Debug)]
struct Toast {
    id: u32,
    sentence: String,
    /// Where one sees it.
    href: Option<String>,
}

/// Says things on this page.
#[derive(Clone, Copy, Debug)]
pub struct Toaster {
    said: RwSignal<Vec<Toast>>,
    newest: StoredValue<u32>,
}

impl Toaster {
    /// Says `sentence` for a while.
    pub fn say(self, sentence: String) {
        self.add(sentence, None);
    }

    /// The same, with the way to where one sees it.
    pub fn say_of(self, sentence: String, href: String) {
        self.add(sentence, Some(href));
    }

    fn add(self, sentence: String, href: Option<String>) {
        self.newest.update_value(|newest| *newest += 1);
        let id = self.newest.get_value();
        self.said.update(|said| {
            said.push(Toast { id, sentence, href });
            let many = said.len().saturating_sub(MOST);
            said.drain(..many);
        });
        #[cfg(target_arch = "wasm32")]
        set_timeout(move || self.take_back(id), STAYS);
    }

    fn take_back(self, id: u32) {
        self.said.update(|said| said.retain(|toast| toast.id != id));
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
            <For each=move || toaster.said.get() key=|toast| toast.id let:said>
                <p class="toast" data-testid="toast">
                    <span>{said.sentence}</span>
                    {said.href.map(|href| view! { <a href=href>"Open"</a> })}
                    <button class="quiet" aria-label="Dismiss" on:click=move |_| toaster.take_back(said.id)>
                        "×"
                    </button>
                </p>
            </For>
        </div>
    }
}
