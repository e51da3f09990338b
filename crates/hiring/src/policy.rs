//! Authorization: every decision about what an actor may do is one of these functions.

use domain::{ApplicationId, Role, UserId};

use crate::{
    actor::{Actor, User},
    error::Error,
};

/// Returns the user if the actor is signed in: recruiters and administrators may read and move the
/// applications of every posting.
pub(crate) fn require_recruiter(actor: &Actor) -> Result<&User, Error> {
    match actor {
        Actor::User(user) => Ok(user),
        Actor::Anonymous | Actor::Applicant(_) | Actor::Operator => Err(Error::SignIn),
    }
}

/// Checks that the actor may administer users and the queue. For other users these pages do not exist.
pub(crate) fn require_admin(actor: &Actor) -> Result<(), Error> {
    match actor {
        Actor::Operator => Ok(()),
        Actor::User(user) if user.role == Role::Admin => Ok(()),
        Actor::User(_) => Err(Error::NotFound { what: "page" }),
        Actor::Anonymous | Actor::Applicant(_) => Err(Error::SignIn),
    }
}

/// Returns how log messages name the actor of an administrative change.
pub(crate) fn log_name(actor: &Actor) -> String {
    match actor {
        Actor::User(user) => format!("user {}", user.id),
        Actor::Operator => "operator".to_owned(),
        Actor::Applicant(id) => format!("applicant of {id}"),
        Actor::Anonymous => "anonymous".to_owned(),
    }
}

/// Whether the actor is that user: only they may follow the topic `user:<id>`.
pub(crate) fn is_user(actor: &Actor, id: UserId) -> bool {
    matches!(actor, Actor::User(user) if user.id == id)
}

/// Whether the actor is the applicant: only they may follow the topic `status:<id>`.
pub(crate) fn is_applicant(actor: &Actor, application: ApplicationId) -> bool {
    matches!(actor, Actor::Applicant(own) if *own == application)
}
