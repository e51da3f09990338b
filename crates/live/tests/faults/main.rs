//! Real processes that are killed, stopped and cut off, with real clients, and a checker that
//! decides afterwards.
//!
//! Producers publish to six topics in transactions that now and then roll back; clients follow all
//! of them over a proxy that cuts, delays, half-closes and swallows; some lose a right midway. At
//! the end every client's state must equal the log's fold, every `seq` must be gapless in the log
//! and in every client's history, and nobody may have seen what they may not. Ways that are broken
//! on purpose must fail the checker: the tests `the_checker_sees_...`.
//!
//! `make test` runs a short form with the seed of `FAULT_SEED` (1 unless set); `make test-faults`
//! runs many seeds, and restarts PostgreSQL as well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod checker;
mod follower;
#[path = "../../examples/common/http.rs"]
mod http;
#[path = "../../examples/common/native.rs"]
mod native;
mod node;
mod producer;
mod proxy;
#[path = "../../examples/common/socket.rs"]
mod socket;
mod trouble;

use std::time::Duration;

use checker::{Revocation, Truth};
use db::{Clock, Db, params, sql};
use follower::Follower;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use trouble::Cluster;

const CLIENTS: u64 = 12;
/// How many of them lose a right midway.
const REVOKED: u64 = 4;
/// Faults in one run; half as many where the way is broken.
const FAULTS: usize = 8;

/// How a run goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As the crate does.
    Right,
    /// Producers count outside of the transaction that publishes.
    WithoutLock,
    /// Nodes tell what comes from now on, whatever a client holds, and heal nothing.
    HintOnly,
    /// Clients skip what they missed.
    AtMostOnce,
    /// Nodes let everybody in.
    WithoutDoors,
}

impl Way {
    /// As a process was told its way.
    pub fn named(name: &str) -> Self {
        let all = [Self::Right, Self::WithoutLock, Self::HintOnly, Self::AtMostOnce, Self::WithoutDoors];
        all.into_iter().find(|way| format!("{way:?}") == name).unwrap()
    }
}

fn seed() -> u64 {
    std::env::var("FAULT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

/// How many seeds are tried, from the first on.
fn rounds() -> u64 {
    std::env::var("FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_each_client_has_the_log_on_postgres() {
    for seed in seed()..seed() + rounds() {
        assert_eq!(on_postgres(Way::Right, seed).await, [""; 0], "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_each_client_has_the_log_on_sqlite() {
    for seed in seed()..seed() + rounds() {
        assert_eq!(on_sqlite(Way::Right, seed).await, [""; 0], "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_a_seq_that_is_counted_outside_of_the_transaction() {
    sees(Way::WithoutLock, "where", on_postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_nodes_that_replay_nothing() {
    sees(Way::HintOnly, "another state", on_sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_clients_that_skip_what_they_missed() {
    sees(Way::AtMostOnce, "went from", on_sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_nodes_that_let_everybody_in() {
    let verdict = on_sqlite(Way::WithoutDoors, seed()).await;
    for words in ["saw secret", "after the right was taken away"] {
        assert!(verdict.iter().any(|fault| fault.contains(words)), "{words}: {verdict:?}");
    }
}

/// A broken way is seen in one of so many runs; one run may happen to have no fault that shows it.
const RUNS: u64 = 4;

async fn sees(way: Way, words: &str, suffer: impl AsyncFn(Way, u64) -> Vec<String>) {
    for seed in seed()..seed() + RUNS {
        if suffer(way, seed).await.iter().any(|fault| fault.contains(words)) {
            return;
        }
    }
    panic!("{RUNS} runs of {way:?} without {words:?}");
}

async fn on_postgres(way: Way, seed: u64) -> Vec<String> {
    let mut verdict = Vec::new();
    db::testing::on_postgres(async |db: Db| {
        let url = db::testing::postgres_url(&db).await;
        verdict = suffer(&db, &url, way, seed, true).await;
    })
    .await;
    verdict
}

async fn on_sqlite(way: Way, seed: u64) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("faults.db").display());
    let db = Db::open(&url).await.unwrap();
    db.migrate().await.unwrap();
    suffer(&db, &url, way, seed, false).await
}

/// One run; what the checker says of it.
async fn suffer(db: &Db, url: &str, way: Way, seed: u64, several: bool) -> Vec<String> {
    let mut rng = StdRng::seed_from_u64(seed);
    for create in [
        sql!("create table effects (id text not null, topic text not null, primary key (id, topic))"),
        sql!("create table doors (who text not null, topic text not null, primary key (who, topic))"),
    ] {
        db.execute(create, params![]).await.unwrap();
    }
    let mut cluster = Cluster::start(url, way, several, seed).await;
    let client = |number| Follower::start(format!("client-{number}"), cluster.proxy.address, seed + number, way);
    let followers: Vec<_> = (0..CLIENTS).map(client).collect();
    let (mut revoked, mut log) = (Vec::new(), Vec::new());
    let faults = if way == Way::Right { FAULTS } else { FAULTS / 2 };
    for fault in 0..faults {
        tokio::time::sleep(Duration::from_millis(rng.random_range(50..400))).await;
        log.push(trouble::happen(&mut rng, db, &mut cluster, &followers).await);
        if fault == faults / 3 {
            revoked = revoke_some(&mut rng, &cluster).await;
        }
    }
    eprintln!("seed {seed} {way:?} faults: {}", log.join(" "));
    finish(db, &mut cluster, &followers, &revoked, way).await;
    let truth = Truth::read(db).await;
    let clients: Vec<_> = followers.iter().map(|client| (client.name.clone(), client.history())).collect();
    checker::verdict(&truth, &clients, &revoked)
}

/// Takes one right each from some clients.
async fn revoke_some(rng: &mut StdRng, cluster: &Cluster) -> Vec<Revocation> {
    let mut revoked = Vec::new();
    for number in 0..REVOKED {
        let (who, topic) = (format!("client-{number}"), producer::LISTS.choose(rng).unwrap().to_string());
        cluster.ask(&format!("/revoke/{who}/{topic}")).await;
        revoked.push(Revocation { who, topic, at_ms: Clock::system().now_ms() });
    }
    revoked
}

/// Waits until a right that was taken away must be gone everywhere, publishes once more to each
/// topic, and waits until every client holds that, or it takes too long.
async fn finish(db: &Db, cluster: &mut Cluster, followers: &[Follower], revoked: &[Revocation], way: Way) {
    cluster.end_production().await;
    let gone = revoked.iter().map(|right| right.at_ms).max().unwrap_or_default();
    let gone = gone + i64::try_from(checker::GRACE.as_millis()).unwrap();
    let left = u64::try_from(gone + 1 - Clock::system().now_ms()).unwrap_or(0);
    tokio::time::sleep(Duration::from_millis(left)).await;
    for topic in follower::topics() {
        cluster.ask(&format!("/publish/{topic}")).await;
    }
    let truth = Truth::read(db).await;
    let behind = |follower: &Follower| {
        let wanted = truth.counted.iter().filter(|(topic, _)| {
            let taken = revoked.iter().any(|right| right.who == follower.name && right.topic == **topic);
            !taken && *topic != producer::SECRET
        });
        wanted.into_iter().any(|(topic, seq)| follower.last(topic) < *seq)
    };
    let current = async {
        // Clients tell nobody.
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        while followers.iter().any(behind) {
            ticks.tick().await;
        }
    };
    let patience = Duration::from_secs(if way == Way::Right { 40 } else { 5 });
    // Who is not current by then is the checker's business.
    let _ = tokio::time::timeout(patience, current).await;
}
