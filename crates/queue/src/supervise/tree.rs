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
    /// Its own children, if it is a supervisor.
    pub children: Vec<ChildReport>,
}

impl ChildReport {
    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = depth * 2;
        write!(f, "{:indent$}{} ({:?}, {} restarts)", "", self.name, self.state, self.restarts)?;
        match &self.last_failure {
            Some(failure) => writeln!(f, ": {failure}")?,
            None => writeln!(f)?,
        }
        self.children.iter().try_for_each(|child| child.write(f, depth + 1))
    }
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
        self.children.iter().try_for_each(|child| child.write(f, 1))
    }
}
