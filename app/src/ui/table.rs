//! A table whose rows can be sorted and selected.

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    html,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};

use super::{control::keep, selection::Selection};

/// The direction in which a column is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Small to large, old to new, A to Z.
    Ascending,
    /// The other way round.
    Descending,
}

impl Sort {
    /// Returns the direction that a press on the header leads to: ascending first, then the other one.
    pub const fn next(sorted: Option<Self>) -> Self {
        match sorted {
            Some(Self::Ascending) => Self::Descending,
            _ => Self::Ascending,
        }
    }

    const fn aria(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
        }
    }
}

/// What the cells of a table share.
#[derive(Clone, Copy)]
struct Rows {
    keys: Signal<Vec<String>>,
    selection: Selection,
}

/// Renders `<table>` in an area that scrolls sideways where the screen is too narrow.
#[component]
pub fn Table(
    /// The `id` of the caption, unique on the page.
    #[prop(into)]
    id: String,
    /// What the table is about.
    #[prop(into)]
    caption: Signal<String>,
    /// Whether only screen readers get the caption.
    #[prop(optional)]
    caption_hidden: bool,
    /// The keys of the rows in the order in which they are shown, for a table with [`SelectCell`]s.
    #[prop(optional, into)]
    keys: Signal<Vec<String>>,
    /// Which rows are selected, for a table with [`SelectCell`]s.
    #[prop(optional)]
    selection: Option<Selection>,
    /// Whether rows become cards on a narrow screen; the style sheet of the page lays them out.
    #[prop(optional)]
    stacks: bool,
    /// `<thead>` and `<tbody>`.
    children: Children,
) -> impl IntoView {
    provide_context(Rows { keys, selection: selection.unwrap_or_default() });
    let hidden = move || if caption_hidden { "visually-hidden" } else { "" };
    view! {
        <div class="table" class:stacks=stacks tabindex="0" role="group" aria-labelledby=id>
            <table>
                <caption id=id.clone() class=hidden>
                    {caption}
                </caption>
                {children()}
            </table>
        </div>
    }
}

/// The header of a column; one that can be sorted if it has an `href` or `on_sort`.
#[component]
pub fn ColumnHead(
    /// The column's name.
    #[prop(into)]
    label: Signal<String>,
    /// How the rows are sorted by it, if they are.
    #[prop(optional, into)]
    sorted: Signal<Option<Sort>>,
    /// Where the table sorted by this column is, so that it can be sorted without scripts.
    #[prop(optional, into)]
    href: MaybeProp<String>,
    /// Called with the direction that is wanted.
    #[prop(optional, into)]
    on_sort: Option<Callback<Sort>>,
    /// Whether the column holds numbers, which are aligned at their ends.
    #[prop(optional)]
    numeric: bool,
) -> impl IntoView {
    let sort = move |event: MouseEvent| {
        if let Some(on_sort) = on_sort {
            event.prevent_default();
            on_sort.run(Sort::next(sorted.get_untracked()));
        }
    };
    let arrow = || view! { <span class="sort-arrow" aria-hidden="true"></span> };
    let content = if let Some(first) = href.get_untracked() {
        let href = move || href.get().unwrap_or_else(|| first.clone());
        view! { <a class="sort" href=href on:click=sort>{label} {arrow()}</a> }.into_any()
    } else if on_sort.is_some() {
        view! { <button type="button" class="sort" on:click=sort>{label} {arrow()}</button> }.into_any()
    } else {
        label.into_any()
    };
    view! {
        <th scope="col" class:numeric=numeric aria-sort=move || sorted.get().map(Sort::aria)>
            {content}
        </th>
    }
}

/// The header of the column of [`SelectCell`]s: a box that selects all rows or none.
#[component]
pub fn SelectHead(
    /// The accessible name of the box.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let Rows { keys, selection } = expect_context();
    let selected = Memo::new(move |_| keys.with(|keys| keys.iter().filter(|key| selection.contains(key)).count()));
    let all = move || keys.with(|keys| !keys.is_empty() && selected.get() == keys.len());
    let some = move || selected.get() > 0 && !all();
    let change = move |event| selection.set_all(&keys.get_untracked(), event_target_checked(&event));
    view! {
        <th scope="col" class="select-cell">
            <label>
                <input type="checkbox" prop:checked=all prop:indeterminate=some on:change=change />
                <span class="visually-hidden">{label}</span>
            </label>
        </th>
    }
}

/// The cell that selects its row: a checkbox, which a form sends.
///
/// Space or a click selects the row, with Shift all rows from the one that was changed last; the
/// arrow keys move to the box of the next or previous row.
#[component]
pub fn SelectCell(
    /// The key of the row, and the value that a form sends.
    #[prop(into)]
    key: String,
    /// The name under which a form sends the key.
    name: &'static str,
    /// The accessible name of the box.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let Rows { keys, selection } = expect_context();
    let node = NodeRef::<html::Input>::new();
    let select = {
        let key = key.clone();
        move |selected, range| selection.set(&key, selected, range, &keys.get_untracked())
    };
    let selected = {
        let key = key.clone();
        Signal::derive(move || selection.contains(&key))
    };
    let early = {
        let select = select.clone();
        Callback::new(move |checked| select(checked, false))
    };
    let read = move || node.get().map(|input| input.checked());
    let write = move |checked| node.get_untracked().into_iter().for_each(|input| input.set_checked(checked));
    keep(selected, Some(early), read, write);
    let click = move |event: MouseEvent| {
        if let Some(input) = node.get_untracked() {
            select(input.checked(), event.shift_key());
        }
    };
    let step = |event: KeyboardEvent| {
        if let Some(next) = neighbor(&event) {
            event.prevent_default();
            // Only fails for an element without a document.
            drop(next.focus());
        }
    };
    view! {
        <td class="select-cell">
            <label>
                <input type="checkbox" name=name value=key node_ref=node on:click=click on:keydown=step />
                <span class="visually-hidden">{label}</span>
            </label>
        </td>
    }
}

/// The box of the row above or below the one that an arrow key was pressed in.
fn neighbor(event: &KeyboardEvent) -> Option<HtmlElement> {
    let down = match event.key().as_str() {
        "ArrowDown" => true,
        "ArrowUp" => false,
        _ => return None,
    };
    let row = event.target()?.dyn_into::<Element>().ok()?.closest("tr").ok()??;
    let row = if down { row.next_element_sibling() } else { row.previous_element_sibling() };
    row?.query_selector(".select-cell input").ok()??.dyn_into().ok()
}
