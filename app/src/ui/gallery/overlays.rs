//! The parts that open above the page.

use leptos::prelude::*;

use super::{Example, Part};
use crate::ui::{Button, Command, CommandPalette, Dialog, Field, Menu, MenuItem, Rank};

#[component]
pub(super) fn Dialogs() -> impl IntoView {
    let open = RwSignal::new(false);
    let answer = RwSignal::new("-");
    let decide = move |text| {
        move |_| {
            answer.set(text);
            open.set(false);
        }
    };
    let actions = move || {
        view! {
            <Button on_press=decide("kept")>"Keep it"</Button>
            <Button rank=Rank::Danger on_press=decide("deleted")>"Delete"</Button>
        }
    };
    view! {
        <Part name="dialog">
            <Example name="closed">
                <div class="gallery-row">
                    <Button on_press=move |_| open.set(true) attr:data-testid="open-dialog">"Delete"</Button>
                    <output data-testid="dialog-answer">{answer}</output>
                </div>
            </Example>
            <Dialog id="delete-dialog" title="Delete this posting?" open close_label="Close" actions>
                <p>"It has 12 applications. They are deleted with it, and nobody can restore them."</p>
                <Field label="Type the title to confirm" name="confirm" hint="Backend engineer" />
            </Dialog>
        </Part>
    }
}

#[component]
pub(super) fn Menus() -> impl IntoView {
    let chosen = RwSignal::new("-");
    view! {
        <Part name="menu">
            <Example name="closed">
                <div class="gallery-row">
                    <Menu id="actions" label="Actions">
                        <MenuItem on_choose=move || chosen.set("edit")>"Edit"</MenuItem>
                        <MenuItem on_choose=move || chosen.set("duplicate")>"Duplicate"</MenuItem>
                        <MenuItem disabled=true>"Publish"</MenuItem>
                        <MenuItem href="#part-menu">"Open the public page"</MenuItem>
                        <hr />
                        <MenuItem danger=true on_choose=move || chosen.set("delete")>"Delete"</MenuItem>
                    </Menu>
                    <output data-testid="menu-choice">{chosen}</output>
                </div>
            </Example>
            <Example name="hover" force="hover">
                <Menu id="actions-hover" label="Actions"><MenuItem>"Edit"</MenuItem></Menu>
            </Example>
            <Example name="focus" force="focus-visible">
                <Menu id="actions-focus" label="Actions"><MenuItem>"Edit"</MenuItem></Menu>
            </Example>
            <Example name="disabled, quiet">
                <div class="gallery-row">
                    <Menu id="actions-disabled" label="Actions" disabled=true><MenuItem>"Edit"</MenuItem></Menu>
                    <Menu id="actions-quiet" label="More" rank=Rank::Quiet><MenuItem>"Edit"</MenuItem></Menu>
                </div>
            </Example>
        </Part>
    }
}

#[component]
pub(super) fn Palettes() -> impl IntoView {
    let open = RwSignal::new(false);
    let chosen = RwSignal::new("-".to_owned());
    let commands = [
        ("Postings", "Pages"),
        ("Background tasks", "Pages"),
        ("Close the posting", "Backend engineer"),
        ("Create a posting", "Postings"),
        ("Ada Lovelace", "Candidates"),
        ("Sign out", "Account"),
    ]
    .map(|(label, detail)| Command { id: label.to_owned(), label: label.to_owned(), detail: detail.to_owned() })
    .to_vec();
    view! {
        <Part name="palette">
            <Example name="closed">
                <div class="gallery-row">
                    <Button on_press=move |_| open.set(true)>"Find a command"</Button>
                    <output data-testid="command">{chosen}</output>
                </div>
            </Example>
            <CommandPalette
                id="commands"
                label="Commands"
                placeholder="Type a page, a person or a command"
                empty="Nothing fits."
                commands
                open
                hotkey=true
                on_choose=move |command| chosen.set(command)
            />
        </Part>
    }
}
