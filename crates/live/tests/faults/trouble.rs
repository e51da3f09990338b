//! What happens to processes, connections and clients.

use std::{process::Command, time::Duration};

use db::{Db, params, sql};
use rand::{RngExt, rngs::StdRng};

use crate::{
    Way,
    follower::Follower,
    native::Wish,
    node::{IDLE, Process, Role},
    proxy::Proxy,
};

/// A command that restarts PostgreSQL at once, without a farewell; only where no other test uses it.
const RESTART: &str = "FAULT_RESTART_POSTGRES";

/// The processes of one run and the way to them.
pub struct Cluster {
    url: String,
    way: Way,
    /// Several nodes on one PostgreSQL with producers beside them; or one process with both.
    several: bool,
    started: u64,
    seed: u64,
    pub nodes: Vec<Process>,
    producers: Vec<Process>,
    pub proxy: Proxy,
}

impl Cluster {
    pub async fn start(url: &str, way: Way, several: bool, seed: u64) -> Self {
        let mut this = Self {
            url: url.to_owned(),
            way,
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
        self.nodes.push(Process::start(&self.url, self.way, role, seed).await);
        self.lead();
    }

    async fn start_producer(&mut self) {
        let seed = self.next_seed();
        self.producers.push(Process::start(&self.url, self.way, Role::Producer, seed).await);
    }

    /// A producer's seed is its name: no two processes have the same.
    fn next_seed(&mut self) -> u64 {
        self.started += 1;
        self.seed * 1_000 + self.started
    }

    fn lead(&self) {
        self.proxy.lead_to(self.nodes.iter().filter_map(|node| node.address).collect());
    }

    async fn replace_node(&mut self, at: usize, role: Role) {
        self.nodes.remove(at).kill().await;
        self.lead();
        self.start_node(role).await;
    }

    async fn replace_producer(&mut self, at: usize) {
        self.producers.remove(at).kill().await;
        self.start_producer().await;
    }

    /// From here on nobody publishes, and all goes well.
    pub async fn end_production(&mut self) {
        for mut producer in std::mem::take(&mut self.producers) {
            producer.kill().await;
        }
        if !self.several {
            self.replace_node(0, Role::Node).await;
        }
        self.proxy.calm();
    }

    /// Asks any node, until one says yes.
    pub async fn ask(&self, path: &str) {
        let asked = async {
            for node in self.nodes.iter().cycle() {
                if crate::http::request(node.address.unwrap(), "POST", path).await.is_ok() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), asked).await.expect("a node answers");
    }
}

/// One fault, chosen by chance; its name.
pub async fn happen(rng: &mut StdRng, db: &Db, cluster: &mut Cluster, followers: &[Follower]) -> &'static str {
    let at = rng.random_range(0..cluster.nodes.len());
    match rng.random_range(0..if cluster.several { 12 } else { 8 }) {
        0 | 1 => {
            let role = if cluster.several { Role::Node } else { Role::ProducingNode };
            cluster.replace_node(at, role).await;
            "kill"
        }
        2 => {
            // Its clients go elsewhere, then it comes back and knows nothing of it.
            cluster.nodes[at].signal("STOP");
            tokio::time::sleep(IDLE + IDLE / 4).await;
            cluster.nodes[at].signal("CONT");
            "stop"
        }
        3..=6 => {
            cluster.proxy.calm();
            cluster.proxy.storm(rng)
        }
        7 => sleep_and_wake(rng, followers).await,
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
            // It may be this connection's turn to be cut as well.
            let _ = db.all(cut, params![]).await;
            "terminate"
        }
        10 => deafen(db).await,
        _ => restart_or_deafen(db).await,
    }
}

/// Every other client is put away, and taken out again.
async fn sleep_and_wake(rng: &mut StdRng, followers: &[Follower]) -> &'static str {
    let sleepers: Vec<_> = followers.iter().filter(|_| rng.random()).collect();
    sleepers.iter().for_each(|follower| follower.wish(Wish::Freeze));
    tokio::time::sleep(Duration::from_millis(rng.random_range(50..800))).await;
    sleepers.iter().for_each(|follower| follower.wish(Wish::Thaw));
    "sleep"
}

async fn restart_or_deafen(db: &Db) -> &'static str {
    if let Some(restart) = std::env::var(RESTART).ok().filter(|command| !command.is_empty()) {
        let done = Command::new("sh").args(["-c", &restart]).status().unwrap();
        assert!(done.success(), "PostgreSQL starts again");
        return "restart";
    }
    deafen(db).await
}

/// The connections that listen for hints are closed.
async fn deafen(db: &Db) -> &'static str {
    let deafen = sql!(
        "select pg_terminate_backend(pid) as done from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen%'"
    );
    let _ = db.all(deafen, params![]).await;
    "deafen"
}
