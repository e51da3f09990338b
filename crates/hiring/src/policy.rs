//! Who may. Every decision of the product is one of these.

use domain::ApplicationId;

use crate::{
    actor::{Actor, User},
    error::Error,
};

/// Recruiters and administrators read every posting's applications, and move them.
pub(crate) fn may_recruit(actor: &Actor) -> Result<&User, Error> {
    match actor {
        Actor::User(user) => Ok(user),
        Actor::Anonymous | Actor::Applicant(_) => Err(Error::SignIn),
    }
}

/// An applicant follows their own application and no other.
pub(crate) fn may_follow(actor: &Actor, application: ApplicationId) -> bool {
    matches!(actor, Actor::Applicant(own) if *own == application)
}
