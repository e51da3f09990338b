//! Stages of the hiring process.

use serde::{Deserialize, Serialize};

/// The stage of an application in the hiring process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Received; no decision yet.
    #[default]
    Applied,
    /// A recruiter is reviewing the application.
    Review,
    /// The candidate is being interviewed.
    Interview,
    /// The candidate has received an offer.
    Offer,
    /// The candidate has been hired; final.
    Hired,
    /// The application was rejected; final.
    Declined,
}

impl Stage {
    /// All stages, in the order of the process.
    pub const ALL: [Self; 6] = [Self::Applied, Self::Review, Self::Interview, Self::Offer, Self::Hired, Self::Declined];

    /// Returns the name under which the stage is stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Review => "review",
            Self::Interview => "interview",
            Self::Offer => "offer",
            Self::Hired => "hired",
            Self::Declined => "declined",
        }
    }

    /// Parses a stored name; `None` for an unknown one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }

    /// Returns the title that recruiters see, in English.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Applied => "Applied",
            Self::Review => "In review",
            Self::Interview => "Interview",
            Self::Offer => "Offer",
            Self::Hired => "Hired",
            Self::Declined => "Declined",
        }
    }

    /// Whether an application in this stage may move to `to`. Every stage can be left again, so
    /// that a mistaken move can be corrected; only a move to the same stage is refused.
    #[must_use]
    pub fn can_move_to(self, to: Self) -> bool {
        self != to
    }
}
