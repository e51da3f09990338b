//! The parts that show things and people.

use leptos::prelude::*;

use super::{Example, Part};
use crate::ui::{
    Avatar, Button, Chip, ColumnHead, Rank, SelectCell, SelectHead, Selection, Sort, Tab, TabLink, TabLinks, Table,
    Tabs, Tone,
};

#[component]
pub(super) fn TabLists() -> impl IntoView {
    let panel = |text: &'static str| move || view! { <p>{text}</p> };
    let tabs = vec![
        Tab::new("Summary", panel("Eight years of databases.")),
        Tab::new("CV", panel("Two pages.")),
        Tab::new("Notes", panel("No notes yet.")),
    ];
    let links = [("All", 12), ("Applied", 7), ("Review", 3), ("Interview", 2), ("Offer", 0)];
    let link = |(text, count): (&'static str, usize)| {
        view! {
            <TabLink href="#part-tabs" current=text == "Review" count>
                {text}
            </TabLink>
        }
    };
    view! {
        <Part name="tabs">
            <Example name="panels">
                <Tabs id="application-tabs" label="Application" tabs selected=RwSignal::new(0) />
            </Example>
            <Example name="links with counts">
                <TabLinks label="Stages">{links.map(link).collect_view()}</TabLinks>
            </Example>
            <Example name="hover" force="hover">
                <TabLinks label="Stages, hover">
                    <TabLink href="#part-tabs" current=false>"Applied"</TabLink>
                </TabLinks>
            </Example>
            <Example name="focus" force="focus-visible">
                <TabLinks label="Stages, focus">
                    <TabLink href="#part-tabs" current=true>"Review"</TabLink>
                </TabLinks>
            </Example>
        </Part>
    }
}

type Person = (&'static str, &'static str, Tone, &'static str, u32);

const PEOPLE: [Person; 4] = [
    ("dora", "Dora Alves", Tone::Good, "Ready", 31),
    ("ana", "Ana Beck", Tone::Accent, "Reading", 0),
    ("cem", "Cem Demir", Tone::Warn, "Cannot read", 0),
    ("bo", "Bo Eriksson", Tone::Neutral, "Waiting", 14),
];

#[component]
pub(super) fn Tables() -> impl IntoView {
    let sort = RwSignal::new(None::<(usize, Sort)>);
    let rows = Signal::derive(move || {
        let mut rows = PEOPLE.to_vec();
        match sort.get() {
            Some((0, _)) => rows.sort_by_key(|row| row.1),
            Some(_) => rows.sort_by_key(|row| row.4),
            None => {}
        }
        if let Some((_, Sort::Descending)) = sort.get() {
            rows.reverse();
        }
        rows
    });
    let keys = Signal::derive(move || rows.get().iter().map(|row| row.0.to_owned()).collect::<Vec<_>>());
    let selection = Selection::new();
    let sorted = move |column| Signal::derive(move || sort.get().filter(|(by, _)| *by == column).map(|(_, sort)| sort));
    let sort_by = move |column| move |direction| sort.set(Some((column, direction)));
    let row = |(key, name, tone, state, lines): Person| {
        view! {
            <tr data-testid="row" data-key=key>
                <SelectCell key name="rows" label=format!("Select {name}") />
                <th scope="row">{name}</th>
                <td><Chip tone>{state}</Chip></td>
                <td class="numeric wide">{lines}</td>
            </tr>
        }
    };
    view! {
        <Part name="table">
            <div class="gallery-example wide">
                <p class="gallery-name">"sorting and selection"</p>
                <Table id="people" caption="Applications" keys selection stacks=true>
                    <thead>
                        <tr>
                            <SelectHead label="Select all" />
                            <ColumnHead label="Name" sorted=sorted(0) on_sort=sort_by(0) />
                            <ColumnHead label="CV" />
                            <ColumnHead label="Lines" numeric=true sorted=sorted(1) on_sort=sort_by(1) />
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || rows.get() key=|row| row.0 children=row />
                    </tbody>
                </Table>
                <div class="gallery-row">
                    <output data-testid="selected">{move || selection.keys().join(" ")}</output>
                    <span>{move || selection.len()} " selected"</span>
                    <Button rank=Rank::Quiet on_press=move |_| selection.clear()>"Clear"</Button>
                </div>
            </div>
            <div class="gallery-example wide" data-force="focus-visible">
                <p class="gallery-name">"plain, sorted by a link, focus"</p>
                <Table id="nodes" caption="Nodes" caption_hidden=true>
                    <thead>
                        <tr>
                            <ColumnHead label="Node" sorted=Some(Sort::Ascending) href="#part-table" />
                            <ColumnHead label="Running" numeric=true />
                        </tr>
                    </thead>
                    <tbody>
                        <tr>
                            <th scope="row">"node-1"</th>
                            <td class="numeric">"2 of 4"</td>
                        </tr>
                    </tbody>
                </Table>
            </div>
        </Part>
    }
}

#[component]
pub(super) fn Chips() -> impl IntoView {
    let tones = [
        ("Neutral", Tone::Neutral),
        ("Accent", Tone::Accent),
        ("Good", Tone::Good),
        ("Warn", Tone::Warn),
        ("Bad", Tone::Bad),
    ];
    let left = RwSignal::new(true);
    view! {
        <Part name="chip">
            <Example name="tones">
                <div class="gallery-row">
                    {tones.map(|(text, tone)| view! { <Chip tone>{text}</Chip> }).collect_view()}
                </div>
            </Example>
            <Example name="can be taken away">
                <Show when=move || left.get() fallback=|| view! { <p data-testid="chip-gone">"No filter"</p> }>
                    <Chip on_remove=move |()| left.set(false) remove_label="Remove the filter Berlin">"Berlin"</Chip>
                </Show>
            </Example>
            <Example name="hover" force="hover">
                <Chip on_remove=|()| () remove_label="Remove the filter Lisbon">"Lisbon"</Chip>
            </Example>
            <Example name="focus" force="focus-visible">
                <Chip on_remove=|()| () remove_label="Remove the filter Porto">"Porto"</Chip>
            </Example>
        </Part>
    }
}

#[component]
pub(super) fn Avatars() -> impl IntoView {
    let names = ["Ada Lovelace", "Juan de la Cruz", "Pelé", "Grace Hopper", "Ólafur Þór", "Zoë Ångström"];
    view! {
        <Part name="avatar">
            <Example name="beside a name">
                {names
                    .map(|name| {
                        view! {
                            <p class="gallery-row">
                                <Avatar name />
                                {name}
                            </p>
                        }
                    })
                    .collect_view()}
            </Example>
            <Example name="alone, active, large, picture">
                <div class="gallery-row">
                    <Avatar name="Ada Lovelace" alone=true />
                    <Avatar name="Grace Hopper" alone=true active=true />
                    <Avatar name="Juan de la Cruz" alone=true large=true />
                    <Avatar name="Verbatim" alone=true large=true picture="/favicon.svg" />
                </div>
            </Example>
        </Part>
    }
}
