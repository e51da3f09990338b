//! One application as a recruiter sees it, and what happens on the topic `application:<id>`.

use serde::{Deserialize, Serialize};

use crate::{
    stage::Stage,
    summary::{Summary, SummaryDelta},
};

/// What happens on the topic `application:<id>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ApplicationEvent {
    /// It came in.
    Applied,
    /// The summary moved on (in other products: `cv_summary_updated`).
    Summary {
        /// How.
        delta: SummaryDelta,
    },
    /// Somebody moved it.
    StageMoved {
        /// The new stage.
        stage: Stage,
        /// Who did.
        by: String,
    },
}

/// The live part of an application: the fold of its topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ApplicationState {
    /// Where it stands.
    pub stage: Stage,
    /// What the machine read.
    pub summary: Summary,
}

impl ApplicationState {
    /// The state after `event`. The server, the workers and the browser run this same fold.
    pub fn apply(&mut self, event: ApplicationEvent) {
        match event {
            ApplicationEvent::Applied => *self = Self::default(),
            ApplicationEvent::Summary { delta } => self.summary.apply(delta),
            ApplicationEvent::StageMoved { stage, .. } => self.stage = stage,
        }
    }
}
