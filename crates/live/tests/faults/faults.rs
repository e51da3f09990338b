//! Injects faults into processes, connections and clients.

use std::{process::Command, time::Duration};

use db::{Db, params, sql};
use rand::{RngExt, rngs::StdRng};

use crate::{
    Variant,
    fault_client::FaultClient,
    native_client::ClientCommand,
    node::{IDLE, Process, Role},
    proxy::Proxy,
};

/// A command that restarts PostgreSQL in immediate mode; set only where no other test uses it.
const RESTART: &str = "FAULT_RESTART_POSTGRES";

/// The processes of one run and the proxy in front of them.
pub struct Cluster {
    url: String,
    variant: Variant,
    /// Whether there are several nodes and producers on one PostgreSQL; else one process does both.
    several: bool,
    started: u64,
    seed: u64,
    pub nodes: Vec<Process>,
    producers: Vec<Process>,
    pub proxy: Proxy,
}

impl Cluster {
    pub async fn start(url: &str, variant: Variant, several: bool, seed: u64) -> Self {
        let mut this = Self {
            url: url.to_owned(),
            variant,
            several,
            started: 0,
            seed,
            nodes: Vec::new(),
            producers: Vec::new(),
            proxy: Proxy::start().await,
        };
        for _ in 0..if several { 3 } else { 1 } {
            this.start_node(if several { Role::Node } else { Role::ProducingNode }).await;
        }
        for _ in 0..if several { 3 } else { 0 } {
            this.start_producer().await;
        }
        this
    }

    async fn start_node(&mut self, role: Role) {
        let seed = self.next_seed();
        self.nodes.push(Process::start(&self.url, self.variant, role, seed).await);
        self.update_proxy();
    }

    async fn start_producer(&mut self) {
        let seed = self.next_seed();
        self.producers.push(Process::start(&self.url, self.variant, Role::Producer, seed).await);
    }

    /// A seed that no other process has, because it names a producer.
    fn next_seed(&mut self) -> u64 {
        self.started += 1;
        self.seed * 1_000 + self.started
    }

    fn update_proxy(&self) {
        self.proxy.set_nodes(self.nodes.iter().filter_map(|node| node.address).collect());
    }

    async fn replace_node(&mut self, at: usize, role: Role) {
        self.nodes.remove(at).kill().await;
        self.update_proxy();
        self.start_node(role).await;
    }

    async fn replace_producer(&mut self, at: usize) {
        self.producers.remove(at).kill().await;
        self.start_producer().await;
    }

    /// Stops all producers and restores the proxy.
    pub async fn end_production(&mut self) {
        for mut producer in std::mem::take(&mut self.producers) {
            producer.kill().await;
        }
        if !self.several {
            self.replace_node(0, Role::Node).await;
        }
        self.proxy.restore();
    }

    /// Sends a request to one node after the other until one answers with success.
    pub async fn post(&self, path: &str) {
        let answered = async {
            for node in self.nodes.iter().cycle() {
                if crate::http::request(node.address.unwrap(), "POST", path).await.is_ok() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), answered).await.expect("a node answers");
    }
}

/// Injects a random fault, and returns its name.
pub async fn inject(rng: &mut StdRng, db: &Db, cluster: &mut Cluster, clients: &[FaultClient]) -> &'static str {
    let at = rng.random_range(0..cluster.nodes.len());
    match rng.random_range(0..if cluster.several { 12 } else { 8 }) {
        0 | 1 => {
            let role = if cluster.several { Role::Node } else { Role::ProducingNode };
            cluster.replace_node(at, role).await;
            "kill"
        }
        2 => {
            // Its clients reconnect to other nodes, then it continues without having noticed.
            cluster.nodes[at].signal("STOP");
            tokio::time::sleep(IDLE + IDLE / 4).await;
            cluster.nodes[at].signal("CONT");
            "stop"
        }
        3..=6 => {
            cluster.proxy.restore();
            cluster.proxy.inject(rng)
        }
        7 => sleep_and_wake(rng, clients).await,
        8 => {
            let at = rng.random_range(0..cluster.producers.len());
            cluster.replace_producer(at).await;
            "kill-producer"
        }
        9 => {
            let cut = sql!(
                "select pg_terminate_backend(pid) as done from pg_stat_activity
                 where datname = current_database() and pid <> pg_backend_pid()"
            );
            // It fails when it closes its own connection, too.
            let _ = db.execute(cut, params![]).await;
            "terminate"
        }
        10 => cut_listeners(db).await,
        _ => restart_or_cut_listeners(db).await,
    }
}

/// Freezes about half of the clients for a while.
async fn sleep_and_wake(rng: &mut StdRng, clients: &[FaultClient]) -> &'static str {
    let sleepers: Vec<_> = clients.iter().filter(|_| rng.random()).collect();
    sleepers.iter().for_each(|client| client.send(ClientCommand::Freeze));
    tokio::time::sleep(Duration::from_millis(rng.random_range(50..800))).await;
    sleepers.iter().for_each(|client| client.send(ClientCommand::Resume));
    "sleep"
}

async fn restart_or_cut_listeners(db: &Db) -> &'static str {
    if let Some(restart) = std::env::var(RESTART).ok().filter(|command| !command.is_empty()) {
        let done = Command::new("sh").args(["-c", &restart]).status().unwrap();
        assert!(done.success(), "PostgreSQL starts again");
        return "restart";
    }
    cut_listeners(db).await
}

/// Closes the connections that receive notifications.
async fn cut_listeners(db: &Db) -> &'static str {
    let cut = sql!(
        "select pg_terminate_backend(pid) as done from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen%'"
    );
    let _ = db.execute(cut, params![]).await;
    "cut-listeners"
}
