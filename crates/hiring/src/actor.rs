//! Actors: on whose behalf a use-case runs.

use domain::{ApplicationId, Locale, Role, UserId};

/// On whose behalf a use-case runs; every use-case decides by it whether to proceed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A visitor without a session.
    Anonymous,
    /// The holder of the status link of an application.
    Applicant(ApplicationId),
    /// A signed-in user.
    User(User),
    /// Somebody with a shell on the server; never the actor of a request.
    Operator,
}

/// A signed-in user with the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// The user's name, as shown to colleagues.
    pub name: String,
    /// The user's e-mail address.
    pub email: String,
    /// The user's role.
    pub role: Role,
    /// The language that the user chose for the interface; `None` for the browser's.
    pub language: Option<Locale>,
    /// Hash of the session token; the key under which the session is revoked.
    pub session: String,
    /// When the session expires, in Unix milliseconds.
    pub expires_at: i64,
}
