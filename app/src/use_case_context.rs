//! What a server function needs to call a use-case.
//!
//! Every server function is thin: it gets the actor, calls one use-case of `hiring` and maps the error.

use hiring::{Actor, Hiring};
use leptos::prelude::*;

/// The use-cases, and on whose behalf this request calls them: [`Actor::Anonymous`] without a session.
///
/// # Panics
///
/// Outside of a request whose handler provided a [`Hiring`] as context, which is a bug of the server.
pub fn use_case_context() -> (Hiring, Actor) {
    (expect_context(), use_context().unwrap_or(Actor::Anonymous))
}
