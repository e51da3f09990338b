//! `verbatim`: the product's one binary.

// The type of a page is the tree of its views.
#![recursion_limit = "256"]

mod accounts;
mod apply;
mod assets;
mod background;
mod bootstrap;
mod change_notifier;
mod cli;
mod client_ip;
mod connections;
mod documents;
mod handoff;
mod health;
mod jobs_command;
mod language;
mod listeners;
mod live_http;
mod live_socket;
mod metrics;
mod multipart;
mod origin;
mod pages;
mod queue_sampler;
mod router;
mod routes;
mod security;
mod serve;
mod server;
mod session;
mod settings;
mod shutdown_signal;
mod state;
mod summarize;
mod telemetry;
mod trace;
mod upload_limits;
mod users_command;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    // The sandboxed process comes first: it must limit itself before there is a runtime, a
    // configuration or a log.
    if let [_, command, mode] = arguments.as_slice()
        && command == bootstrap::READ_CV
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
