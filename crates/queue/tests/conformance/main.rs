//! What the queue promises, on both databases.

mod by_hand;
mod claiming;
mod clocks;
mod control;
mod ending;
mod fencing;
mod leading;
mod limits;
mod seeing;
mod stopping;
mod support;
mod testing;
mod unique;
mod versions;
mod waiting;
