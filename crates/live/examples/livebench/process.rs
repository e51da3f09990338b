//! The server as a process of its own, and its memory as the kernel reports it.

use std::{net::SocketAddr, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::Failure;

const TIMEOUT: Duration = Duration::from_secs(60);

pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

/// Resident memory, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub rss: u64,
    pub pss: u64,
    /// Heap and stacks: pages that belong to no file.
    pub anonymous: u64,
}

impl Server {
    /// Starts a server on the database `url`, on `port` or any free port if that is 0.
    pub async fn start(url: &str, port: u16) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", url, &format!("127.0.0.1:{port}")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = child.stdout.take().ok_or("the server's output is piped")?;
        let mut lines = BufReader::new(out).lines();
        let line = timeout(TIMEOUT, lines.next_line()).await??.ok_or("the server ended")?;
        let port: u16 = line.strip_prefix("ready ").ok_or("the server says its port")?.parse()?;
        Ok(Self { child, address: ([127, 0, 0, 1], port).into() })
    }

    pub fn memory(&self) -> Result<Memory, Failure> {
        let id = self.child.id().ok_or("the server runs")?;
        let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
        let field = |name: &str| -> Result<u64, Failure> {
            let line = rollup.lines().find(|line| line.starts_with(name)).ok_or("smaps_rollup has every field")?;
            Ok(line.split_whitespace().nth(1).ok_or("a number")?.parse::<u64>()? * 1_024)
        };
        Ok(Memory { rss: field("Rss:")?, pss: field("Pss:")?, anonymous: field("Anonymous:")? })
    }

    /// Kills the server with `SIGKILL`.
    pub async fn kill(mut self) -> Result<(), Failure> {
        Ok(self.child.kill().await?)
    }
}
