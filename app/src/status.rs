//! The live status page of an applicant.

mod server_fns;

use domain::{
    Stage,
    applicant::{ApplicantStatus, Reading},
    view::StatusPage,
};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};

use crate::{
    layout::ConnectionStatus,
    live::{TopicRef, use_topic},
    resource_view::{path_param, resource_view},
    time::LocalTime,
};

use server_fns::status_page;

/// The page `/status/<token>`. Whoever has the address can see it.
#[component]
pub fn StatusRoute() -> impl IntoView {
    let token = path_param("token");
    let page = Resource::new(token.clone(), status_page);
    resource_view(page, move |page| view! { <Status page token=token() /> })
}

#[component]
fn Status(page: StatusPage, token: String) -> impl IntoView {
    let (status, _) = use_topic::<ApplicantStatus>(TopicRef::status(page.id, &token, page.seq), page.status);
    let reading = Memo::new(move |_| status.with(|status| status.reading));
    let stage = Memo::new(move |_| status.with(|status| status.stage));
    view! {
        <Title text=format!("Your application: {}", page.posting_title) />
        <Meta name="robots" content="noindex" />
        <section
            class="public status"
            data-testid="status"
            data-reading=move || reading_code(reading.get())
            data-stage=move || stage.get().as_str()
        >
            <div class="title-row">
                <h1>"Thank you, " {page.name}</h1>
                <ConnectionStatus />
            </div>
            <p class="lead">"Your application for " <strong>{page.posting_title}</strong> " at " {page.organization}</p>
            <ol class="steps" aria-live="polite">
                <li class="done">
                    <strong>"Received"</strong>
                    <span>
                        {page.file_name} ", " <LocalTime ms=page.applied_at />
                    </span>
                </li>
                <li class:done=move || matches!(reading.get(), Reading::Done { .. } | Reading::Failed)>
                    <strong>"CV processed"</strong>
                    <span>{move || reading_sentence(reading.get())}</span>
                </li>
                <li
                    class:done=move || !matches!(stage.get(), Stage::Applied | Stage::Declined)
                    class:ended=move || stage.get() == Stage::Declined
                >
                    <strong>{move || stage_title(stage.get())}</strong>
                    <span>{move || stage_sentence(stage.get())}</span>
                </li>
            </ol>
            <p class="hint no-script">"Reload this page to see what has changed."</p>
            <p class="hint">
                "Save the address of this page: it is the only way back here. Anyone who has the address can see this page."
            </p>
        </section>
    }
}

fn reading_code(reading: Reading) -> &'static str {
    match reading {
        Reading::Waiting => "waiting",
        Reading::Started => "started",
        Reading::Done { .. } => "done",
        Reading::Failed => "failed",
    }
}

fn reading_sentence(reading: Reading) -> String {
    match reading {
        Reading::Waiting => "Your CV is in the queue.".into(),
        Reading::Started => "Your CV is being read.".into(),
        Reading::Done { pages: 1, unread: 0 } => "1 page, all of it readable.".into(),
        Reading::Done { pages, unread: 0 } => format!("{pages} pages, all of them readable."),
        Reading::Done { pages, unread } => {
            format!("{pages} pages, {unread} of them without readable text. Someone from the team will open the original.")
        }
        Reading::Failed => {
            "We could not read its text, for example because it is a photo. Someone from the team will open the original.".into()
        }
    }
}

/// The heading of the last step.
fn stage_title(stage: Stage) -> &'static str {
    if stage == Stage::Applied { "Next step" } else { stage.title() }
}

fn stage_sentence(stage: Stage) -> &'static str {
    match stage {
        Stage::Applied => "Someone from the team will read your application.",
        Stage::Review => "Someone from the team is reading your application.",
        Stage::Interview => "The team would like to talk to you and will contact you.",
        Stage::Offer => "The team has an offer for you and will contact you.",
        Stage::Hired => "You've been hired. Welcome to the team!",
        Stage::Declined => "The team has decided not to take your application further. Thank you for applying.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_page_is_left_to_the_team() {
        assert_eq!(reading_sentence(Reading::Done { pages: 2, unread: 0 }), "2 pages, all of them readable.");
        assert!(reading_sentence(Reading::Done { pages: 2, unread: 1 }).contains("Someone from the team"));
    }
}
