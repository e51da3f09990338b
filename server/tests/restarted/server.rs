//! The real program on one address, started several times.

use std::{net::TcpListener, path::Path, process::Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use super::http::soon;
use crate::common;

/// The command line of each start.
pub struct Server {
    pub address: String,
    arguments: Vec<String>,
}

impl Server {
    /// A command line with a free address.
    pub fn new(data: &Path, database: Option<&str>, more: &[&str]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let (site, folder) = (common::site(data), data.display().to_string());
        let mut arguments =
            vec!["serve", "--listen", &address, "--demo", "--site", &site, "--data", &folder, "--uploads-per-minute"];
        arguments.extend(["100000"].iter().chain(more));
        if let Some(database) = database {
            arguments.extend(["--database", database]);
        }
        let arguments = arguments.into_iter().map(str::to_owned).collect();
        Self { address, arguments }
    }

    pub fn command(&self) -> Command {
        common::verbatim(&self.arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Starts the first process.
    pub async fn start(&self) -> Child {
        common::start(self.command(), [" serves on "]).await.0
    }

    /// Starts the next process, which takes over, and checks that the old one exits with 0.
    pub async fn replace(&self, mut before: Child) -> Child {
        let (next, [pid, _]) = common::start(self.command(), ["Took over from process ", " serves on "]).await;
        assert_eq!(pid.parse().ok(), before.id());
        assert!(soon(before.wait()).await.unwrap().success());
        next
    }

    /// Starts a process that cannot take over, with another value of a setting; what it prints to stderr.
    pub async fn fail(&self, other: Option<[&str; 2]>) -> String {
        let mut arguments: Vec<_> = self.arguments.iter().map(String::as_str).collect();
        if let Some([flag, value]) = other {
            match arguments.iter().position(|argument| *argument == flag) {
                Some(at) => arguments[at + 1] = value,
                None => arguments.extend([flag, value]),
            }
        }
        let output = soon(common::verbatim(&arguments).stdin(Stdio::null()).output()).await.unwrap();
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

pub fn signal(child: &Child, signal: Signal) {
    let pid = child.id().and_then(|pid| Pid::from_raw(pid.try_into().unwrap())).unwrap();
    kill_process(pid, signal).unwrap();
}
