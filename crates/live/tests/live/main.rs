//! The live layer against real databases, and its client against a model server.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod client;
mod log;
mod nodes;
mod people;
mod protocol;
mod retention;
mod rules;
mod sessions;
mod visitor;
