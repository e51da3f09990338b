//! The real program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{fs, path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// `verbatim`, without the settings of whoever runs the tests.
pub fn verbatim(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verbatim"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("VERBATIM_")) {
        command.env_remove(name);
    }
    command.args(arguments).kill_on_drop(true);
    command
}

/// A folder below `data` that passes for the built browser files; these tests open no browser.
pub fn site(data: &Path) -> String {
    let site = data.join("site");
    fs::create_dir_all(site.join("pkg")).unwrap();
    fs::write(site.join("pkg/verbatim.wasm"), "").unwrap();
    site.display().to_string()
}

/// A process that was started, once it has printed these words, a line each and in this order; and
/// what follows them.
pub async fn start<const N: usize>(mut command: Command, words: [&str; N]) -> (Child, [String; N]) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut rest = words.map(str::to_owned);
    for word in &mut rest {
        loop {
            let line = output.next_line().await.unwrap().expect("the process says that it works");
            if let Some((_, after)) = line.split_once(&**word) {
                *word = after.to_owned();
                break;
            }
        }
    }
    // What it says later is read, so that it never waits for a reader.
    tokio::spawn(async move { while let Ok(Some(_)) = output.next_line().await {} });
    (child, rest)
}
