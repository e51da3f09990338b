//! What the queue promises, on both databases.

mod claiming;
mod ending;
mod fencing;
mod stopping;
mod support;
mod unique;
