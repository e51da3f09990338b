//! Tests of the real program, and of rules that hold for the whole source.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;
mod imports;

mod architecture;
mod commands;
mod killed;
mod restarted;
mod statements;
mod watching;
