//! Conversions between Rust's types and those of the database.

use std::time::Duration;

/// Converts to whole milliseconds, the unit of the database.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Converts a count from the database.
pub(crate) fn count(n: i64) -> usize {
    usize::try_from(n).unwrap_or(0)
}
