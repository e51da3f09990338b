//! A person in a circle.

use leptos::prelude::*;

/// The number of background colors in `style/ui/avatar.css`.
const HUES: usize = 6;

/// Renders the picture of a person, or the initials on a color that belongs to the name.
///
/// Screen readers skip it unless it is `alone`, because the name usually follows as text.
#[component]
pub fn Avatar(
    /// The person's name.
    #[prop(into)]
    name: String,
    /// The address of a picture.
    #[prop(optional, into)]
    picture: Option<String>,
    /// Whether the name is not written beside it.
    #[prop(optional)]
    alone: bool,
    /// Whether it is twice as large, for the head of a page.
    #[prop(optional)]
    large: bool,
    /// Whether a ring around it says that the person is active.
    #[prop(optional, into)]
    active: Signal<bool>,
) -> impl IntoView {
    let content = match picture {
        Some(picture) => view! { <img src=picture alt="" /> }.into_any(),
        None => initials(&name).into_any(),
    };
    let hue = name.chars().map(|letter| letter as usize).sum::<usize>() % HUES;
    view! {
        <span
            class="avatar"
            class:large=large
            class:active=active
            data-hue=hue.to_string()
            role=alone.then_some("img")
            aria-label=alone.then_some(name)
            aria-hidden=(!alone).then_some("true")
        >
            {content}
        </span>
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
