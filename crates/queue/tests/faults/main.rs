//! Real processes that are killed, suspended, disconnected and given wrong clocks, and a checker that
//! verifies the result.
//!
//! Each job writes one row behind its fence and completes in the same transaction. The processes and the
//! database record what happens (`history`). From these records the checker proves, whatever happened to
//! processes, connections, clocks and disks: every job ended once and took effect once, no attempt started
//! twice, no rolled-back job ran, and the callback of the batch ran after all of its jobs. Workers that are
//! broken on purpose and forged rows must fail the checker: the tests `the_checker_sees_...`.
//!
//! `make test` runs a short form with the seed in `FAULT_SEED` (default 1). `make test-faults` runs many
//! seeds, kills processes at 200 more moments on each database, and restarts PostgreSQL as well.

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
use worker::Behavior;

fn seed() -> u64 {
    std::env::var("FAULT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

/// How many seeds to run, from the first one on.
fn rounds() -> u64 {
    std::env::var("FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_each_job_takes_effect_once_on_postgres() {
    for seed in seed()..seed() + rounds() {
        assert_eq!(Plan::new(ON_POSTGRES).on_postgres(seed).await, [""; 0], "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_each_job_takes_effect_once_on_sqlite() {
    for seed in seed()..seed() + rounds() {
        assert_eq!(Plan::new(ON_SQLITE).on_sqlite(seed).await, [""; 0], "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_version_beside_the_current_one_discards_nothing_on_postgres() {
    for seed in seed()..seed() + rounds() {
        let plan = Plan::new(KILLS).faults(4).with_an_older_program();
        assert_eq!(plan.on_postgres(seed).await, [""; 0], "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; `make test-faults` runs it"]
async fn ten_kills_a_round_lose_nothing_on_postgres() {
    for seed in seed()..seed() + rounds() {
        assert_eq!(Plan::new(KILLS).on_postgres(seed).await, [""; 0], "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; `make test-faults` runs it"]
async fn ten_kills_a_round_lose_nothing_on_sqlite() {
    for seed in seed()..seed() + rounds() {
        assert_eq!(Plan::new(KILLS).on_sqlite(seed).await, [""; 0], "seed {seed}");
    }
}

/// A broken worker has to be found in one of this many runs. A single run may miss it by chance, when no
/// suspended attempt is between its work and its effect.
const RUNS: u64 = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_a_missing_fence_on_postgres() {
    for seed in seed()..seed() + RUNS {
        let plan = Plan::new(&[injector::Kind::Stop, injector::Kind::Kill]).behavior(Behavior::WithoutFence);
        if plan.on_postgres(seed).await.iter().any(|fault| fault.contains("took effect 2 times")) {
            return;
        }
    }
    panic!("no job took effect twice in {RUNS} runs without a fence");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_jobs_that_complete_too_early() {
    for seed in seed()..seed() + RUNS {
        let violations = Plan::new(KILLS).behavior(Behavior::CompletedFirst).on_sqlite(seed).await;
        if violations.iter().any(|fault| fault.contains("took effect 0 times")) {
            return;
        }
    }
    panic!("no job lost its effect in {RUNS} runs of completing first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_an_attempt_that_starts_twice() {
    assert_finds("started twice", Behavior::StartsTwice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_jobs_that_should_have_been_rolled_back() {
    assert_finds("was rolled back and ran", Behavior::CommitsAll).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_sees_a_job_that_ends_twice() {
    assert_finds("ended 2 times", Behavior::Revives).await;
}

/// Checks that the checker finds this violation in a run without faults.
async fn assert_finds(fault: &str, behavior: Behavior) {
    let violations = Plan::new(KILLS).faults(0).behavior(behavior).on_sqlite(seed()).await;
    assert!(violations.iter().any(|found| found.contains(fault)), "{violations:?}");
}
