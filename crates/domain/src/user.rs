//! Events that concern one signed-in user on every page: the topic `user:<id>`.

use serde::{Deserialize, Serialize};

use crate::{fold::Fold, id::ApplicationId, role::Role, summary::SummaryState};

/// An event on the topic `user:<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum UserEvent {
    /// The user's role changed.
    RoleChanged {
        /// The new role.
        role: Role,
    },
    /// A summary that the user requested has ended.
    SummaryEnded {
        /// The application that was summarized.
        application: ApplicationId,
        /// The candidate's name, as entered in the form.
        name: String,
        /// The final state.
        summary: SummaryState,
    },
}

/// The state of the topic `user:<id>`: the fold of its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserState {
    /// The user's current role.
    pub role: Role,
}

impl Fold for UserState {
    type Event = UserEvent;

    fn apply(&mut self, event: UserEvent) {
        match event {
            UserEvent::RoleChanged { role } => self.role = role,
            // A notification only; it leaves no state.
            UserEvent::SummaryEnded { .. } => {}
        }
    }
}
