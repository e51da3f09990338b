//! The topics of the product, with their event types, and who may join them.

use domain::{
    ApplicationId, PostingId, UserId, applicant::StatusEvent, application::ApplicationEvent, jobs::QueueOverview,
    posting::PostingEvent, user::UserEvent,
};
use live::Topic;

use crate::{Hiring, actor::Actor, error::Error, policy};

/// Returns the topic of one application, for recruiters.
#[must_use]
pub fn application_topic(id: ApplicationId) -> Topic<ApplicationEvent> {
    Topic::new("application", id)
}

/// Returns the topic of a posting's list of applications, for recruiters.
#[must_use]
pub fn posting_topic(id: PostingId) -> Topic<PostingEvent> {
    Topic::new("posting", id)
}

/// Returns the topic of an application's status, for the applicant.
#[must_use]
pub fn status_topic(id: ApplicationId) -> Topic<StatusEvent> {
    Topic::new("status", id)
}

/// Returns the topic of events that concern one user on every page.
#[must_use]
pub fn user_topic(id: UserId) -> Topic<UserEvent> {
    Topic::new("user", id)
}

/// Returns the topic of the job queue, for administrators; each event is the complete state.
#[must_use]
pub fn queue_topic() -> Topic<QueueOverview> {
    Topic::named("queue")
}

impl Hiring {
    /// Returns whether `actor` may join `topic`. Unknown topics are refused like forbidden ones.
    ///
    /// # Errors
    /// [`Error::Db`] when the database cannot be read.
    pub async fn may_join(&self, actor: &Actor, topic: &str) -> Result<bool, Error> {
        // The actor's rights may have changed since the socket was opened.
        let actor = self.refresh(actor).await?;
        Ok(match topic.split_once(':') {
            Some(("application", id)) => {
                id.parse::<ApplicationId>().is_ok() && policy::require_recruiter(&actor).is_ok()
            }
            Some(("posting", id)) => id.parse::<PostingId>().is_ok() && policy::require_recruiter(&actor).is_ok(),
            Some(("status", id)) => id.parse().is_ok_and(|id| policy::is_applicant(&actor, id)),
            Some(("user", id)) => id.parse().is_ok_and(|id| policy::is_user(&actor, id)),
            None if topic == queue_topic().name() => policy::require_admin(&actor).is_ok(),
            _ => false,
        })
    }
}
