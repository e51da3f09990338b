//! What a signed-in person may be.

use serde::{Deserialize, Serialize};

/// The role of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads every posting's applications and moves them.
    Recruiter,
    /// The same, and users, queue and settings.
    Admin,
}

impl Role {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recruiter => "recruiter",
            Self::Admin => "admin",
        }
    }

    /// The role of that stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Recruiter, Self::Admin].into_iter().find(|role| role.as_str() == text)
    }
}
