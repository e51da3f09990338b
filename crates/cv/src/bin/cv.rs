//! Reads a CV at the command line.

use std::{
    env,
    fs::File,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use cv::{
    Document,
    facts::YearMonth,
    sandbox::{self, Limits, ReadError, Sandbox},
    summary,
};
use domain::{Evidence, Line};

const USAGE: &str = "usage: cv read|summary FILE [--json]";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["child", mode] => sandbox::child_main(mode),
        ["read", path] => read_file(path, print),
        ["read", path, "--json"] | ["read", "--json", path] => read_file(path, print_json),
        ["summary", path] => read_file(path, print_summary),
        ["summary", path, "--json"] | ["summary", "--json", path] => read_file(path, print_summary_json),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn read_file(path: &str, show: fn(&Document)) -> ExitCode {
    match sandboxed(path) {
        Ok(document) => {
            show(&document);
            ExitCode::SUCCESS
        }
        Err(ReadError::Refused(refusal)) => {
            eprintln!("{path}: {refusal} ({})", refusal.code());
            ExitCode::FAILURE
        }
        Err(ReadError::Unavailable(error)) => {
            eprintln!("{path}: {error}");
            ExitCode::from(2)
        }
    }
}

/// Read by this program again, in a process that may do nothing else.
fn sandboxed(path: &str) -> Result<Document, ReadError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let start = || Ok((runtime?, env::current_exe()?, File::open(path)?));
    let (runtime, program, file) = start().map_err(ReadError::Unavailable)?;
    runtime.block_on(Sandbox::new(program, vec!["child".into()], Limits::default()).read(file))
}

fn print(document: &Document) {
    for page in &document.transcript.pages {
        println!("--- page {}\n{}", page.number, page.text);
    }
    for hidden in &document.hidden {
        println!("--- hidden on page {}, {}: {}", hidden.page, hidden.reason.phrase(), hidden.text);
    }
    for unread in &document.unread {
        println!("--- page {} was not read: {}", unread.page, unread.reason.sentence());
    }
}

fn print_json(document: &Document) {
    match serde_json::to_string_pretty(document) {
        Ok(json) => println!("{json}"),
        Err(error) => eprintln!("{error}"),
    }
}

fn lines(document: &Document) -> Vec<Line> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = YearMonth::of_unix_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    summary::summarise(document, &[], now)
}

fn print_summary(document: &Document) {
    for line in lines(document) {
        println!("{}: {}", line.kind().as_str(), line.text());
    }
}

fn print_summary_json(document: &Document) {
    let passage = |quote: &Evidence| {
        let span = quote.span();
        serde_json::json!({
            "page": quote.page(), "char_start": span.start, "char_end": span.end,
            "quote": quote.quote(), "boxes": quote.boxes(),
        })
    };
    let line = |line: &Line| {
        let evidence: Vec<_> = line.evidence().iter().map(passage).collect();
        serde_json::json!({ "kind": line.kind().as_str(), "text": line.text(), "evidence": evidence })
    };
    let read = document.transcript.pages.iter().any(|page| !page.text.trim().is_empty());
    let lines: Vec<_> = lines(document).iter().map(line).collect();
    let state = if read { "ready" } else { "unreadable" };
    let all = serde_json::json!({
        "state": state, "lines": lines, "hidden": document.hidden, "unread": document.unread,
    });
    println!("{all:#}");
}
