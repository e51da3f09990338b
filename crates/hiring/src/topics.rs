//! The topics of the product and who may join them.

use domain::{
    ApplicationId, PostingId, UserId, applicant::StatusEvent, application::ApplicationEvent, jobs::QueueOverview,
    posting::PostingEvent, user::UserEvent,
};
use live::Topic;

use crate::{Hiring, actor::Actor, error::Error, policy};

/// What happens to one application, for recruiters.
#[must_use]
pub fn application_topic(id: ApplicationId) -> Topic<ApplicationEvent> {
    Topic::new("application", id)
}

/// What happens to the list of a posting's applications.
#[must_use]
pub fn posting_topic(id: PostingId) -> Topic<PostingEvent> {
    Topic::new("posting", id)
}

/// What an applicant sees of their own application.
#[must_use]
pub fn status_topic(id: ApplicationId) -> Topic<StatusEvent> {
    Topic::new("status", id)
}

/// What concerns one signed-in person wherever they are.
#[must_use]
pub fn user_topic(id: UserId) -> Topic<UserEvent> {
    Topic::new("user", id)
}

/// The job queue, for administrators; each event is the whole.
#[must_use]
pub fn queue_topic() -> Topic<QueueOverview> {
    Topic::only("queue")
}

impl Hiring {
    /// Whether `actor` may read `topic`. An unknown topic is refused like a forbidden one.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn may_join(&self, actor: &Actor, topic: &str) -> Result<bool, Error> {
        // What was true when the socket was opened may be no more: ask again.
        let actor = self.refresh(actor).await?;
        Ok(match topic.split_once(':') {
            Some(("application", id)) => id.parse::<ApplicationId>().is_ok() && policy::may_recruit(&actor).is_ok(),
            Some(("posting", id)) => id.parse::<PostingId>().is_ok() && policy::may_recruit(&actor).is_ok(),
            Some(("status", id)) => id.parse().is_ok_and(|id| policy::may_follow(&actor, id)),
            Some(("user", id)) => id.parse().is_ok_and(|id| policy::is_user(&actor, id)),
            None if topic == queue_topic().name() => policy::may_administer(&actor).is_ok(),
            _ => false,
        })
    }
}
