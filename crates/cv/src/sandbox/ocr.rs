//! Recognition of text in pictures, by Tesseract as a process of its own.
//!
//! It gets no byte of the CV but grey pixels that the reading process drew, may read programs,
//! libraries and dictionaries and nothing else, and has no network. It is never required.

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

use super::{ReadError, Sandbox, confine, places::Purpose, raw};
use crate::read::recognised::{Seen, SeenWord};

/// One pass over one page takes no longer.
const WALL: Duration = Duration::from_secs(60);
/// The longest table of words of a page.
const ANSWER: u64 = 8 * 1024 * 1024;

/// Tesseract and the dictionaries that are installed for it.
#[derive(Clone, Debug)]
pub(super) struct Recogniser {
    program: PathBuf,
    languages: Vec<String>,
}

impl Recogniser {
    /// The one on the search path, looked for once.
    pub(super) fn installed() -> Option<Self> {
        static FOUND: OnceLock<Option<Recogniser>> = OnceLock::new();
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

    /// The words of the picture `pgm`: how it lies and which script it shows is found first, then the
    /// language, then the words with that language's dictionary. `None` where no dictionary fits.
    pub(super) async fn words(&self, sandbox: &Sandbox, pgm: Vec<u8>) -> Result<Option<Seen>, ReadError> {
        let lie = match self.has("osd") {
            true => Lie::parse(&self.run(sandbox, &pgm, "osd", 0).await?),
            false => Lie::default(),
        };
        let Some(picture) = Picture::parse(pgm).map(|picture| picture.turned(lie.turns)) else { return Ok(None) };
        let first = match lie.script.as_deref() {
            Some("Cyrillic") => "rus",
            Some("Han") => "chi_sim",
            Some("Arabic") => "ara",
            Some("Hebrew") => "heb",
            Some("Japanese") => "jpn",
            Some("Korean" | "Hangul") => "kor",
            Some("Greek") => "ell",
            _ => "eng",
        };
        if !self.has(first) {
            return Ok(None);
        }
        let pgm = picture.to_pgm();
        let mut table = self.run(sandbox, &pgm, first, 3).await?;
        if let Some(better) = self.language(&table).filter(|better| *better != first) {
            table = self.run(sandbox, &pgm, &format!("{better}+{first}"), 3).await?;
        }
        Ok(Some(Seen { words: words(&table), size: picture.size(), turns: lie.turns }))
    }

    fn has(&self, language: &str) -> bool {
        self.languages.iter().any(|known| known == language)
    }

    /// The language of the words of `table`, if its dictionary is installed.
    fn language(&self, table: &str) -> Option<&'static str> {
        let text: Vec<String> = words(table).into_iter().map(|word| word.text).collect();
        // Any that is known, whether CVs are often written in it or not.
        let told = whatlang::detect(&text.join(" ")).filter(whatlang::Info::is_reliable)?;
        let dictionary = match told.lang() {
            Lang::Cmn => "chi_sim",
            Lang::Pes => "fas",
            Lang::Nob => "nor",
            other => other.code(),
        };
        self.has(dictionary).then_some(dictionary)
    }

    /// One pass: what Tesseract prints.
    async fn run(&self, sandbox: &Sandbox, pgm: &[u8], languages: &str, mode: u8) -> Result<String, ReadError> {
        let _place = sandbox.places.take(Purpose::Recognition).await?;
        let request = format!("recognise:{mode}:{languages}:{}", self.program.display());
        let mut child = sandbox.start_recogniser(&request).map_err(ReadError::Unavailable)?;
        let input = child.stdin.take();
        let write = async {
            if let Some(mut input) = input {
                // A program that has ended says so by its exit.
                let _ = input.write_all(pgm).await;
            }
        };
        let heard = tokio::time::timeout(WALL, async { tokio::join!(write, listen(&mut child)).1 }).await;
        let Ok(heard) = heard else {
            child.kill().await.map_err(ReadError::Unavailable)?;
            return Ok(String::new());
        };
        Ok(String::from_utf8_lossy(&heard.map_err(ReadError::Unavailable)?).into_owned())
    }
}

/// Reads the table up to the limit, then ends and reaps the process.
async fn listen(child: &mut Child) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(ANSWER).read_to_end(&mut bytes).await?;
    }
    child.start_kill()?;
    child.wait().await?;
    Ok(bytes)
}

/// Confines this process and becomes Tesseract. `request`: MODE:LANGUAGES:PROGRAM.
pub(super) fn become_recogniser(request: &str) -> ExitCode {
    let mut parts = request.splitn(3, ':');
    let (Some(mode), Some(languages), Some(program)) = (parts.next(), parts.next(), parts.next()) else {
        return ExitCode::from(2);
    };
    raw::close_all_but_standard();
    if confine::confine_recogniser().is_err() {
        return ExitCode::from(2);
    }
    let mut tesseract = Program::new(Path::new(program));
    tesseract.args(["stdin", "stdout", "-l", languages, "--psm", mode, "--dpi", "300"]);
    if mode != "0" {
        tesseract.arg("tsv");
    }
    // One thread: several of them only wait for each other on small pages.
    let failed = tesseract.env_clear().env("OMP_THREAD_LIMIT", "1").exec();
    eprintln!("{failed}");
    ExitCode::from(2)
}

/// How a picture lies and which script it shows.
#[derive(Debug, Default)]
struct Lie {
    turns: u8,
    script: Option<String>,
}

impl Lie {
    fn parse(text: &str) -> Self {
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let sure = value("Orientation confidence:").and_then(|n| n.parse::<f32>().ok()).unwrap_or(0.0) > 1.5;
        let degrees = value("Rotate:").and_then(|n| n.parse::<u16>().ok()).filter(|_| sure).unwrap_or(0);
        let turns = u8::try_from(degrees / 90 % 4).unwrap_or(0);
        Self { turns, script: value("Script:").map(str::to_owned) }
    }
}

/// A grey picture.
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Picture {
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

    /// Turned clockwise that often by 90 degrees.
    fn turned(self, times: u8) -> Self {
        (0..times).fold(self, |picture, _| picture.turned_once())
    }

    fn turned_once(self) -> Self {
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for x in 0..self.width {
            for y in (0..self.height).rev() {
                pixels.push(self.pixels.get(y * self.width + x).copied().unwrap_or(u8::MAX));
            }
        }
        Self { width: self.height, height: self.width, pixels }
    }
}

/// The words of Tesseract's table: level, page, block, paragraph, line, word, left, top, width,
/// height, confidence, text.
fn words(table: &str) -> Vec<SeenWord> {
    let read = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let number = |n: usize| cells.get(n).and_then(|cell| cell.parse::<u32>().ok());
        let (x, y) = (f64::from(number(6)?), f64::from(number(7)?));
        let area = Rect::new(x, y, x + f64::from(number(8)?), y + f64::from(number(9)?));
        let line = (number(2)?, number(3)?, number(4)?);
        let sure = cells.get(10)?.parse().ok()?;
        (number(0)? == 5).then(|| SeenWord {
            line,
            area,
            sure,
            text: cells.get(11).copied().unwrap_or_default().to_owned(),
        })
    };
    table.lines().filter_map(read).collect()
}
