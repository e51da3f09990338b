//! A dialog that finds a command by some of its letters.

use leptos::{
    ev::{self, KeyboardEvent},
    html,
    prelude::*,
};

use super::dialog::keep_open;

/// One thing that can be done or opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What is reported when it is chosen; unique in the palette.
    pub id: String,
    /// Its name, which is searched.
    pub label: String,
    /// The group or place that it belongs to, which is searched too; may be empty.
    pub detail: String,
}

impl Command {
    /// Ranks how well `words`, in lower case, fit: 0 best, `None` not at all.
    fn rank(&self, words: &[String]) -> Option<u8> {
        let label = self.label.to_lowercase();
        let text = format!("{label} {}", self.detail.to_lowercase());
        let begins_word =
            |word: &String| text.split(|c: char| !c.is_alphanumeric()).any(|other| other.starts_with(word));
        match words {
            words if !words.iter().all(|word| text.contains(word)) => None,
            [first, ..] if label.starts_with(first) => Some(0),
            words if words.iter().all(begins_word) => Some(1),
            _ => Some(2),
        }
    }
}

/// The commands that contain every word of `query`, the best first.
fn search(commands: &[Command], query: &str) -> Vec<Command> {
    let words: Vec<_> = query.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let mut found: Vec<_> = commands.iter().filter_map(|command| Some((command.rank(&words)?, command))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, command)| command.clone()).collect()
}

/// Renders a modal dialog with a `combobox` and its `listbox`.
///
/// Up, Down and Enter choose among the commands that fit what is typed; Escape closes it and returns
/// the focus.
#[component]
pub fn CommandPalette(
    /// The prefix of all `id`s in it, unique on the page.
    #[prop(into)]
    id: String,
    /// The accessible name of the dialog and its field.
    #[prop(into)]
    label: Signal<String>,
    /// What the field shows while it is empty.
    #[prop(into)]
    placeholder: Signal<String>,
    /// What is shown when no command fits.
    #[prop(into)]
    empty: Signal<String>,
    /// The commands, in the order in which they are offered before anything is typed.
    #[prop(into)]
    commands: Signal<Vec<Command>>,
    /// Whether it is open; set to `false` when it closes.
    open: RwSignal<bool>,
    /// Whether Ctrl+K or ⌘K opens it from anywhere on the page.
    #[prop(optional)]
    hotkey: bool,
    /// Called with the `id` of the command that was chosen, after the palette has closed.
    #[prop(into)]
    on_choose: Callback<String>,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let query = RwSignal::new(String::new());
    let active = RwSignal::new(0);
    let found = Memo::new(move |_| commands.with(|commands| query.with(|query| search(commands, query))));
    keep_open(node, open);
    if hotkey {
        open_by_key(open);
    }
    let toggled = move |_| {
        node.try_get_untracked().flatten().into_iter().for_each(|dialog| open.set(dialog.open()));
        query.set(String::new());
        active.set(0);
    };
    let choose = move |command: String| {
        // The dialog first gives the focus back to where it was.
        node.try_get_untracked().flatten().into_iter().for_each(|dialog| dialog.close());
        on_choose.run(command);
    };
    let list = format!("{id}-list");
    let option_id = move |n: usize| format!("{id}-{n}");
    let press = {
        let option_id = option_id.clone();
        move |event: KeyboardEvent| {
            let Some(last) = found.with_untracked(Vec::len).checked_sub(1) else { return };
            let n = active.get_untracked().min(last);
            match event.key().as_str() {
                "ArrowDown" => active.set(if n == last { 0 } else { n + 1 }),
                "ArrowUp" => active.set(n.checked_sub(1).unwrap_or(last)),
                "Enter" => choose(found.with_untracked(|found| found[n].id.clone())),
                _ => return,
            }
            event.prevent_default();
            if let Some(option) = document().get_element_by_id(&option_id(active.get_untracked())) {
                option.scroll_into_view_with_bool(false);
            }
        }
    };
    let current = {
        let option_id = option_id.clone();
        move || found.with(|found| !found.is_empty()).then(|| option_id(active.get()))
    };
    let option = move |(n, command): (usize, Command)| {
        view! {
            <li
                id=option_id(n)
                role="option"
                aria-selected=move || (active.get() == n).to_string()
                on:pointermove=move |_| active.set(n)
                on:click=move |_| choose(command.id.clone())
            >
                <span>{command.label}</span>
                <span class="palette-detail">{command.detail}</span>
            </li>
        }
    };
    view! {
        <dialog class="palette" aria-label=label closedby="any" node_ref=node on:toggle=toggled on:close=toggled>
            <input
                type="text"
                role="combobox"
                aria-label=label
                aria-autocomplete="list"
                aria-expanded="true"
                aria-controls=list.clone()
                aria-activedescendant=current
                placeholder=placeholder
                autocomplete="off"
                spellcheck="false"
                autofocus
                prop:value=query
                on:input=move |event| {
                    query.set(event_target_value(&event));
                    active.set(0);
                }
                on:keydown=press
            />
            <ul id=list role="listbox" aria-label=label>
                {move || found.get().into_iter().enumerate().map(&option).collect_view()}
            </ul>
            <p class="palette-empty" role="status">
                {move || found.with(Vec::is_empty).then(|| empty.get())}
            </p>
        </dialog>
    }
}

/// Opens on Ctrl+K or ⌘K as long as the component lives.
fn open_by_key(open: RwSignal<bool>) {
    Effect::new(move |_| {
        let pressed = move |event: KeyboardEvent| {
            if (event.ctrl_key() || event.meta_key()) && event.key() == "k" {
                event.prevent_default();
                open.set(true);
            }
        };
        let listener = window_event_listener(ev::keydown, pressed);
        on_cleanup(move || listener.remove());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands() -> Vec<Command> {
        [("Close posting", "Backend engineer"), ("Reopen postings", ""), ("Postings", "Pages"), ("Sign out", "Account")]
            .map(|(label, detail)| Command { id: label.into(), label: label.into(), detail: detail.into() })
            .to_vec()
    }

    fn found(query: &str) -> Vec<String> {
        search(&commands(), query).into_iter().map(|command| command.label).collect()
    }

    #[test]
    fn names_that_begin_with_the_query_come_before_those_with_such_a_word() {
        assert_eq!(found("post"), ["Postings", "Close posting", "Reopen postings"]);
        assert_eq!(found("ost"), ["Close posting", "Reopen postings", "Postings"]);
    }

    #[test]
    fn every_word_must_fit_somewhere() {
        assert_eq!(found("BACK close"), ["Close posting"]);
        assert_eq!(found("close account"), Vec::<String>::new());
        assert_eq!(found(" ").len(), 4);
    }
}
