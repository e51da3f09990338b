//! The sandboxed reader of CVs for the tests, in place of the product's binary.

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    cv::sandbox::child_main(&env::args().nth(1).unwrap_or_default())
}
