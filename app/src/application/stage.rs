//! The stage of an application, and the form that changes it.

use domain::{ApplicationId, Stage};
use leptos::{form::ActionForm, prelude::*};

use super::server_fns::MoveApplication;
use crate::layout::ActionError;

/// Shows the stage and moves the application to another. The form works without scripts.
#[component]
pub fn StageForm(id: ApplicationId, stage: Memo<Stage>) -> impl IntoView {
    let moved = ServerAction::<MoveApplication>::new();
    let option = move |choice: Stage| {
        view! {
            <option value=choice.as_str() selected=move || stage.get() == choice>
                {choice.title()}
            </option>
        }
    };
    let message = Signal::derive(move || moved.value().get().and_then(Result::err).map(|error| error.message));
    view! {
        <div class="stage-form" data-testid="stage" data-stage=move || stage.get().as_str()>
            <ActionForm action=moved>
                <input type="hidden" name="id" value=id.to_string() />
                <label>
                    <span class="visually-hidden">"Stage"</span>
                    <select name="stage" prop:value=move || stage.get().as_str()>
                        {Stage::ALL.map(option).collect_view()}
                    </select>
                </label>
                <button disabled=move || moved.pending().get()>"Move"</button>
            </ActionForm>
            <ActionError message />
        </div>
    }
}
