//! The notes on an application, and the form that adds one.

use domain::{ApplicationId, application::MAX_NOTE_CHARS, application::Note};
use leptos::{
    attr::{any_attribute::IntoAnyAttribute, custom::custom_attribute, maxlength},
    ev::KeyboardEvent,
    form::ActionForm,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::HtmlTextAreaElement,
};

use super::server_fns::AddNote;
use crate::{
    draft::Draft,
    i18n::application as texts,
    layout::{ActionError, action_error},
    time::LocalTime,
    ui::{Button, TextArea},
};

/// The notes, oldest first, with the form below. The form works without scripts. Sets `writing` while
/// the viewer has an unsent note, which is kept as `draft`.
#[component]
pub fn Notes(id: ApplicationId, notes: Signal<Vec<Note>>, writing: RwSignal<bool>, draft: Draft) -> impl IntoView {
    let added = ServerAction::<AddNote>::new();
    let text = RwSignal::new(String::new());
    let draft = StoredValue::new(draft);
    let on_input = move |typed: String| {
        writing.set(!typed.trim().is_empty());
        draft.with_value(|draft| draft.save(&typed));
        text.set(typed);
    };
    // Text that was typed before hydration is newer than the draft; the field reports it after this.
    Effect::new(move |_| {
        if let Some(saved) = draft.with_value(Draft::load) {
            on_input(saved);
        }
    });
    // Text that the server refused stays in the box.
    Effect::new(move |_| {
        if let Some(Ok(())) = added.value().get() {
            on_input(String::new());
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
            <ActionForm action=added on:keydown=|event| submit_on_shortcut(&event)>
                <input type="hidden" name="id" value=id.to_string() />
                <TextArea
                    label=texts::new_note()
                    name="text"
                    id="note"
                    required=true
                    value=text
                    on_input
                    attributes=vec![
                        maxlength(MAX_NOTE_CHARS.to_string()).into_any_attr(),
                        custom_attribute("aria-keyshortcuts", "Control+Enter").into_any_attr(),
                    ]
                />
                <Button kind="submit" busy=added.pending()>
                    {texts::add_note()}
                </Button>
            </ActionForm>
            <ActionError message />
        </section>
    }
}

/// Control+Enter, or Command+Enter, sends the form of the field.
fn submit_on_shortcut(event: &KeyboardEvent) {
    let is_shortcut = event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) && !event.is_composing();
    let field = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok());
    if is_shortcut && let Some(form) = field.and_then(|field| field.form()) {
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
