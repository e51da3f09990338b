//! Reads a CV at the command line.

use std::{env, fs, process::ExitCode};

use cv::{Document, format, read, sandbox};

const USAGE: &str = "usage: cv read FILE [--json]";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["child", mode] => sandbox::child_main(mode),
        ["read", path] => read_file(path, print),
        ["read", path, "--json"] | ["read", "--json", path] => read_file(path, print_json),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn read_file(path: &str, show: fn(&Document)) -> ExitCode {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::from(2);
        }
    };
    match format::sniff(&bytes).and_then(|format| read::read(&bytes, format)) {
        Ok(document) => {
            show(&document);
            ExitCode::SUCCESS
        }
        Err(refusal) => {
            eprintln!("{path}: {refusal} ({})", refusal.code());
            ExitCode::FAILURE
        }
    }
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
