//! Starts the real program.

use std::{fs, path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// The command `verbatim`, without `VERBATIM_*` variables of the environment that runs the tests.
pub fn verbatim(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verbatim"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("VERBATIM_")) {
        command.env_remove(name);
    }
    command.args(arguments).kill_on_drop(true);
    command
}

/// A folder below `data` with an empty module instead of the built browser files: these tests open no browser.
pub fn site(data: &Path) -> String {
    let site = data.join("site");
    fs::create_dir_all(site.join("pkg")).unwrap();
    fs::write(site.join("pkg/verbatim.wasm"), "").unwrap();
    site.display().to_string()
}

/// Starts `command` and waits until it has printed lines with these words, in this order. Returns the
/// process and the rest of each line.
pub async fn start<const N: usize>(mut command: Command, words: [&str; N]) -> (Child, [String; N]) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut rest = words.map(str::to_owned);
    for word in &mut rest {
        loop {
            let line = output.next_line().await.unwrap().expect("the process prints all lines");
            if let Some((_, after)) = line.split_once(&**word) {
                *word = after.to_owned();
                break;
            }
        }
    }
    // Reads on, so that the process never blocks on a full pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = output.next_line().await {} });
    (child, rest)
}
