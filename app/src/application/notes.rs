//! The notes on an application, and the form that adds one.

use domain::{ApplicationId, application::MAX_NOTE_CHARS, application::Note};
use leptos::{form::ActionForm, html::Textarea, prelude::*};

use super::server_fns::AddNote;
use crate::{layout::ActionError, time};

/// The notes, oldest first, with the form below. The form works without scripts. Sets `writing` while
/// the viewer has an unsent note.
#[component]
pub fn Notes(id: ApplicationId, notes: Signal<Vec<Note>>, writing: RwSignal<bool>) -> impl IntoView {
    let added = ServerAction::<AddNote>::new();
    let text = NodeRef::<Textarea>::new();
    // Text that the server refused stays in the box.
    Effect::new(move |_| {
        if let (Some(Ok(())), Some(text)) = (added.value().get(), text.get_untracked()) {
            text.set_value("");
            writing.set(false);
        }
    });
    let message = Signal::derive(move || added.value().get().and_then(Result::err).map(|error| error.message));
    let numbered = move || notes.get().into_iter().enumerate().collect::<Vec<_>>();
    view! {
        <section class="notes" aria-labelledby="notes">
            <h2 id="notes">"Notes"</h2>
            <Show when=move || notes.with(Vec::is_empty)>
                <p class="hint">"No notes yet. Applicants never see notes."</p>
            </Show>
            <ol aria-live="polite" data-testid="notes">
                <For each=numbered key=|(n, _)| *n let:numbered>
                    <NoteItem note=numbered.1 />
                </For>
            </ol>
            <ActionForm action=added>
                <input type="hidden" name="id" value=id.to_string() />
                <label for="note">"New note, visible to colleagues only"</label>
                <textarea
                    id="note"
                    name="text"
                    rows="3"
                    required
                    maxlength=MAX_NOTE_CHARS.to_string()
                    node_ref=text
                    on:input=move |event| writing.set(!event_target_value(&event).trim().is_empty())
                ></textarea>
                <button disabled=move || added.pending().get()>"Add note"</button>
            </ActionForm>
            <ActionError message />
        </section>
    }
}

#[component]
fn NoteItem(note: Note) -> impl IntoView {
    view! {
        <li data-testid="note">
            <p class="hint">
                <strong>{note.by}</strong> " " <time datetime=time::iso_date(note.at)>{time::date_time(note.at)}</time>
            </p>
            <p class="text" dir="auto">
                {note.text}
            </p>
        </li>
    }
}
