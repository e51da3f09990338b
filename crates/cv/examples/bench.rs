//! Benchmarks the crate on the CVs of a folder: `cargo run --release -p cv --example bench -- FOLDER`.
//!
//! Skips files that are refused or have no text. The figures depend on the machine.

use std::{
    env,
    error::Error,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use cv::{
    facts::{self, YearMonth},
    format, read,
    sandbox::{self, Limits, Sandbox},
    summary,
};

const NOW: YearMonth = YearMonth { year: 2026, month: 1 };
/// How often each file is read before it is timed.
const WARM_UP_RUNS: usize = 2;
/// How often each file is timed.
const TIMED_RUNS: usize = 7;
/// How long each throughput measurement takes.
const ROUND_TIME: Duration = Duration::from_secs(4);
/// How often the measurements are repeated in turn, so that other load on the machine affects all of them.
const ROUNDS: usize = 7;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["child", mode] => return sandbox::child_main(mode),
        [folder] => bench(Path::new(folder)),
        _ => Err("usage: bench FOLDER".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn bench(folder: &Path) -> Result<(), Box<dyn Error>> {
    let files = files(folder)?;
    let (mut pages, mut cards, mut whole, mut memory) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut readable = Vec::new();
    for path in files {
        let bytes = fs::read(&path)?;
        let Ok(kind) = format::sniff(&bytes) else { continue };
        let Ok(mut document) = read::read(&bytes, kind) else { continue };
        if document.lines.is_empty() {
            continue;
        }
        fs::write("/proc/self/clear_refs", "5")?;
        let before = peak_memory()?;
        let reading = best_ms(|| read::read(&bytes, kind).is_ok());
        let card = best_ms(|| {
            facts::mark_languages(&mut document);
            !summary::summarize(&document, &["Rust".to_owned()], NOW).is_empty()
        });
        memory.push(peak_memory()? - before);
        let count = document.transcript.pages.len().max(1);
        pages.push(reading / f64::from(u32::try_from(count)?));
        cards.push(card);
        if count == 2 {
            whole.push(reading + card);
        }
        readable.push(path);
    }
    println!("{} CVs, in this process, best of {TIMED_RUNS}", readable.len());
    print("reading                           ms/page", &mut pages);
    print("facts and summary                 ms/CV  ", &mut cards);
    print("two pages, bytes to summary       ms/CV  ", &mut whole);
    print("memory beyond the start           MB     ", &mut memory);
    let concurrency = 2 * thread::available_parallelism()?.get();
    println!("{concurrency} processes at a time, {ROUNDS} rounds of {} s each in turn", ROUND_TIME.as_secs());
    let sandbox = WarmSandbox::start(concurrency)?;
    let pdfs: Vec<PathBuf> =
        readable.iter().filter(|path| path.extension().is_some_and(|end| end == "pdf")).cloned().collect();
    let (mut ours, mut theirs, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(sandbox.throughput(&pdfs)?);
        theirs.extend(pdftotext_throughput(&pdfs, concurrency));
        all.push(sandbox.throughput(&readable)?);
    }
    let mut factors: Vec<f64> = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect();
    print_rates("sandbox, read and summarized, the PDFs   CVs/s  ", &mut ours);
    print_rates("pdftotext, the PDFs                      CVs/s  ", &mut theirs);
    print_rates("sandbox relative to pdftotext            factor ", &mut factors);
    print_rates("sandbox, read and summarized, all CVs    CVs/s  ", &mut all);
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if !name.starts_with("bad-") && !name.starts_with("bomb-") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The shortest time of several runs in milliseconds.
fn best_ms(mut run: impl FnMut() -> bool) -> f64 {
    let time = |_| {
        let began = Instant::now();
        std::hint::black_box(run());
        began.elapsed().as_secs_f64() * 1_000.0
    };
    (0..WARM_UP_RUNS + TIMED_RUNS).map(time).skip(WARM_UP_RUNS).fold(f64::MAX, f64::min)
}

/// The peak memory of this process since the last reset in MB.
fn peak_memory() -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).ok_or("VmHWM is empty")?.parse()?;
    Ok(kilobytes / 1_000.0)
}

fn print(name: &str, values: &mut [f64]) {
    values.sort_by(f64::total_cmp);
    let at = |percent: usize| {
        values.get((values.len() * percent / 100).min(values.len().saturating_sub(1))).copied().unwrap_or(0.0)
    };
    println!("{name} p50 {:8.2}   p99 {:8.2}   most {:8.2}", at(50), at(99), at(100));
}

/// Prints the median and range of `rates`; they are empty where `pdftotext` is not installed.
fn print_rates(name: &str, rates: &mut [f64]) {
    rates.sort_by(f64::total_cmp);
    match (rates.first(), rates.get(rates.len() / 2), rates.last()) {
        (Some(least), Some(middle), Some(most)) => println!("{name} {middle:8.2}   ({least:.2} to {most:.2})"),
        _ => println!("{name} is not installed"),
    }
}

/// A sandbox as a server has it, whose zygote is running.
struct WarmSandbox {
    sandbox: Arc<Sandbox>,
    runtime: tokio::runtime::Runtime,
    concurrency: usize,
}

impl WarmSandbox {
    fn start(concurrency: usize) -> Result<Self, Box<dyn Error>> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let limits = Limits { concurrency, ..Limits::default() };
        let sandbox = Sandbox::new(env::current_exe()?, vec!["child".into()], limits).without_ocr();
        runtime.block_on(sandbox.probe(File::open(env::current_exe()?)?))?;
        Ok(Self { sandbox: Arc::new(sandbox), runtime, concurrency })
    }

    /// Summarizes `files` in turn, each in a process of its own, and returns the number of CVs a second.
    fn throughput(&self, files: &[PathBuf]) -> Result<f64, Box<dyn Error>> {
        let began = Instant::now();
        let work = |start: usize| {
            let (sandbox, files) = (Arc::clone(&self.sandbox), files.to_vec());
            async move {
                let mut done = 0_u32;
                for path in files.iter().cycle().skip(start) {
                    if began.elapsed() > ROUND_TIME {
                        break;
                    }
                    let Ok(file) = File::open(path) else { continue };
                    if let Ok(read) = sandbox.summarize(file, &[], NOW).await {
                        std::hint::black_box(read);
                        done += 1;
                    }
                }
                done
            }
        };
        let step = files.len() / self.concurrency;
        let tasks: Vec<_> = (0..self.concurrency).map(|n| self.runtime.spawn(work(n * step))).collect();
        let mut done = 0;
        for task in tasks {
            done += self.runtime.block_on(task)?;
        }
        Ok(f64::from(done) / began.elapsed().as_secs_f64())
    }
}

/// Runs `pdftotext` on `files` in turn and returns the number of runs a second; `None` if it is not installed.
fn pdftotext_throughput(files: &[PathBuf], concurrency: usize) -> Option<f64> {
    Command::new("pdftotext").arg("-v").stderr(Stdio::null()).status().ok()?;
    let began = Instant::now();
    let work = |start: usize| {
        let mut done = 0_u32;
        for path in files.iter().cycle().skip(start) {
            if began.elapsed() > ROUND_TIME {
                break;
            }
            let run = Command::new("pdftotext").arg(path).arg("-").stdout(Stdio::null()).stderr(Stdio::null()).status();
            done += u32::from(run.is_ok_and(|status| status.success()));
        }
        done
    };
    let step = files.len() / concurrency;
    let total: u32 = thread::scope(|scope| {
        let runs: Vec<_> = (0..concurrency).map(|n| scope.spawn(move || work(n * step))).collect();
        runs.into_iter().filter_map(|run| run.join().ok()).sum()
    });
    Some(f64::from(total) / began.elapsed().as_secs_f64())
}
