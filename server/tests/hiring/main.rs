//! The use-cases over both databases, with real files in the real sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

mod accounts;
mod administering;
mod applying;
mod living;
mod summarising;
