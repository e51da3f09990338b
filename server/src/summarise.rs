//! `verbatim summarise FILE`: one CV, without a database.

use std::{fs::File, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::ArgMatches;
use cv::{Document, facts::YearMonth, sandbox::ReadError};
use db::Clock;
use domain::Line;
use serde_json::{Value, json};

use crate::parts;

/// Prints the summary; exits with 2 and one line when the file is refused.
///
/// # Errors
/// When the sandbox cannot be started.
pub async fn run(flags: &ArgMatches) -> anyhow::Result<ExitCode> {
    let path = flags.get_one::<PathBuf>("file").context("FILE is missing")?;
    let must_haves: Vec<String> = flags.get_many("must-have").unwrap_or_default().cloned().collect();
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let document = match parts::sandbox().read(file).await {
        Ok(document) => document,
        Err(ReadError::Refused(refusal)) => {
            eprintln!("{}: {refusal}", path.display());
            return Ok(ExitCode::from(2));
        }
        Err(ReadError::Unavailable(error)) => return Err(error).with_context(|| path.display().to_string()),
    };
    let lines = lines(&document, &must_haves);
    if flags.get_flag("json") {
        println!("{}", serde_json::to_string_pretty(&as_json(&document, &lines))?);
    } else {
        print(&document, &lines);
    }
    Ok(ExitCode::SUCCESS)
}

fn is_readable(document: &Document) -> bool {
    document.transcript.pages.iter().any(|page| !page.text.trim().is_empty())
}

fn lines(document: &Document, must_haves: &[String]) -> Vec<Line> {
    if !is_readable(document) {
        return Vec::new();
    }
    let today = YearMonth::of_unix_ms(Clock::system().now_ms());
    cv::summary::summarise(document, must_haves, today)
}

fn print(document: &Document, lines: &[Line]) {
    let mut kind = None;
    for line in lines {
        if kind != Some(line.kind()) {
            println!("\n{}", line.kind().title());
            kind = Some(line.kind());
        }
        println!("  {}", printable(line.text()));
        for evidence in line.evidence() {
            println!("      p. {}  \u{201c}{}\u{201d}", evidence.page(), printable(evidence.quote()));
        }
    }
    for page in &document.unread {
        println!("Page {} could not be read: {}", page.page, page.reason.sentence());
    }
}

/// A CV's text on a terminal, without characters that would steer it.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The shape for machines.
fn as_json(document: &Document, lines: &[Line]) -> Value {
    let lines: Vec<_> = lines.iter().map(line_as_json).collect();
    json!({
        "state": if is_readable(document) { "ready" } else { "unreadable" },
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
