//! Any text through the grammars of dates, headings and roles, up to the card.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| cv_fuzz::summarize(text));
