//! Who asks.

use domain::{ApplicationId, Role, UserId};

/// Who asks for a use-case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody known.
    Anonymous,
    /// Somebody who holds the link of an application's status page.
    Applicant(ApplicationId),
    /// Somebody signed in.
    User(User),
    /// Somebody with a shell on the machine; never a request.
    Operator,
}

/// Somebody signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// As shown to colleagues.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// The hash that names their session; the key of a revocation.
    pub session: String,
    /// When it ends by itself; milliseconds since 1970, UTC.
    pub expires_at: i64,
}
