//! Real processes that are killed, stopped, cut off and told wrong times, and a checker that decides
//! afterwards.
//!
//! Each job writes one row behind its fence and completes in the same transaction. Processes and database
//! write down what happens (`history`); from that the checker proves, whatever happened to processes,
//! connections, clocks and disks: every job ended once and took effect once, no attempt began twice, what
//! was rolled back never ran, and the callback of the batch ran after all of its jobs. Workers that are
//! broken on purpose, and forged traces, must fail the checker: the tests `the_checker_sees_...`.
//!
//! `make test` runs a short form with the seed of `FAULT_SEED` (1 unless set); `make test-faults` runs
//! many seeds, kills at 200 more moments on each database, and restarts PostgreSQL as well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod checker;
mod defaults;
mod disk;
mod forgery;
mod history;
mod injector;
mod node;
mod nodes;
mod proxy;
mod run;
mod warnings;
mod worker;

use injector::{KILLS, ON_POSTGRES, ON_SQLITE};
use run::Plan;
use worker::Way;

fn seed() -> u64 {
    std::env::var("FAULT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

/// How many seeds are tried, from the first on.
fn rounds() -> u64 {
    std::env::var("FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_each_job_takes_effect_once_on_postgres() {
    for seed in seed()..seed() + rounds() {
        assert_eq!(Plan::of(ON_POSTGRES).on_postgres(seed).await, [""; 0], "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_each_job_takes_effect_once_on_sqlite() {
    for seed in seed()..seed() + rounds() {
        assert_eq!(Plan::of(ON_SQLITE).on_sqlite(seed).await, [""; 0], "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yesterdays_program_beside_todays_discards_nothing_on_postgres() {
    for seed in seed()..seed() + rounds() {
        let plan = Plan::of(KILLS).faults(4).with_an_older_program();
        assert_eq!(plan.on_postgres(seed).await, [""; 0], "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; `make test-faults` runs it"]
async fn ten_kills_a_round_lose_nothing_on_postgres() {
    for seed in seed()..seed() + rounds() {
        assert_eq!(Plan::of(KILLS).on_postgres(seed).await, [""; 0], "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; `make test-faults` runs it"]
async fn ten_kills_a_round_lose_nothing_on_sqlite() {
    for seed in seed()..seed() + rounds() {
        assert_eq!(Plan::of(KILLS).on_sqlite(seed).await, [""; 0], "seed {seed}");
    }
}

/// A broken worker is seen in one of so many runs. One run may miss it by chance: where a process is
/// stopped while no attempt of its is between its work and its effect, there is nothing to see.
const RUNS: u64 = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_a_missing_fence_on_postgres() {
    for seed in seed()..seed() + RUNS {
        let plan = Plan::of(&[injector::Kind::Stop, injector::Kind::Kill]).way(Way::WithoutFence);
        if plan.on_postgres(seed).await.iter().any(|fault| fault.contains("took effect 2 times")) {
            return;
        }
    }
    panic!("no job took effect twice in {RUNS} runs without a fence");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_jobs_that_complete_too_early() {
    for seed in seed()..seed() + RUNS {
        let verdict = Plan::of(KILLS).way(Way::CompletedFirst).on_sqlite(seed).await;
        if verdict.iter().any(|fault| fault.contains("took effect 0 times")) {
            return;
        }
    }
    panic!("no job lost its effect in {RUNS} runs of completing first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_an_attempt_that_starts_twice() {
    it_says("started twice", Way::StartsTwice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_jobs_that_should_have_been_rolled_back() {
    it_says("was rolled back and ran", Way::KeepsAll).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_a_job_that_ends_twice() {
    it_says("ended 2 times", Way::Revives).await;
}

/// What the checker says of this way, without any trouble.
async fn it_says(fault: &str, way: Way) {
    let verdict = Plan::of(KILLS).faults(0).way(way).on_sqlite(seed()).await;
    assert!(verdict.iter().any(|said| said.contains(fault)), "{verdict:?}");
}
