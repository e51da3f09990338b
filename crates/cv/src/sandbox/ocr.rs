//! OCR by Tesseract, which runs in a process of its own.
//!
//! Tesseract gets no byte of the CV, only gray pixels that a child process rendered. It may read programs,
//! libraries and dictionaries and nothing else, and has no network. It is optional.

use std::{
    env, io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command as Program, ExitCode},
    sync::OnceLock,
    time::Duration,
};

use hayro_interpret::kurbo::Rect;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Child,
};
use whatlang::Lang;

use super::{Sandbox, confine, error::ReadError, permits::RequestKind, raw};
use crate::read::ocr::{OcrPage, OcrWord};

/// How long one pass over one page may take.
const PASS_TIMEOUT: Duration = Duration::from_secs(60);
/// The maximum length of Tesseract's output for a page in bytes.
const MAX_OUTPUT_BYTES: u64 = 8 * 1024 * 1024;
/// What the mode of a process that is to run Tesseract begins with.
pub(super) const MODE_PREFIX: &str = "ocr:";

/// Tesseract and the dictionaries that are installed for it.
#[derive(Clone, Debug)]
pub(super) struct Tesseract {
    program: PathBuf,
    languages: Vec<String>,
}

impl Tesseract {
    /// Finds Tesseract on the search path. Looks once and caches the result.
    pub(super) fn installed() -> Option<Self> {
        static FOUND: OnceLock<Option<Tesseract>> = OnceLock::new();
        FOUND.get_or_init(Self::find).clone()
    }

    fn find() -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
        let program =
            env::split_paths(&path).map(|folder| folder.join("tesseract")).find(|program| program.is_file())?;
        let listed = Program::new(&program).arg("--list-langs").env_clear().output().ok()?;
        let text = String::from_utf8_lossy(&listed.stdout).into_owned();
        let languages: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
        (!languages.is_empty()).then_some(Self { program, languages })
    }

    /// Recognizes the words of the image `pgm`: detects its orientation and script first, then the
    /// language, then recognizes with that language's dictionary. `None` where no dictionary fits.
    pub(super) async fn recognize(&self, sandbox: &Sandbox, pgm: Vec<u8>) -> Result<Option<OcrPage>, ReadError> {
        let orientation = match self.has("osd") {
            true => Orientation::parse(&self.run(sandbox, &pgm, "osd", 0).await?),
            false => Orientation::default(),
        };
        let upright = GrayImage::parse(pgm).map(|image| image.rotated(orientation.quarter_turns));
        let Some(image) = upright else { return Ok(None) };
        let dictionary = match orientation.script.as_deref() {
            Some("Cyrillic") => "rus",
            Some("Han") => "chi_sim",
            Some("Arabic") => "ara",
            Some("Hebrew") => "heb",
            Some("Japanese") => "jpn",
            Some("Korean" | "Hangul") => "kor",
            Some("Greek") => "ell",
            _ => "eng",
        };
        if !self.has(dictionary) {
            return Ok(None);
        }
        let pgm = image.to_pgm();
        let mut table = self.run(sandbox, &pgm, dictionary, 3).await?;
        if let Some(better) = self.language(&table).filter(|better| *better != dictionary) {
            table = self.run(sandbox, &pgm, &format!("{better}+{dictionary}"), 3).await?;
        }
        let words = parse_words(&table);
        Ok(Some(OcrPage { words, size: image.size(), quarter_turns: orientation.quarter_turns }))
    }

    fn has(&self, language: &str) -> bool {
        self.languages.iter().any(|known| known == language)
    }

    /// Detects the language of the words of `table`; `None` if its dictionary is not installed.
    fn language(&self, table: &str) -> Option<&'static str> {
        let text: Vec<String> = parse_words(table).into_iter().map(|word| word.text).collect();
        // Any language counts here, whether CVs are often written in it or not.
        let detected = whatlang::detect(&text.join(" ")).filter(whatlang::Info::is_reliable)?;
        let dictionary = match detected.lang() {
            Lang::Cmn => "chi_sim",
            Lang::Pes => "fas",
            Lang::Nob => "nor",
            other => other.code(),
        };
        self.has(dictionary).then_some(dictionary)
    }

    /// Runs one pass with page segmentation mode `mode` and returns Tesseract's output.
    async fn run(&self, sandbox: &Sandbox, pgm: &[u8], languages: &str, mode: u8) -> Result<String, ReadError> {
        let _permit = sandbox.permits.acquire(RequestKind::Ocr).await?;
        let request = format!("{MODE_PREFIX}{mode}:{languages}:{}", self.program.display());
        let mut child = sandbox.spawn_ocr(&request).map_err(ReadError::Unavailable)?;
        let input = child.stdin.take();
        let write = async {
            if let Some(mut input) = input {
                // If the program has ended, its output is empty and that is enough.
                let _ = input.write_all(pgm).await;
            }
        };
        let output = tokio::time::timeout(PASS_TIMEOUT, async { tokio::join!(write, read_output(&mut child)).1 }).await;
        let Ok(output) = output else {
            child.kill().await.map_err(ReadError::Unavailable)?;
            return Ok(String::new());
        };
        Ok(String::from_utf8_lossy(&output.map_err(ReadError::Unavailable)?).into_owned())
    }
}

