//! Roles of signed-in users.

use serde::{Deserialize, Serialize};

/// The role of a user, which decides what the user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May read and move the applications of every posting.
    Recruiter,
    /// May do what a recruiter may, and administer users and the queue.
    Admin,
}

impl Role {
    /// Returns the name under which the role is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recruiter => "recruiter",
            Self::Admin => "admin",
        }
    }

    /// Parses a stored name; `None` for an unknown one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Recruiter, Self::Admin].into_iter().find(|role| role.as_str() == text)
    }
}
