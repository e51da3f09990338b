//! The notes on an application, and the form that adds one.

use domain::{ApplicationId, application::MAX_NOTE_CHARS, application::Note};
use leptos::{ev::KeyboardEvent, form::ActionForm, html::Textarea, prelude::*};

use super::server_fns::AddNote;
use crate::{
    draft::Draft,
    i18n::application as texts,
    layout::{ActionError, action_error},
    time::LocalTime,
};

/// The notes, oldest first, with the form below. The form works without scripts. Sets `writing` while
/// the viewer has an unsent note, which is kept as `draft`.
#[component]
pub fn Notes(id: ApplicationId, notes: Signal<Vec<Note>>, writing: RwSignal<bool>, draft: Draft) -> impl IntoView {
    let added = ServerAction::<AddNote>::new();
    let text = NodeRef::<Textarea>::new();
    let draft = StoredValue::new(draft);
    let on_change = move |text: &str| {
        writing.set(!text.trim().is_empty());
        draft.with_value(|draft| draft.save(text));
    };
    // Text that was typed before hydration is newer than the draft.
    Effect::new(move |_| {
        let Some(text) = text.get() else { return };
        if text.value().is_empty()
            && let Some(saved) = draft.with_value(Draft::load)
        {
            text.set_value(&saved);
        }
        on_change(&text.value());
    });
    // Text that the server refused stays in the box.
    Effect::new(move |_| {
        if let (Some(Ok(())), Some(text)) = (added.value().get(), text.get_untracked()) {
            text.set_value("");
            on_change("");
        }
    });
    let message = action_error(added);
    let numbered = move || notes.get().into_iter().enumerate().collect::<Vec<_>>();
    view! {
        <section class="notes" aria-labelledby="notes">
            <h2 id="notes">{texts::notes()}</h2>
            <Show when=move || notes.with(Vec::is_empty)>
                <p class="hint">{texts::no_notes()}</p>
            </Show>
            <ol aria-live="polite" data-testid="notes">
                <For each=numbered key=|(n, _)| *n let:numbered>
                    <NoteItem note=numbered.1 />
                </For>
            </ol>
            <ActionForm action=added>
                <input type="hidden" name="id" value=id.to_string() />
                <label for="note">{texts::new_note()}</label>
                <textarea
                    id="note"
                    name="text"
                    rows="3"
                    required
                    maxlength=MAX_NOTE_CHARS.to_string()
                    aria-keyshortcuts="Control+Enter"
                    node_ref=text
                    on:input=move |event| on_change(&event_target_value(&event))
                    on:keydown=move |event| submit_on_shortcut(&event, text)
                ></textarea>
                <button disabled=move || added.pending().get()>{texts::add_note()}</button>
            </ActionForm>
            <ActionError message />
        </section>
    }
}

/// Control+Enter, or Command+Enter, sends the form.
fn submit_on_shortcut(event: &KeyboardEvent, text: NodeRef<Textarea>) {
    let is_shortcut = event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) && !event.is_composing();
    if is_shortcut && let Some(form) = text.get_untracked().and_then(|text| text.form()) {
        event.prevent_default();
        // Fails only for a form without a document.
        drop(form.request_submit());
    }
}

#[component]
fn NoteItem(note: Note) -> impl IntoView {
    view! {
        <li data-testid="note">
            <p class="hint">
                <strong>{note.by}</strong> " " <LocalTime ms=note.at />
            </p>
            <p class="text" dir="auto">
                {note.text}
            </p>
        </li>
    }
}
