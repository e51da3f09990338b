//! A printable snapshot of a supervisor and its children.

use std::fmt;

/// The state of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildState {
    /// The task runs.
    Running,
    /// The task failed and waits to be restarted.
    Pausing,
    /// The task ended without an error.
    Finished,
    /// The task failed too often.
    GivenUp,
    /// The supervisor stopped the task.
    Stopped,
}

impl ChildState {
    pub(super) const fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::GivenUp | Self::Stopped)
    }
}

/// A snapshot of one child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildReport {
    /// The child's name.
    pub name: String,
    /// The child's state.
    pub state: ChildState,
    /// How often the child was restarted.
    pub restarts: u64,
    /// The child's last failure, if it ever failed.
    pub last_failure: Option<String>,
    /// The children of the child, if it is a supervisor.
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

/// A snapshot of a supervisor and its children. Prints one line for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The supervisor's name.
    pub name: String,
    /// The children, in the order of their start.
    pub children: Vec<ChildReport>,
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        self.children.iter().try_for_each(|child| child.write(f, 1))
    }
}
