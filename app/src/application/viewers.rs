//! The other people who have the application open.

use domain::UserId;
use leptos::prelude::*;
use live::Person;

use crate::ui::Avatar;

use crate::i18n::application as texts;

/// The activity of a person who has the page open.
pub const VIEWING: &str = "looking";
/// The activity of a person who is typing a note.
pub const WRITING_NOTE: &str = "writing";

/// The names of the other people and whether they are typing a note.
#[component]
pub fn OtherViewers(people: Signal<Vec<Person>>, me: UserId) -> impl IntoView {
    let me = me.to_string();
    let others = Memo::new(move |_| {
        people.with(|people| people.iter().filter(|person| person.key != me).cloned().collect::<Vec<_>>())
    });
    let person = |person: Person| {
        let is_writing = person.doing == WRITING_NOTE;
        view! {
            <li class="person" data-testid="person" data-doing=person.doing>
                <Avatar name=person.name.clone() active=is_writing />
                <span>{if is_writing { texts::writing_note(&person.name) } else { person.name }}</span>
            </li>
        }
    };
    view! {
        <div class="people" role="status" aria-label=texts::also_viewing() data-testid="people">
            <Show when=move || others.with(|others| !others.is_empty())>
                <span class="hint">{texts::also_here()}</span>
                <ul>{move || others.get().into_iter().map(person).collect_view()}</ul>
            </Show>
        </div>
    }
}
