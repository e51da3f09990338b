//! `verbatim`: the product's one binary.

// The type of a page is the tree of its views.
#![recursion_limit = "256"]

mod accounts;
mod address;
mod apply;
mod beside;
mod cli;
mod connections;
mod documents;
mod entrance;
mod form;
mod handover;
mod health;
mod house;
mod jobs;
mod live_follow;
mod live_socket;
mod metrics;
mod origin;
mod pages;
mod parts;
mod router;
mod sampler;
mod security;
mod serve;
mod session;
mod settings;
mod site;
mod summarise;
mod telemetry;
mod trace;
mod turns;
mod users;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    // The sandboxed process comes first: it must limit itself before there is a runtime, a
    // configuration or a log.
    if let [_, command, mode] = arguments.as_slice()
        && command == parts::READ_CV
    {
        return cv::sandbox::child_main(&mode.to_string_lossy());
    }
    match cli::run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("verbatim: {error:#}");
            ExitCode::FAILURE
        }
    }
}
