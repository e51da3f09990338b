//! The processes of a run.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{history::History, node, worker::Behavior};

pub struct Nodes {
    url: String,
    behavior: Behavior,
    history: PathBuf,
    own_lease: bool,
    started: u32,
    running: Vec<Node>,
}

struct Node {
    name: String,
    older: bool,
    process: Child,
}

impl Nodes {
    /// Starts no process yet. The processes will write to the file `history`.
    pub fn new(url: &str, behavior: Behavior, history: PathBuf) -> Self {
        // Creates the file before the first process writes to it.
        History::open(&history);
        Self { url: url.to_owned(), behavior, history, own_lease: false, started: 0, running: Vec::new() }
    }

    /// Uses the queue's default lease.
    pub fn with_own_lease(mut self) -> Self {
        self.own_lease = true;
        self
    }

    /// Starts this many nodes.
    pub fn and(mut self, nodes: u32) -> Self {
        (0..nodes).for_each(|_| self.start(false));
        self
    }

    /// Starts a node of the older version.
    pub fn and_an_older_one(mut self) -> Self {
        self.start(true);
        self
    }

    /// Starts a node under a new name.
    fn start(&mut self, older: bool) {
        self.started += 1;
        let name = format!("node-{}", self.started);
        let mut command = Command::new(std::env::current_exe().unwrap());
        for (is, name) in [(self.own_lease, node::OWN_LEASE), (older, node::OLDER)] {
            if is {
                command.env(name, "1");
            }
        }
        let process = command
            .args(["--exact", "node::node_process", "--ignored", "--quiet"])
            .env(node::URL, &self.url)
            .env(node::NAME, &name)
            .env(node::BEHAVIOR, format!("{:?}", self.behavior))
            .env(node::HISTORY, &self.history)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.running.push(Node { name, older, process });
    }

    pub fn len(&self) -> usize {
        self.running.len()
    }

    pub fn history(&self) -> &Path {
        &self.history
    }

    /// Kills a node with `kill -9`.
    fn kill(&mut self, at: usize) -> Node {
        let mut node = self.running.remove(at);
        node.process.kill().unwrap();
        node.process.wait().unwrap();
        node
    }

    /// Kills a node with `kill -9` and starts a new one of the same version.
    pub fn replace(&mut self, at: usize) {
        let older = self.kill(at).older;
        self.start(older);
    }

    /// Stops a node with SIGTERM, waits for it, and starts a new one of the same version.
    pub async fn restart(&mut self, at: usize) {
        self.signal(at, "TERM");
        let node = self.running.remove(at);
        let (older, mut process) = (node.older, node.process);
        // Its standard input stays open until it has exited.
        let ended = tokio::task::spawn_blocking(move || (process.stdin.take(), process.wait().unwrap()).1);
        let status = tokio::time::timeout(Duration::from_secs(30), ended).await.expect("it ends").unwrap();
        assert_eq!(status.code(), Some(0), "it ends well");
        self.start(older);
    }

    pub fn kill_by_name(&mut self, name: &str) {
        let at = self.running.iter().position(|node| node.name == name).unwrap();
        self.kill(at);
    }

    /// Sends `STOP` or `CONT`.
    pub fn signal(&self, at: usize, signal: &str) {
        let id = self.running[at].process.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap();
        assert!(sent.success(), "{signal} reaches process {id}");
    }

    /// Sends a command to a node; see [`node`].
    pub fn send_command(&mut self, at: usize, command: &str) {
        let input = self.running[at].process.stdin.as_mut().unwrap();
        writeln!(input, "{command}").unwrap();
    }

    pub fn send_command_to_all(&mut self, command: &str) {
        (0..self.len()).for_each(|at| self.send_command(at, command));
    }

    pub fn kill_all(&mut self) {
        while self.len() > 0 {
            self.kill(0);
        }
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        self.kill_all();
    }
}
