//! The `cv` command: reads a CV and prints its text, facts or summary.

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
use domain::{Line, Locale};
use serde_json::{Value, json};

const USAGE: &str = "usage: cv read|facts|summary FILE [--json] [--lang en|de|fr|es]
       cv render FILE PAGE [WIDTH] > PAGE.png";
/// The default width of a rendered page in pixels.
const DEFAULT_WIDTH: u32 = 1_200;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["child", mode] = words.as_slice() {
        return sandbox::child_main(mode);
    }
    let Some(options) = Options::parse(&words) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match (options.command.as_slice(), options.json) {
        (["read", path], false) => read(path, print),
        (["read", path], true) => read(path, print_json),
        (["facts", path], false) => facts(path, print_facts),
        (["facts", path], true) => facts(path, |facts| print_line(format_args!("{facts:#}"))),
        (["summary" | "summarize", path], false) => summary(path, |read| print_summary(read, options.locale)),
        (["summary" | "summarize", path], true) => summary(path, |read| print_summary_json(read, options.locale)),
        (["render", path, page], false) => render(path, page, DEFAULT_WIDTH),
        (["render", path, page, width], false) => render(path, page, width.parse().unwrap_or(DEFAULT_WIDTH)),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// The parsed command line.
struct Options<'a> {
    /// The command and its arguments.
    command: Vec<&'a str>,
    json: bool,
    locale: Locale,
}

impl<'a> Options<'a> {
    /// Parses the arguments; `None` for an unknown option or language.
    fn parse(arguments: &[&'a str]) -> Option<Self> {
        let mut options = Self { command: Vec::new(), json: false, locale: Locale::En };
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            match *word {
                "--json" => options.json = true,
                "--lang" => options.locale = Locale::parse(rest.next()?)?,
                option if option.starts_with("--") => return None,
                word => options.command.push(word),
            }
        }
        Some(options)
    }
}

fn read(path: &str, show: impl FnOnce(&Document)) -> ExitCode {
    exit_code(path, with_sandbox(path, async |sandbox, file| sandbox.read(file).await).map(|document| show(&document)))
}

fn facts(path: &str, show: impl FnOnce(&Value)) -> ExitCode {
    exit_code(
        path,
        with_sandbox(path, async |sandbox, file| sandbox.facts(file, today()).await).map(|facts| show(&facts)),
    )
}

fn summary(path: &str, show: impl FnOnce(&Summarized)) -> ExitCode {
    let summarize = async |sandbox: &Sandbox, file| sandbox.summarize(file, &[], today()).await;
    exit_code(path, with_sandbox(path, summarize).map(|summarized| show(&summarized)))
}

/// Writes a page as a PNG image to the standard output.
fn render(path: &str, page: &str, width: u32) -> ExitCode {
    let Ok(page) = page.parse() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let rendered = with_sandbox(path, async |sandbox, file| sandbox.render(file, page, width).await);
    let written = rendered.and_then(|png| std::io::stdout().write_all(&png).map_err(ReadError::Unavailable));
    exit_code(path, written)
}

/// Returns 0 for a file that was read, even if no text was found; 2 for a refused file, with one line that
/// says why; 1 for any other error.
fn exit_code(path: &str, result: Result<(), ReadError>) -> ExitCode {
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

/// Opens `path` and calls `request` with a sandbox that runs this program.
fn with_sandbox<T>(
    path: &str,
    request: impl AsyncFnOnce(&Sandbox, File) -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let start = || Ok((runtime?, env::current_exe()?, File::open(path)?));
    let (runtime, program, file) = start().map_err(ReadError::Unavailable)?;
    let sandbox = Sandbox::new(program, vec!["child".into()], Limits::default());
    runtime.block_on(request(&sandbox, file))
}

/// Prints a line and ignores errors, so that a closed pipe as of `head` is not one.
fn print_line(text: fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn print(document: &Document) {
    for page in &document.transcript.pages {
        print_line(format_args!("--- page {}\n{}", page.number, page.text));
    }
    for hidden in &document.hidden {
        print_line(format_args!(
            "--- hidden on page {}, {}: {}",
            hidden.page,
            hidden.reason.description(),
            hidden.text
        ));
    }
    for unread in &document.unread {
        print_line(format_args!("--- page {} was not read: {}", unread.page, unread.reason.sentence()));
    }
}

fn print_json(document: &Document) {
    match serde_json::to_string_pretty(document) {
        Ok(json) => print_line(format_args!("{json}")),
        Err(error) => eprintln!("{error}"),
    }
}

fn today() -> YearMonth {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    YearMonth::from_unix_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Prints a line for each value: its path, the value and where it was found.
fn print_facts(all: &Value) {
    for (path, source) in all["provenance"].as_object().into_iter().flatten() {
        let value = all["resume"].pointer(path).cloned().unwrap_or_default();
        let (value, method) = (value.as_str().unwrap_or_default(), source["method"].as_str().unwrap_or_default());
        print_line(format_args!("{path}: {value} (page {}, {method})", source["page"]));
    }
}

fn print_summary(summarized: &Summarized, locale: Locale) {
    for line in &summarized.lines {
        print_line(format_args!("{}: {}", line.kind().as_str(), line.text_in(locale)));
    }
}

fn print_summary_json(summarized: &Summarized, locale: Locale) {
    let line = |line: &Line| {
        let evidence: Vec<_> = line.evidence().iter().map(evidence_json).collect();
        json!({ "kind": line.kind().as_str(), "text": line.text_in(locale), "evidence": evidence })
    };
    let Document { hidden, unread, .. } = &summarized.document;
    let readable = summarized.document.has_text();
    let lines: Vec<_> = summarized.lines.iter().filter(|_| readable).map(line).collect();
    let state = if readable { "ready" } else { "unreadable" };
    let all = json!({ "state": state, "lines": lines, "hidden": hidden, "unread": unread });
    print_line(format_args!("{all:#}"));
}
