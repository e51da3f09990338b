//! What a supervisor can show.

use std::fmt;

/// What a child does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildState {
    /// It works.
    Running,
    /// It failed and waits to be restarted.
    Pausing,
    /// It ended well.
    Finished,
    /// It failed too often.
    GivenUp,
    /// Its supervisor was stopped.
    Stopped,
}

impl ChildState {
    pub(super) const fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::GivenUp | Self::Stopped)
    }
}

/// A child of a supervisor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildReport {
    /// Its name.
    pub name: String,
    /// What it does.
    pub state: ChildState,
    /// How often it was restarted.
    pub restarts: u64,
    /// Why it failed last.
    pub last_failure: Option<String>,
}

/// A supervisor and its children; prints as lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The supervisor's name.
    pub name: String,
    /// In the order of their start.
    pub children: Vec<ChildReport>,
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        for child in &self.children {
            write!(f, "  {} ({:?}, {} restarts)", child.name, child.state, child.restarts)?;
            match &child.last_failure {
                Some(failure) => writeln!(f, ": {failure}")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}
