//! `verbatim summarize FILE`: summarizes one CV, without a database.

use std::{fs::File, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::ArgMatches;
use cv::{Document, facts::YearMonth, sandbox::ReadError};
use db::Clock;
use domain::Line;
use serde_json::{Value, json};

use crate::bootstrap;

/// Prints the summary of the file. Exits with 2, and one line on stderr, when the file is refused.
///
/// # Errors
/// When the file cannot be opened or the sandbox cannot be started.
pub async fn run(flags: &ArgMatches) -> anyhow::Result<ExitCode> {
    let path = flags.get_one::<PathBuf>("file").context("FILE is missing")?;
    let must_haves: Vec<String> = flags.get_many("must-have").unwrap_or_default().cloned().collect();
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let today = YearMonth::from_unix_ms(Clock::system().now_ms());
    let read = match bootstrap::sandbox().summarize(file, &must_haves, today).await {
        Ok(read) => read,
        Err(ReadError::Refused(refusal)) => {
            eprintln!("{}: {refusal}", path.display());
            return Ok(ExitCode::from(2));
        }
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    // A document without text has no lines, only reasons.
    let lines = if read.document.has_text() { read.lines } else { Vec::new() };
    if flags.get_flag("json") {
        println!("{}", serde_json::to_string_pretty(&as_json(&read.document, &lines))?);
    } else {
        print(&read.document, &lines);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(document: &Document, lines: &[Line]) {
    let mut kind = None;
    for line in lines {
        if kind != Some(line.kind()) {
            println!("\n{}", line.kind().title());
            kind = Some(line.kind());
        }
        println!("  {}", printable(&line.text()));
        for evidence in line.evidence() {
            println!("      p. {}  \u{201c}{}\u{201d}", evidence.page(), printable(evidence.quote()));
        }
    }
    for page in &document.unread {
        println!("Page {} could not be read: {}", page.page, page.reason.sentence());
    }
}

/// Text of a CV for a terminal, without control characters.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The output of `--json`.
fn as_json(document: &Document, lines: &[Line]) -> Value {
    let lines: Vec<_> = lines.iter().map(line_as_json).collect();
    json!({
        "state": if document.has_text() { "ready" } else { "unreadable" },
        "lines": lines,
        "hidden": document.hidden,
        "unread": document.unread,
    })
}

fn line_as_json(line: &Line) -> Value {
    let evidence: Vec<_> = line
        .evidence()
        .iter()
        .map(|evidence| {
            json!({
                "page": evidence.page(),
                "char_start": evidence.span().start,
                "char_end": evidence.span().end,
                "quote": evidence.quote(),
                "boxes": evidence.boxes(),
            })
        })
        .collect();
    json!({ "kind": line.kind(), "text": line.text(), "evidence": evidence })
}
