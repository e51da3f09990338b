//! What concerns one signed-in person wherever they are in the product: the topic `user:<id>`.

use serde::{Deserialize, Serialize};

use crate::{fold::Fold, id::ApplicationId, role::Role, summary::SummaryState};

/// What happens on the topic `user:<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum UserEvent {
    /// They may do something else from now on.
    RoleChanged {
        /// What.
        role: Role,
    },
    /// A summary that they asked for has ended.
    SummaryEnded {
        /// Of which application.
        application: ApplicationId,
        /// The candidate's name, as they gave it.
        name: String,
        /// How.
        summary: SummaryState,
    },
}

/// The fold of `user:<id>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserState {
    /// What they may do.
    pub role: Role,
}

impl Fold for UserState {
    type Event = UserEvent;

    fn apply(&mut self, event: UserEvent) {
        match event {
            UserEvent::RoleChanged { role } => self.role = role,
            // It is said, and nothing stays of it.
            UserEvent::SummaryEnded { .. } => {}
        }
    }
}
