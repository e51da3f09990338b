//! Who else looks at the application just now.

use domain::UserId;
use leptos::prelude::*;
use live::Person;

/// What somebody does who only looks.
pub const LOOKING: &str = "looking";
/// What somebody does who writes a note.
pub const WRITING: &str = "writing";

/// The others by name; nothing while one is alone.
#[component]
pub fn People(people: Signal<Vec<Person>>, me: UserId) -> impl IntoView {
    let me = me.to_string();
    let others = Memo::new(move |_| {
        people.with(|people| people.iter().filter(|person| person.key != me).cloned().collect::<Vec<_>>())
    });
    let person = |person: Person| {
        let writes = person.doing == WRITING;
        view! {
            <li class="person" class:writing=writes data-testid="person" data-doing=person.doing>
                <span class="initials" aria-hidden="true">{initials(&person.name)}</span>
                <span>{person.name} {if writes { " is writing a note" } else { "" }}</span>
            </li>
        }
    };
    view! {
        <div class="people" role="status" aria-label="Also looking at this application" data-testid="people">
            <Show when=move || others.with(|others| !others.is_empty())>
                <span class="hint">"Also here"</span>
                <ul>{move || others.get().into_iter().map(person).collect_view()}</ul>
            </Show>
        </div>
    }
}

/// The first letters of the first and the last name.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    words.next().into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_name() {
        let made = ["Ada Lovelace", "Juan de la Cruz", "Pelé", "", "ßen Ü"].map(initials);
        assert_eq!(made, ["AL", "JC", "P", "", "SSÜ"]);
    }
}
