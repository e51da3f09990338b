//! Where an application stands in the hiring process.

use serde::{Deserialize, Serialize};

/// The stages of an application and the moves between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Received; nobody has decided anything.
    #[default]
    Applied,
    /// Somebody is looking closer.
    Review,
    /// Talking.
    Interview,
    /// An offer is out.
    Offer,
    /// Hired.
    Hired,
    /// Not going on.
    Declined,
}

impl Stage {
    /// All, in the order of the process.
    pub const ALL: [Self; 6] = [Self::Applied, Self::Review, Self::Interview, Self::Offer, Self::Hired, Self::Declined];

    /// As stored and sent.
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

    /// The stage of that stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }

    /// What a recruiter sees.
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

    /// Whether an application may go from here to `to`. Every stage can be left again, so that a
    /// slip of the mouse can be undone; only staying is not a move.
    #[must_use]
    pub fn can_move_to(self, to: Self) -> bool {
        self != to
    }
}
