//! Who may. Every decision of the product is one of these.

use domain::{ApplicationId, Role, UserId};

use crate::{
    actor::{Actor, User},
    error::Error,
};

/// Recruiters and administrators read every posting's applications, and move them.
pub(crate) fn may_recruit(actor: &Actor) -> Result<&User, Error> {
    match actor {
        Actor::User(user) => Ok(user),
        Actor::Anonymous | Actor::Applicant(_) | Actor::Operator => Err(Error::SignIn),
    }
}

/// Administrators see to the queue. To others its pages do not exist.
pub(crate) fn may_administer(actor: &Actor) -> Result<(), Error> {
    match actor {
        Actor::Operator => Ok(()),
        Actor::User(user) if user.role == Role::Admin => Ok(()),
        Actor::User(_) => Err(Error::NotFound { what: "page" }),
        Actor::Anonymous | Actor::Applicant(_) => Err(Error::SignIn),
    }
}

/// How the log calls whoever changed something by hand.
pub(crate) fn name_of(actor: &Actor) -> String {
    match actor {
        Actor::User(user) => format!("user {}", user.id),
        Actor::Operator => "operator".to_owned(),
        Actor::Applicant(id) => format!("applicant of {id}"),
        Actor::Anonymous => "nobody".to_owned(),
    }
}

/// What concerns one person is for that person only.
pub(crate) fn is_user(actor: &Actor, id: UserId) -> bool {
    matches!(actor, Actor::User(user) if user.id == id)
}

/// An applicant follows their own application and no other.
pub(crate) fn may_follow(actor: &Actor, application: ApplicationId) -> bool {
    matches!(actor, Actor::Applicant(own) if *own == application)
}
