//! What every control of a form shares: label, hint and error around it, and a value that hydration
//! does not overwrite.

use leptos::prelude::*;

/// The texts around a control, and the `id` that ties them to it.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// The control's `id`.
    pub(super) id: String,
    /// What the control is for.
    pub(super) label: Signal<String>,
    /// Whether only screen readers get the label.
    pub(super) label_hidden: bool,
    /// A word after the label, for example that the control is optional.
    pub(super) note: MaybeProp<String>,
    /// Help that is always shown.
    pub(super) hint: MaybeProp<String>,
    /// What is wrong with the value, if something is.
    pub(super) error: MaybeProp<String>,
}

impl Frame {
    /// The value of `aria-describedby`: the ids of the hint and the error that are shown.
    pub(super) fn described_by(&self) -> impl Fn() -> Option<String> + Send + Sync + 'static {
        let Self { id, hint, error, .. } = self.clone();
        move || {
            let hint = hint.get().map(|_| format!("{id}-hint"));
            let error = error.get().map(|_| format!("{id}-error"));
            let ids = hint.into_iter().chain(error).collect::<Vec<_>>().join(" ");
            (!ids.is_empty()).then_some(ids)
        }
    }

    /// The value of `aria-invalid`.
    pub(super) fn invalid(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + 'static {
        let error = self.error;
        move || error.get().map(|_| "true")
    }

    /// Renders the texts around `control`.
    pub(super) fn around(self, control: AnyView) -> impl IntoView {
        let Self { id, label, label_hidden, note, hint, error } = self;
        let class = if label_hidden { "visually-hidden" } else { "field-label" };
        let hint_id = format!("{id}-hint");
        view! {
            <div class="field">
                <label class=class for=id.clone()>
                    {label} {move || note.get().map(|note| view! { " " <span class="field-note">{note}</span> })}
                </label>
                {move || hint.get().map(|hint| view! { <p class="field-hint" id=hint_id.clone()>{hint}</p> })}
                {control}
                {error_line(format!("{id}-error"), error)}
            </div>
        }
    }
}

/// Renders what is wrong with a control's value; screen readers read it out when it appears.
pub(super) fn error_line(id: String, error: MaybeProp<String>) -> impl IntoView {
    move || {
        error.get().map(|error| {
            view! {
                <p class="field-error" id=id.clone() role="alert">
                    {error}
                </p>
            }
        })
    }
}

/// Keeps a native control and `value` in step after hydration.
///
/// What somebody entered before hydration, and so differs from the value that the page was rendered
/// with, wins: it is reported to `changed` instead of being overwritten. `read` returns `None` as long
/// as the control is not in the document.
pub(super) fn keep<T>(
    value: Signal<T>,
    changed: Option<Callback<T>>,
    read: impl Fn() -> Option<T> + 'static,
    write: impl Fn(T) + 'static,
) where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let rendered = value.get_untracked();
    Effect::new(move |in_step: Option<bool>| {
        let wanted = value.get();
        let in_step = in_step.unwrap_or_default();
        let Some(shown) = read() else { return in_step };
        let entered = !in_step && shown != rendered;
        match changed {
            _ if shown == wanted => {}
            _ if !entered => write(wanted),
            Some(changed) => changed.run(shown),
            None => {}
        }
        true
    });
}
