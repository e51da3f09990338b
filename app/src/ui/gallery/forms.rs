//! The parts of forms.

use leptos::{attr::any_attribute::IntoAnyAttribute, prelude::*};

use super::{Example, Part};
use crate::ui::{
    Button, ButtonLink, Checkbox, Choice, ChosenFile, DateField, DateShortcut, Field, FileDrop, Rank, Select, TextArea,
};

#[component]
pub(super) fn Buttons() -> impl IntoView {
    let ranks =
        [("Primary", Rank::Primary), ("Secondary", Rank::Secondary), ("Quiet", Rank::Quiet), ("Danger", Rank::Danger)];
    let states =
        [(None, "default"), (Some("hover"), "hover"), (Some("active"), "active"), (Some("focus-visible"), "focus")];
    let row = move |(force, name): (Option<&'static str>, &'static str)| {
        let buttons = ranks.map(|(text, rank)| view! { <Button rank>{text}</Button> }).collect_view();
        view! {
            <div class="gallery-example" data-force=force>
                <p class="gallery-name">{name}</p>
                <div class="gallery-row">{buttons}</div>
            </div>
        }
    };
    let presses = RwSignal::new(0);
    let busy = RwSignal::new(false);
    view! {
        <Part name="button">
            {states.map(row).collect_view()}
            <Example name="disabled">
                <div class="gallery-row">
                    {ranks.map(|(text, rank)| view! { <Button rank disabled=true>{text}</Button> }).collect_view()}
                </div>
            </Example>
            <Example name="busy">
                <div class="gallery-row">
                    {ranks.map(|(text, rank)| view! { <Button rank busy=true>{text}</Button> }).collect_view()}
                </div>
            </Example>
            <Example name="pressed, icon, link">
                <div class="gallery-row">
                    <Button rank=Rank::Quiet attr:aria-pressed="true">"As text"</Button>
                    <Button rank=Rank::Quiet label="More">"⋯"</Button>
                    <ButtonLink href="#part-button">"Link"</ButtonLink>
                </div>
            </Example>
            <Example name="keeps the focus while busy">
                <div class="gallery-row">
                    <Button
                        busy
                        on_press=move |_| {
                            presses.update(|n| *n += 1);
                            busy.set(true);
                        }
                        attr:data-testid="press"
                    >
                        "Press"
                    </Button>
                    <output data-testid="presses">{presses}</output>
                    <Button rank=Rank::Quiet on_press=move |_| busy.set(false)>"Done"</Button>
                </div>
            </Example>
        </Part>
    }
}

#[component]
pub(super) fn Fields() -> impl IntoView {
    let typed = RwSignal::new("Ada Lovelace".to_owned());
    let error = move || typed.with(|typed| typed.trim().is_empty().then(|| "Please enter a name.".to_owned()));
    view! {
        <Part name="field">
            <Example name="default">
                <Field
                    label="Name"
                    name="name"
                    value=typed
                    on_input=move |text| typed.set(text)
                    error=Signal::derive(error)
                    required=true
                    attributes=vec![leptos::attr::autocomplete("off").into_any_attr()]
                />
            </Example>
            <Example name="hint, optional">
                <Field label="Headline" name="headline" note="(optional)" hint="As on a business card." />
            </Example>
            <Example name="hover" force="hover">
                <Field label="Location" name="location" value="Lisbon" />
            </Example>
            <Example name="focus" force="focus-visible">
                <Field label="Phone" name="phone" kind="tel" value="+351 210 000 000" />
            </Example>
            <Example name="invalid">
                <Field
                    label="E-mail"
                    name="email"
                    kind="email"
                    value="ada@"
                    hint="We write to this address."
                    error="Please enter a complete e-mail address."
                />
            </Example>
            <Example name="disabled">
                <Field label="Posting" name="posting" value="Backend engineer" disabled=true />
            </Example>
            <Example name="several lines">
                <TextArea label="Note" name="note" value="Strong on databases.\nAsk about on-call." />
            </Example>
            <Example name="several lines, invalid">
                <TextArea label="Reason" name="reason" error="Please give a reason." />
            </Example>
        </Part>
    }
}

