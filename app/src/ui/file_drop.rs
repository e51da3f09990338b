//! A place to drop a file, and the progress of sending it.

use leptos::{html, prelude::*};

use super::{
    button::{Button, Rank},
    control::Frame,
};

/// A file that was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct ChosenFile {
    /// Its name, without folders.
    pub name: String,
    /// Its size in bytes.
    pub size: f64,
}

/// Renders `<input type="file">` as a large area with its label, hint and error.
///
/// The area is the input itself, so that the browser takes dropped files, opens its own chooser and
/// shows the names, with or without scripts. The form around it sends the file.
#[component]
pub fn FileDrop(
    /// What the file is for.
    #[prop(into)]
    label: Signal<String>,
    /// The name under which a form sends the file.
    name: &'static str,
    /// The `id` of the control, unique on the page; the name if it is left out.
    #[prop(optional, into)]
    id: Option<String>,
    /// The `accept` attribute: the kinds of files that the chooser offers.
    #[prop(optional, into)]
    accept: Option<String>,
    /// Whether several files can be chosen.
    #[prop(optional)]
    multiple: bool,
    /// A word after the label, for example that the file is optional.
    #[prop(optional, into)]
    note: MaybeProp<String>,
    /// Help that is always shown, for example the largest size.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
    /// What is wrong with the file.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// Whether a form cannot be sent without a file.
    #[prop(optional)]
    required: bool,
    /// Whether it cannot be used.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Called with the files that were chosen or dropped; with none when a choice was taken back.
    #[prop(optional, into)]
    on_choose: Option<Callback<Vec<ChosenFile>>>,
    /// How much was sent, in percent, while it is being sent.
    #[prop(optional, into)]
    progress: MaybeProp<u8>,
    /// What is being done, for example that the file is being sent.
    #[prop(optional, into)]
    progress_label: Signal<String>,
    /// The text of the button that stops sending.
    #[prop(optional, into)]
    cancel_label: Signal<String>,
    /// Called when a reader stops sending.
    #[prop(optional, into)]
    on_cancel: Option<Callback<()>>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let over = RwSignal::new(false);
    let frame = Frame { id: id.unwrap_or_else(|| name.to_owned()), label, label_hidden: false, note, hint, error };
    let report = move || {
        if let (Some(on_choose), Some(input)) = (on_choose, node.get_untracked()) {
            on_choose.run(chosen(&input));
        }
    };
    // A file that was chosen before hydration.
    Effect::new(move |_| {
        if node.get().is_some_and(|input| !input.value().is_empty()) {
            report();
        }
    });
    let control = view! {
        <div class="drop" class:over=over>
            <input
                type="file"
                id=frame.id.clone()
                name=name
                accept=accept
                multiple=multiple
                required=required
                disabled=disabled
                aria-describedby=frame.described_by()
                aria-invalid=frame.invalid()
                node_ref=node
                on:dragenter=move |_| over.set(true)
                on:dragleave=move |_| over.set(false)
                on:drop=move |_| over.set(false)
                on:change=move |_| report()
            />
            <Show when=move || progress.get().is_some()>
                <Progress progress progress_label cancel_label on_cancel />
            </Show>
        </div>
    };
    frame.around(control.into_any())
}

#[component]
fn Progress(
    progress: MaybeProp<u8>,
    progress_label: Signal<String>,
    cancel_label: Signal<String>,
    on_cancel: Option<Callback<()>>,
) -> impl IntoView {
    let percent = move || progress.get().unwrap_or_default();
    let cancel = on_cancel.map(|on_cancel| {
        view! {
            <Button rank=Rank::Quiet on_press=move |_| on_cancel.run(())>
                {cancel_label}
            </Button>
        }
    });
    view! {
        <div class="sending">
            <progress max="100" value=move || percent().to_string() aria-label=progress_label></progress>
            <output>{percent} "%"</output>
            {cancel}
        </div>
    }
}

#[cfg(target_arch = "wasm32")]
fn chosen(input: &leptos::web_sys::HtmlInputElement) -> Vec<ChosenFile> {
    let files = input.files();
    let files = files.iter().flat_map(|files| (0..files.length()).filter_map(|n| files.item(n)));
    files.map(|file| ChosenFile { name: file.name(), size: file.size() }).collect()
}

#[cfg(not(target_arch = "wasm32"))]
fn chosen(_input: &leptos::web_sys::HtmlInputElement) -> Vec<ChosenFile> {
    Vec::new()
}
