//! The event types of the product's topics, and who may join them.

use domain::{
    ApplicationId, PostingId, Topic, UserId, applicant::StatusEvent, application::ApplicationEvent,
    posting::PostingEvent, user::UserEvent,
};
use queue::views::QueueOverview;

use crate::{Hiring, actor::Actor, error::Error, policy};

/// Returns the topic of one application, for recruiters.
#[must_use]
pub fn application_topic(id: ApplicationId) -> live::Topic<ApplicationEvent> {
    typed(Topic::Application(id))
}

/// Returns the topic of a posting's list of applications, for recruiters.
#[must_use]
pub fn posting_topic(id: PostingId) -> live::Topic<PostingEvent> {
    typed(Topic::Posting(id))
}

/// Returns the topic of an application's status, for the applicant.
#[must_use]
pub fn status_topic(id: ApplicationId) -> live::Topic<StatusEvent> {
    typed(Topic::Status(id))
}

/// Returns the topic of events that concern one user on every page.
#[must_use]
pub fn user_topic(id: UserId) -> live::Topic<UserEvent> {
    typed(Topic::User(id))
}

/// Returns the topic of the job queue, for administrators; each event is the complete state.
#[must_use]
pub fn queue_topic() -> live::Topic<QueueOverview> {
    typed(Topic::Queue)
}

fn typed<E>(topic: Topic) -> live::Topic<E> {
    live::Topic::named(&topic.to_string())
}

impl Hiring {
    /// Returns whether `actor` may join `topic`. Unknown topics are refused like forbidden ones.
    ///
    /// # Errors
    /// [`Error::Db`] when the database cannot be read.
    pub async fn may_join(&self, actor: &Actor, topic: &str) -> Result<bool, Error> {
        // The actor's rights may have changed since the socket was opened.
        let actor = self.refresh(actor).await?;
        let Ok(topic) = topic.parse() else { return Ok(false) };
        Ok(match topic {
            Topic::Application(_) | Topic::Posting(_) => policy::require_recruiter(&actor).is_ok(),
            Topic::Status(id) => policy::is_applicant(&actor, id),
            Topic::User(id) => policy::is_user(&actor, id),
            Topic::Queue => policy::require_admin(&actor).is_ok(),
        })
    }
}
