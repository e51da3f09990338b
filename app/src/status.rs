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
    i18n::status as status_texts,
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
        <Title text=status_texts::title(&page.posting_title) />
        <Meta name="robots" content="noindex" />
        <section
            class="public status"
            data-testid="status"
            data-reading=move || reading_code(reading.get())
            data-stage=move || stage.get().as_str()
        >
            <div class="title-row">
                <h1>{status_texts::thanks(&page.name)}</h1>
                <ConnectionStatus />
            </div>
            <p class="lead">{status_texts::your_application(&page.organization, &page.posting_title)}</p>
            <ol class="steps" aria-live="polite">
                <li class="done">
                    <strong>{status_texts::received()}</strong>
                    <span>
                        {page.file_name} ", " <LocalTime ms=page.applied_at />
                    </span>
                </li>
                <li class:done=move || matches!(reading.get(), Reading::Done { .. } | Reading::Failed)>
                    <strong>{status_texts::processed()}</strong>
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
            <p class="hint no-script">{status_texts::reload()}</p>
            <p class="hint">
                {status_texts::keep()}
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
        Reading::Waiting => status_texts::queued().into(),
        Reading::Started => status_texts::reading().into(),
        Reading::Done { pages, unread: 0 } => status_texts::readable(pages.into()),
        Reading::Done { pages, unread } => status_texts::partly_readable(pages.into(), &unread.to_string()),
        Reading::Failed => status_texts::unreadable().into(),
    }
}

/// The heading of the last step.
fn stage_title(stage: Stage) -> &'static str {
    match stage {
        Stage::Applied => status_texts::next_step(),
        Stage::Review => status_texts::in_review(),
        Stage::Interview => status_texts::interview(),
        Stage::Offer => status_texts::offer(),
        Stage::Hired => status_texts::hired(),
        Stage::Declined => status_texts::declined(),
    }
}

fn stage_sentence(stage: Stage) -> &'static str {
    match stage {
        Stage::Applied => status_texts::applied_text(),
        Stage::Review => status_texts::review_text(),
        Stage::Interview => status_texts::interview_text(),
        Stage::Offer => status_texts::offer_text(),
        Stage::Hired => status_texts::hired_text(),
        Stage::Declined => status_texts::declined_text(),
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