/// Reads the output up to the limit, then kills and reaps the process.
async fn read_output(child: &mut Child) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(MAX_OUTPUT_BYTES).read_to_end(&mut bytes).await?;
    }
    child.start_kill()?;
    child.wait().await?;
    Ok(bytes)
}

/// Confines this process and executes Tesseract in its place. `request`: `MODE:LANGUAGES:PROGRAM`.
/// Returns only on failure.
pub(super) fn exec_ocr(request: &str) -> ExitCode {
    let mut fields = request.splitn(3, ':');
    let (Some(mode), Some(languages), Some(program)) = (fields.next(), fields.next(), fields.next()) else {
        return ExitCode::from(2);
    };
    raw::close_all_but_standard();
    if confine::confine_ocr().is_err() {
        return ExitCode::from(2);
    }
    let mut tesseract = Program::new(Path::new(program));
    tesseract.args(["stdin", "stdout", "-l", languages, "--psm", mode, "--dpi", "300"]);
    if mode != "0" {
        tesseract.arg("tsv");
    }
    // One thread: on small pages several threads only wait for each other.
    let failed = tesseract.env_clear().env("OMP_THREAD_LIMIT", "1").exec();
    eprintln!("{failed}");
    ExitCode::from(2)
}

/// The orientation and script of a page image.
#[derive(Debug, Default)]
struct Orientation {
    /// How often to rotate the image by 90 degrees clockwise to make it upright.
    quarter_turns: u8,
    script: Option<String>,
}

/// Tesseract's confidence from which its orientation is used.
const ORIENTATION_THRESHOLD: f32 = 1.5;

impl Orientation {
    /// Parses Tesseract's output in mode 0.
    fn parse(text: &str) -> Self {
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let confidence = value("Orientation confidence:").and_then(|n| n.parse::<f32>().ok()).unwrap_or(0.0);
        let is_confident = confidence > ORIENTATION_THRESHOLD;
        let degrees = value("Rotate:").and_then(|n| n.parse::<u16>().ok()).filter(|_| is_confident).unwrap_or(0);
        let quarter_turns = u8::try_from(degrees / 90 % 4).unwrap_or(0);
        Self { quarter_turns, script: value("Script:").map(str::to_owned) }
    }
}

/// A grayscale image with one byte a pixel.
struct GrayImage {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl GrayImage {
    fn parse(pgm: Vec<u8>) -> Option<Self> {
        let mut lines = pgm.splitn(4, |byte| *byte == b'\n');
        let (_, size, _, pixels) = (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
        let (width, height) = std::str::from_utf8(size).ok()?.split_once(' ')?;
        let (width, height) = (width.parse().ok()?, height.parse().ok()?);
        (pixels.len() == width * height).then(|| Self { width, height, pixels: pixels.to_vec() })
    }

    fn to_pgm(&self) -> Vec<u8> {
        let mut pgm = format!("P5\n{} {}\n255\n", self.width, self.height).into_bytes();
        pgm.extend_from_slice(&self.pixels);
        pgm
    }

    #[expect(clippy::cast_precision_loss, reason = "a few thousand pixels")]
    fn size(&self) -> (f64, f64) {
        (self.width as f64, self.height as f64)
    }

    /// Rotates the image clockwise by 90 degrees `quarter_turns` times.
    fn rotated(self, quarter_turns: u8) -> Self {
        (0..quarter_turns).fold(self, |image, _| image.rotated_once())
    }

    fn rotated_once(self) -> Self {
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for x in 0..self.width {
            for y in (0..self.height).rev() {
                pixels.push(self.pixels.get(y * self.width + x).copied().unwrap_or(u8::MAX));
            }
        }
        Self { width: self.height, height: self.width, pixels }
    }
}

/// Parses Tesseract's table of words: level, page, block, paragraph, line, word, left, top, width,
/// height, confidence, text.
fn parse_words(table: &str) -> Vec<OcrWord> {
    let parse = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let number = |n: usize| cells.get(n).and_then(|cell| cell.parse::<u32>().ok());
        let (x, y) = (f64::from(number(6)?), f64::from(number(7)?));
        let area = Rect::new(x, y, x + f64::from(number(8)?), y + f64::from(number(9)?));
        let line = (number(2)?, number(3)?, number(4)?);
        let confidence = cells.get(10)?.parse().ok()?;
        (number(0)? == 5).then(|| OcrWord {
            line,
            area,
            confidence,
            text: cells.get(11).copied().unwrap_or_default().to_owned(),
        })
    };
    table.lines().filter_map(parse).collect()
}
