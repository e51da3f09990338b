//! Reads a CV at the command line.

use std::{
    env,
    error::Error as _,
    fmt,
    fs::File,
    io::Write,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use cv::{
    Document,
    facts::{YearMonth, evidence_json},
    sandbox::{self, Limits, ReadError, Sandbox, Summarized},
};
use domain::{Line, Tongue};
use serde_json::{Value, json};

const USAGE: &str = "usage: cv read|facts|summary FILE [--json] [--lang en|de|fr|es]
       cv render FILE PAGE [WIDTH] > PAGE.png";
/// The pixels across a picture, unless asked for others.
const WIDTH: u32 = 1_200;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["child", mode] = words.as_slice() {
        return sandbox::child_main(mode);
    }
    let Some(asked) = Asked::parse(&words) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match (asked.words.as_slice(), asked.json) {
        (["read", path], false) => read(path, print),
        (["read", path], true) => read(path, print_json),
        (["facts", path], false) => facts(path, print_facts),
        (["facts", path], true) => facts(path, |facts| say(format_args!("{facts:#}"))),
        (["summary", path], false) => summary(path, |read| print_summary(read, asked.tongue)),
        (["summary", path], true) => summary(path, |read| print_summary_json(read, asked.tongue)),
        (["render", path, page], false) => render(path, page, WIDTH),
        (["render", path, page, width], false) => render(path, page, width.parse().unwrap_or(WIDTH)),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// What the command line asks for.
struct Asked<'a> {
    words: Vec<&'a str>,
    json: bool,
    tongue: Tongue,
}

impl<'a> Asked<'a> {
    /// `None` for an unknown option or language.
    fn parse(arguments: &[&'a str]) -> Option<Self> {
        let mut asked = Self { words: Vec::new(), json: false, tongue: Tongue::En };
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            match *word {
                "--json" => asked.json = true,
                "--lang" => asked.tongue = Tongue::parse(rest.next()?)?,
                option if option.starts_with("--") => return None,
                word => asked.words.push(word),
            }
        }
        Some(asked)
    }
}

fn read(path: &str, show: impl FnOnce(&Document)) -> ExitCode {
    ended(path, sandboxed(path, async |sandbox, file| sandbox.read(file).await).map(|document| show(&document)))
}

fn facts(path: &str, show: impl FnOnce(&Value)) -> ExitCode {
    ended(path, sandboxed(path, async |sandbox, file| sandbox.facts(file, today()).await).map(|facts| show(&facts)))
}

fn summary(path: &str, show: impl FnOnce(&Summarized)) -> ExitCode {
    let asked = async |sandbox: &Sandbox, file| sandbox.summarize(file, &[], today()).await;
    ended(path, sandboxed(path, asked).map(|read| show(&read)))
}

/// Writes the picture of a page to the standard output.
fn render(path: &str, page: &str, width: u32) -> ExitCode {
    let Ok(page) = page.parse() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let drawn = sandboxed(path, async |sandbox, file| sandbox.render(file, page, width).await);
    let written = drawn.and_then(|png| std::io::stdout().write_all(&png).map_err(ReadError::Unavailable));
    ended(path, written)
}

/// 0 for what was read, even where nothing could be read of it; 2 for a refused file, with one line
/// that says why; 1 where the machine is to blame.
fn ended(path: &str, result: Result<(), ReadError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(ReadError::Refused(refusal)) => {
            eprintln!("{path}: {refusal} ({})", refusal.code());
            ExitCode::from(2)
        }
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            eprintln!("{path}: {error}{cause}");
            ExitCode::FAILURE
        }
    }
}

/// Done by this program again, in a process that may do nothing else.
fn sandboxed<T>(path: &str, ask: impl AsyncFnOnce(&Sandbox, File) -> Result<T, ReadError>) -> Result<T, ReadError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let start = || Ok((runtime?, env::current_exe()?, File::open(path)?));
    let (runtime, program, file) = start().map_err(ReadError::Unavailable)?;
    let sandbox = Sandbox::new(program, vec!["child".into()], Limits::default());
    runtime.block_on(ask(&sandbox, file))
}

/// A line for whoever reads this; who has read enough, as `head` has, gets no more.
fn say(text: fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn print(document: &Document) {
    for page in &document.transcript.pages {
        say(format_args!("--- page {}\n{}", page.number, page.text));
    }
    for hidden in &document.hidden {
        say(format_args!("--- hidden on page {}, {}: {}", hidden.page, hidden.reason.phrase(), hidden.text));
    }
    for unread in &document.unread {
        say(format_args!("--- page {} was not read: {}", unread.page, unread.reason.sentence()));
    }
}

fn print_json(document: &Document) {
    match serde_json::to_string_pretty(document) {
        Ok(json) => say(format_args!("{json}")),
        Err(error) => eprintln!("{error}"),
    }
}

fn today() -> YearMonth {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    YearMonth::from_unix_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A line a value: where it goes, what it is, and where it was read.
fn print_facts(all: &Value) {
    for (at, source) in all["provenance"].as_object().into_iter().flatten() {
        let value = all["resume"].pointer(at).cloned().unwrap_or_default();
        let (value, method) = (value.as_str().unwrap_or_default(), source["method"].as_str().unwrap_or_default());
        say(format_args!("{at}: {value} (page {}, {method})", source["page"]));
    }
}

fn print_summary(read: &Summarized, tongue: Tongue) {
    for line in &read.lines {
        say(format_args!("{}: {}", line.kind().as_str(), line.text_in(tongue)));
    }
}

fn print_summary_json(read: &Summarized, tongue: Tongue) {
    let line = |line: &Line| {
        let evidence: Vec<_> = line.evidence().iter().map(evidence_json).collect();
        json!({ "kind": line.kind().as_str(), "text": line.text_in(tongue), "evidence": evidence })
    };
    let Document { hidden, unread, .. } = &read.document;
    let readable = read.document.has_text();
    let lines: Vec<_> = read.lines.iter().filter(|_| readable).map(line).collect();
    let state = if readable { "ready" } else { "unreadable" };
    let all = json!({ "state": state, "lines": lines, "hidden": hidden, "unread": unread });
    say(format_args!("{all:#}"));
}
