//! The stage of an application, and the form that changes it.

use domain::{ApplicationId, Stage};
use leptos::{form::ActionForm, html::Select, prelude::*};

use super::server_fns::MoveApplication;
use crate::{
    i18n::application as texts,
    layout::{ActionError, action_error},
    terms,
};

/// Shows the stage and moves the application to another. The form works without scripts.
///
/// A stage that the user has selected but not submitted stays selected: neither hydration nor a move
/// by a colleague replaces it. The current stage is then named next to it.
#[component]
pub fn StageForm(id: ApplicationId, stage: Memo<Stage>) -> impl IntoView {
    let moved = ServerAction::<MoveApplication>::new();
    let initial = stage.get_untracked();
    let option = move |choice: Stage| {
        view! {
            <option value=choice.as_str() selected=choice == initial>
                {terms::stage(choice)}
            </option>
        }
    };
    let select = NodeRef::<Select>::new();
    let is_pending = RwSignal::new(false);
    let compare = move |select: &leptos::web_sys::HtmlSelectElement| {
        is_pending.set(select.value() != stage.get_untracked().as_str());
    };
    Effect::new(move |before: Option<Stage>| {
        let now = stage.get();
        if let Some(select) = select.get_untracked() {
            if before.is_some_and(|before| select.value() == before.as_str()) {
                select.set_value(now.as_str());
            }
            compare(&select);
        }
        now
    });
    let message = action_error(moved);
    view! {
        <div class="stage-form" data-testid="stage" data-stage=move || stage.get().as_str()>
            <ActionForm action=moved>
                <input type="hidden" name="id" value=id.to_string() />
                <label>
                    <span class="visually-hidden">{texts::stage()}</span>
                    <select
                        name="stage"
                        // A reload shows the stage, not what was selected before it.
                        autocomplete="off"
                        node_ref=select
                        on:change=move |_| {
                            if let Some(select) = select.get_untracked() {
                                compare(&select);
                            }
                        }
                    >
                        {Stage::ALL.map(option).collect_view()}
                    </select>
                </label>
                <button disabled=move || moved.pending().get()>{texts::move_()}</button>
            </ActionForm>
            <Show when=move || is_pending.get()>
                <p class="hint" role="status" data-testid="current-stage">
                    {move || texts::currently(terms::stage(stage.get()))}
                </p>
            </Show>
            <ActionError message />
        </div>
    }
}
