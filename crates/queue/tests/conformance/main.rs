//! Tests of the queue's guarantees, each on both databases.

mod admin;
mod claiming;
mod clocks;
mod control;
mod fencing;
mod leader;
mod limits;
mod observability;
mod outcomes;
mod shutdown;
mod support;
mod testing;
mod unique;
mod versions;
mod workflows;
