//! Runs real server processes and clients, injects faults, and checks the result afterwards.
//!
//! Producers publish to six topics in transactions of which some roll back. Clients join all topics
//! over a proxy that cuts, delays, half-closes and drops; some lose a right during the run. At the end
//! every client's state must equal the log's fold, every `seq` must be gapless in the log and in every
//! client's history, and no client may have received what it may not. Variants that are broken on
//! purpose must fail the check: the tests `the_checker_finds_...`.
//!
//! `make test` runs a short form with the seed of `FAULT_SEED` (1 unless set); `make test-faults`
//! runs many seeds, and restarts PostgreSQL as well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod checker;
mod fault_client;
mod faults;
#[path = "../../examples/common/http.rs"]
mod http;
#[path = "../../examples/common/native_client.rs"]
mod native_client;
mod node;
mod producer;
mod proxy;
#[path = "../../examples/common/socket.rs"]
mod socket;

use std::time::Duration;

use checker::{DatabaseState, Revocation};
use db::{Clock, Db, params, sql};
use fault_client::FaultClient;
use faults::Cluster;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};

const CLIENTS: u64 = 12;
/// How many of them lose a right during the run.
const REVOKED: u64 = 4;
/// Faults in one run; half as many for a broken variant.
const FAULTS: usize = 8;

/// The implementation that a run tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// The crate as it is.
    Correct,
    /// Broken: producers count seqs outside of the transaction that publishes.
    WithoutLock,
    /// Broken: nodes send only new events, whatever `since` a client sends, and never reconcile.
    NotificationsOnly,
    /// Broken: clients skip what they missed.
    AtMostOnce,
    /// Broken: nodes authorize everybody.
    WithoutAuthorization,
}

impl Variant {
    /// The variant of this name, which a process gets from its parent.
    pub fn from_name(name: &str) -> Self {
        let all =
            [Self::Correct, Self::WithoutLock, Self::NotificationsOnly, Self::AtMostOnce, Self::WithoutAuthorization];
        all.into_iter().find(|variant| format!("{variant:?}") == name).unwrap()
    }
}

