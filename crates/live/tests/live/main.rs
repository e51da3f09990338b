//! The live layer against real databases, and its client against a model server.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod client_model;
mod client_rules;
mod log;
mod nodes;
mod presence;
mod protocol;
mod retention;
mod sessions;
mod test_client;
