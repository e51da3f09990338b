//! The entry point of a process that the sandbox starts.

use std::process::ExitCode;

use super::{ocr, zygote};

/// Runs this process as a zygote or an OCR program and returns its exit code. `mode` is the argument
/// that the sandbox appends to those that [`Sandbox::new`](super::Sandbox::new) got.
///
/// Call it first thing in `main`, before any thread starts.
#[must_use]
pub fn child_main(mode: &str) -> ExitCode {
    match mode.strip_prefix(ocr::MODE_PREFIX) {
        Some(request) => ocr::exec_ocr(request),
        None if mode == zygote::MODE => zygote::zygote_main(),
        None => ExitCode::from(2),
    }
}
