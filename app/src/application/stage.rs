//! The stage of an application, and the form that changes it.

use domain::{ApplicationId, Stage};
use leptos::{
    attr::{any_attribute::IntoAnyAttribute, autocomplete},
    form::ActionForm,
    prelude::*,
};

use super::server_fns::MoveApplication;
use crate::{
    i18n::application as texts,
    layout::{ActionError, action_error},
    terms,
    ui::{Button, Choice, Select},
};

/// Shows the stage and moves the application to another. The form works without scripts.
///
/// A stage that the user has selected but not submitted stays selected: neither hydration nor a move
/// by a colleague replaces it. The current stage is then named next to it.
#[component]
pub fn StageForm(id: ApplicationId, stage: Memo<Stage>) -> impl IntoView {
    let moved = ServerAction::<MoveApplication>::new();
    let chosen = RwSignal::new(stage.get_untracked().as_str().to_owned());
    Effect::new(move |before: Option<Stage>| {
        let now = stage.get();
        if before.is_some_and(|before| chosen.with_untracked(|chosen| chosen == before.as_str())) {
            chosen.set(now.as_str().to_owned());
        }
        now
    });
    let is_pending = move || chosen.with(|chosen| chosen != stage.get().as_str());
    let choices = Stage::ALL.map(|stage| Choice::new(stage.as_str(), terms::stage(stage))).to_vec();
    let message = action_error(moved);
    view! {
        <div class="stage-form" data-testid="stage" data-stage=move || stage.get().as_str()>
            <ActionForm action=moved>
                <input type="hidden" name="id" value=id.to_string() />
                <Select
                    label=texts::stage()
                    label_hidden=true
                    name="stage"
                    choices
                    value=chosen
                    on_change=move |choice| chosen.set(choice)
                    // A reload shows the stage, not what was selected before it.
                    attributes=vec![autocomplete("off").into_any_attr()]
                />
                <Button kind="submit" busy=moved.pending()>
                    {texts::move_()}
                </Button>
            </ActionForm>
            <Show when=is_pending>
                <p class="hint" role="status" data-testid="current-stage">
                    {move || texts::currently(terms::stage(stage.get()))}
                </p>
            </Show>
            <ActionError message />
        </div>
    }
}
