//! Short messages at the edge of the page that go away by themselves.
//!
//! A toast says only what the page shows as well, or offers to undo it, so that nothing is lost when
//! it goes.

use std::time::Duration;

use leptos::{
    ev::{FocusEvent, KeyboardEvent},
    html,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{HtmlElement, Node},
};
use send_wrapper::SendWrapper;

/// How long a message stays.
const SHOWN: Duration = Duration::from_secs(6);
/// How long a message stays that can be undone.
const UNDO_SHOWN: Duration = Duration::from_secs(10);
/// How long it stays at least after the pointer or the focus has left it.
const AFTER_USE: Duration = Duration::from_secs(2);
/// The number of messages that are shown at once; older ones go first.
const MAX_SHOWN: usize = 3;

/// One message.
#[derive(Clone, Debug)]
pub struct Toast {
    text: String,
    action: Option<Action>,
}

/// What a reader can do about a message.
#[derive(Clone, Debug)]
enum Action {
    Follow { label: String, href: String },
    Undo { label: String, undo: Callback<()> },
}

impl Toast {
    /// Creates a message of one sentence.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), action: None }
    }

    /// Adds a link to what the message is about.
    pub fn with_link(self, label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { action: Some(Action::Follow { label: label.into(), href: href.into() }), ..self }
    }

    /// Adds a button that undoes what the message reports.
    pub fn with_undo(self, label: impl Into<String>, undo: impl Fn(()) + Send + Sync + 'static) -> Self {
        Self { action: Some(Action::Undo { label: label.into(), undo: Callback::new(undo) }), ..self }
    }

    fn can_be_undone(&self) -> bool {
        matches!(self.action, Some(Action::Undo { .. }))
    }
}

impl From<String> for Toast {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// Shows messages; a handle that is cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Toaster {
    shown: RwSignal<Vec<(u32, Toast)>>,
    newest: StoredValue<u32>,
}

impl Toaster {
    /// Shows `toast` for some seconds.
    pub fn show(self, toast: impl Into<Toast>) {
        let toast = toast.into();
        self.newest.update_value(|newest| *newest += 1);
        let id = self.newest.get_value();
        self.shown.update(|shown| {
            shown.push((id, toast));
            while shown.len() > MAX_SHOWN {
                let oldest = shown.iter().position(|(_, toast)| !toast.can_be_undone()).unwrap_or_default();
                shown.remove(oldest);
            }
        });
    }

    fn dismiss(self, id: u32) {
        self.shown.update(|shown| shown.retain(|(other, _)| *other != id));
    }

    /// Dismisses the message after `delay`, but not while it is pointed at or has the focus.
    fn expire(self, id: u32, node: NodeRef<html::P>, delay: Duration) {
        let expired = move || {
            let in_use =
                |node: leptos::web_sys::HtmlParagraphElement| node.matches(":hover, :focus-within").unwrap_or_default();
            // A message that was dismissed has left the page.
            if node.try_get_untracked().flatten().is_some_and(in_use) {
                self.expire(id, node, AFTER_USE);
            } else {
                self.dismiss(id);
            }
        };
        set_timeout(expired, delay);
    }
}

/// Provides the [`Toaster`] of a tab as context.
pub fn provide_toaster() {
    provide_context(Toaster { shown: RwSignal::new(Vec::new()), newest: StoredValue::new(0) });
}

/// Renders the messages; once on a page. Escape dismisses the one that has the focus, and the focus
/// returns to where it was.
#[component]
pub fn Toasts(
    /// The accessible name of the button that dismisses a message.
    #[prop(into)]
    dismiss_label: Signal<String>,
) -> impl IntoView {
    let toaster = expect_context::<Toaster>();
    let region = NodeRef::<html::Div>::new();
    let left = StoredValue::new(None::<SendWrapper<HtmlElement>>);
    let entered = move |event: FocusEvent| {
        let from = event.related_target().and_then(|from| from.dyn_into::<HtmlElement>().ok());
        if !from.as_ref().is_some_and(|from| contains(region, from)) {
            left.set_value(from.map(SendWrapper::new));
        }
    };
    let dismiss = move |id| {
        let focused = document().active_element().is_some_and(|active| contains(region, &active));
        toaster.dismiss(id);
        if focused && let Some(left) = left.get_value() {
            // Only fails for an element without a document.
            drop(left.focus());
        }
    };
    view! {
        <div class="toasts" role="status" aria-live="polite" data-testid="toasts" node_ref=region on:focusin=entered>
            <For each=move || toaster.shown.get() key=|(id, _)| *id let:shown>
                <Message shown dismiss_label dismiss=Callback::new(dismiss) />
            </For>
        </div>
    }
}

#[component]
fn Message(shown: (u32, Toast), dismiss_label: Signal<String>, dismiss: Callback<u32>) -> impl IntoView {
    let (id, toast) = shown;
    let toaster = expect_context::<Toaster>();
    let node = NodeRef::<html::P>::new();
    let delay = if toast.can_be_undone() { UNDO_SHOWN } else { SHOWN };
    // An effect, so that the time begins in the browser.
    Effect::new(move |_| toaster.expire(id, node, delay));
    let escape = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            dismiss.run(id);
        }
    };
    let action = toast.action.map(|action| match action {
        Action::Follow { label, href } => view! { <a href=href>{label}</a> }.into_any(),
        Action::Undo { label, undo } => {
            let undo = move |_| {
                undo.run(());
                dismiss.run(id);
            };
            view! { <button type="button" class="button quiet" on:click=undo>{label}</button> }.into_any()
        }
    });
    view! {
        <p class="toast" data-testid="toast" node_ref=node on:keydown=escape>
            <span>{toast.text}</span>
            {action}
            <button type="button" class="button quiet" aria-label=dismiss_label on:click=move |_| dismiss.run(id)>
                "×"
            </button>
        </p>
    }
}

fn contains(region: NodeRef<html::Div>, node: &Node) -> bool {
    region.try_get_untracked().flatten().is_some_and(|region| region.contains(Some(node)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_can_be_undone_outlives_newer_ones() {
        Owner::new().with(|| {
            let toaster = Toaster { shown: RwSignal::new(Vec::new()), newest: StoredValue::new(0) };
            toaster.show(Toast::new("moved").with_undo("Undo", |()| ()));
            for text in ["a", "b", "c"] {
                toaster.show(Toast::new(text));
            }
            let shown = toaster.shown.get_untracked();
            let texts = shown.iter().map(|(_, toast)| toast.text.as_str()).collect::<Vec<_>>();
            assert_eq!(texts, ["moved", "b", "c"]);
        });
    }
}