#[component]
pub(super) fn Selects() -> impl IntoView {
    let choices = || {
        let mut choices =
            ["Applied", "Review", "Interview", "Offer"].map(|text| Choice::new(text.to_lowercase(), text));
        choices[3].disabled = true;
        choices.to_vec()
    };
    view! {
        <Part name="select">
            <Example name="default">
                <Select label="Stage" name="stage" choices=choices() value="review" />
            </Example>
            <Example name="hover" force="hover">
                <Select label="Stage" name="stage" id="stage-hover" choices=choices() />
            </Example>
            <Example name="focus" force="focus-visible">
                <Select label="Stage" name="stage" id="stage-focus" choices=choices() />
            </Example>
            <Example name="invalid">
                <Select
                    label="Stage"
                    name="stage"
                    id="stage-invalid"
                    choices=choices()
                    hint="Where the application goes next."
                    error="This stage is full."
                />
            </Example>
            <Example name="disabled">
                <Select label="Stage" name="stage" id="stage-disabled" choices=choices() disabled=true />
            </Example>
            <Example name="hidden label">
                <Select label="Stage" name="stage" id="stage-hidden" choices=choices() label_hidden=true />
            </Example>
        </Part>
    }
}

#[component]
pub(super) fn Checkboxes() -> impl IntoView {
    view! {
        <Part name="checkbox">
            <Example name="default, checked, some">
                <Checkbox label="Remote" name="remote" id="remote" />
                <Checkbox label="Full-time" name="full-time" id="full-time" checked=true />
                <Checkbox label="All places" name="all" id="all" indeterminate=true />
            </Example>
            <Example name="focus" force="focus-visible">
                <Checkbox label="Part-time" name="part-time" id="part-time" checked=true />
            </Example>
            <Example name="disabled">
                <Checkbox label="Freelance" name="freelance" id="freelance" disabled=true />
                <Checkbox label="Internship" name="internship" id="internship" checked=true disabled=true />
            </Example>
            <Example name="hint and error">
                <Checkbox label="Keep my data" name="keep" id="keep" hint="For a year, then it is deleted." />
                <Checkbox label="I have read this" name="consent" id="consent" error="Please confirm that you have read it." />
            </Example>
        </Part>
    }
}

#[component]
pub(super) fn Dates() -> impl IntoView {
    let day = RwSignal::new(String::new());
    let shortcuts = || {
        [("Tomorrow", "2026-03-03"), ("Next week", "2026-03-09")]
            .map(|(label, date)| DateShortcut { label: label.to_owned(), date: date.to_owned() })
            .to_vec()
    };
    view! {
        <Part name="date_field">
            <Example name="with shortcuts">
                <DateField
                    label="Interview"
                    name="interview"
                    value=day
                    on_input=move |text| day.set(text)
                    min="2026-03-02"
                    shortcuts=shortcuts()
                />
                <output data-testid="day">{day}</output>
            </Example>
            <Example name="focus" force="focus-visible">
                <DateField label="Start" name="start" value="2026-05-04" note="(optional)" />
            </Example>
            <Example name="invalid">
                <DateField label="Closes" name="closes" value="2026-01-01" error="This day has passed." />
            </Example>
            <Example name="disabled">
                <DateField label="Published" name="published" value="2026-02-01" disabled=true shortcuts=shortcuts() />
            </Example>
        </Part>
    }
}

#[component]
pub(super) fn Files() -> impl IntoView {
    let files = RwSignal::new(String::new());
    let describe = |files: Vec<ChosenFile>| {
        files.iter().map(|file| format!("{}, {} bytes", file.name, file.size)).collect::<Vec<_>>().join("; ")
    };
    let canceled = RwSignal::new(false);
    view! {
        <Part name="file_drop">
            <Example name="default">
                <FileDrop
                    label="Your CV"
                    name="cv"
                    hint="PDF or DOCX, at most 20 MB."
                    required=true
                    on_choose=move |chosen| files.set(describe(chosen))
                />
                <output data-testid="files">{files}</output>
            </Example>
            <Example name="hover" force="hover">
                <FileDrop label="Letter" name="letter" note="(optional)" />
            </Example>
            <Example name="focus" force="focus-visible">
                <FileDrop label="Certificate" name="certificate" />
            </Example>
            <Example name="sending">
                <FileDrop
                    label="Portfolio"
                    name="portfolio"
                    progress=Signal::derive(move || (!canceled.get()).then_some(64))
                    progress_label="Sending the file"
                    cancel_label="Cancel"
                    on_cancel=move |()| canceled.set(true)
                />
            </Example>
            <Example name="invalid">
                <FileDrop label="Reference" name="reference" error="This file is empty." />
            </Example>
            <Example name="disabled">
                <FileDrop label="Photo" name="photo" disabled=true />
            </Example>
        </Part>
    }
}