fn seed() -> u64 {
    std::env::var("FAULT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

/// How many seeds to run, from the first on.
fn rounds() -> u64 {
    std::env::var("FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_client_has_the_log_despite_faults_on_postgres() {
    for seed in seed()..seed() + rounds() {
        assert_eq!(on_postgres(Variant::Correct, seed).await, [""; 0], "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_client_has_the_log_despite_faults_on_sqlite() {
    for seed in seed()..seed() + rounds() {
        assert_eq!(on_sqlite(Variant::Correct, seed).await, [""; 0], "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_finds_a_seq_that_is_counted_outside_of_the_transaction() {
    assert_found(Variant::WithoutLock, "where", on_postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_finds_nodes_that_replay_nothing() {
    assert_found(Variant::NotificationsOnly, "another state", on_sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_finds_clients_that_skip_what_they_missed() {
    assert_found(Variant::AtMostOnce, "went from", on_sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_finds_nodes_that_authorize_everybody() {
    let problems = on_sqlite(Variant::WithoutAuthorization, seed()).await;
    for words in ["received secret", "after the right was taken away"] {
        assert!(problems.iter().any(|problem| problem.contains(words)), "{words}: {problems:?}");
    }
}

/// How many runs of a broken variant may pass: a run may have no fault that reveals it.
const MAX_RUNS: u64 = 4;

async fn assert_found(variant: Variant, words: &str, run: impl AsyncFn(Variant, u64) -> Vec<String>) {
    for seed in seed()..seed() + MAX_RUNS {
        if run(variant, seed).await.iter().any(|problem| problem.contains(words)) {
            return;
        }
    }
    panic!("{MAX_RUNS} runs of {variant:?} without {words:?}");
}

async fn on_postgres(variant: Variant, seed: u64) -> Vec<String> {
    let mut problems = Vec::new();
    db::testing::on_postgres(async |db: Db| {
        let url = db::testing::postgres_url(&db).await;
        problems = run(&db, &url, variant, seed, true).await;
    })
    .await;
    problems
}

async fn on_sqlite(variant: Variant, seed: u64) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("faults.db").display());
    let db = Db::open(&url).await.unwrap();
    db.migrate().await.unwrap();
    run(&db, &url, variant, seed, false).await
}

/// Does one run, and returns the problems that the checker found.
async fn run(db: &Db, url: &str, variant: Variant, seed: u64, several: bool) -> Vec<String> {
    let mut rng = StdRng::seed_from_u64(seed);
    for create in [
        sql!("create table effects (id text not null, topic text not null, primary key (id, topic))"),
        sql!("create table forbidden (who text not null, topic text not null, primary key (who, topic))"),
    ] {
        db.execute(create, params![]).await.unwrap();
    }
    let mut cluster = Cluster::start(url, variant, several, seed).await;
    let client = |number| FaultClient::start(format!("client-{number}"), cluster.proxy.address, seed + number, variant);
    let clients: Vec<_> = (0..CLIENTS).map(client).collect();
    let (mut revoked, mut log) = (Vec::new(), Vec::new());
    let faults = if variant == Variant::Correct { FAULTS } else { FAULTS / 2 };
    for fault in 0..faults {
        tokio::time::sleep(Duration::from_millis(rng.random_range(50..400))).await;
        log.push(faults::inject(&mut rng, db, &mut cluster, &clients).await);
        if fault == faults / 3 {
            revoked = revoke_some(&mut rng, &cluster).await;
        }
    }
    eprintln!("seed {seed} {variant:?} faults: {}", log.join(" "));
    finish(db, &mut cluster, &clients, &revoked, variant).await;
    let state = DatabaseState::read(db).await;
    let clients: Vec<_> = clients.iter().map(|client| (client.name.clone(), client.history())).collect();
    checker::check(&state, &clients, &revoked)
}

/// Takes one right from each of some clients.
async fn revoke_some(rng: &mut StdRng, cluster: &Cluster) -> Vec<Revocation> {
    let mut revoked = Vec::new();
    for number in 0..REVOKED {
        let (who, topic) = (format!("client-{number}"), producer::LISTS.choose(rng).unwrap().to_string());
        cluster.post(&format!("/revoke/{who}/{topic}")).await;
        revoked.push(Revocation { who, topic, at_ms: Clock::system().now_ms() });
    }
    revoked
}

/// Waits until every revocation must have taken effect, publishes once more to each topic, and waits
/// until every client has received that, or a timeout.
async fn finish(db: &Db, cluster: &mut Cluster, clients: &[FaultClient], revoked: &[Revocation], variant: Variant) {
    cluster.end_production().await;
    let revoked_at = revoked.iter().map(|right| right.at_ms).max().unwrap_or_default();
    let effective_at = revoked_at + i64::try_from(checker::GRACE_PERIOD.as_millis()).unwrap();
    let wait = u64::try_from(effective_at + 1 - Clock::system().now_ms()).unwrap_or(0);
    tokio::time::sleep(Duration::from_millis(wait)).await;
    for topic in fault_client::topics() {
        cluster.post(&format!("/publish/{topic}")).await;
    }
    let state = DatabaseState::read(db).await;
    let behind = |client: &FaultClient| {
        let wanted = state.counted.iter().filter(|(topic, _)| {
            let taken = revoked.iter().any(|right| right.who == client.name && right.topic == **topic);
            !taken && *topic != producer::SECRET
        });
        wanted.into_iter().any(|(topic, seq)| client.last(topic) < *seq)
    };
    let current = async {
        // Clients do not signal that they are current.
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        while clients.iter().any(behind) {
            ticks.tick().await;
        }
    };
    let limit = Duration::from_secs(if variant == Variant::Correct { 40 } else { 5 });
    // The checker reports clients that are not current by then.
    let _ = tokio::time::timeout(limit, current).await;
}
