//! The use-cases over both databases, with real files in the real sandbox.

mod world;

mod accounts;
mod applying;
mod summarising;
