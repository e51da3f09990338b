//! How long the other nodes need to replace a killed node with the default settings.

use std::time::{Duration, Instant};

use db::{Clock, Db};
use queue::enqueue;

use crate::{
    nodes::Nodes,
    run::Jobs,
    worker::{Behavior, Effect, EffectArgs},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes as long as a lease; `make test-faults` runs it"]
async fn a_killed_node_is_replaced_within_15_s_and_a_leader_within_10_on_postgres() {
    db::testing::on_postgres(async |db: Db| {
        let folder = tempfile::tempdir().unwrap();
        Jobs { db: &db, older: false }.prepare().await;
        let nodes = Nodes::new(&db::testing::postgres_url(&db).await, Behavior::Correct, folder.path().join("history"));
        let mut nodes = nodes.with_own_lease().and(3);
        let leader = wait_for(&db, async |db| leader(db).await).await;
        let began = Instant::now();
        nodes.kill_by_name(&leader);
        wait_for(&db, async |db| self::leader(db).await.filter(|next| *next != leader)).await;
        let elected = began.elapsed();

        let mut tx = db.begin().await.unwrap();
        let args = EffectArgs { ms: 60_000, ..EffectArgs::default() };
        let id = enqueue::<Effect>(&mut tx, &args, Clock::system().now_ms()).await.unwrap();
        tx.commit().await.unwrap();
        let runs = async |db: &Db, attempt: u32| {
            let job = queue::find(&mut db.snapshot().await.unwrap(), id).await.unwrap().unwrap();
            (job.state == queue::State::Executing && job.attempt == attempt).then_some(job.node).flatten()
        };
        let first = wait_for(&db, async |db| runs(db, 1).await).await;
        let began = Instant::now();
        nodes.kill_by_name(&first);
        wait_for(&db, async |db| runs(db, 2).await).await;
        let rescued = began.elapsed();
        eprintln!("a leader was elected after {elected:.1?}, a job ran elsewhere after {rescued:.1?}");
        assert!(elected < Duration::from_secs(10) && rescued < Duration::from_secs(15), "{elected:?} {rescued:?}");
    })
    .await;
}

async fn leader(db: &Db) -> Option<String> {
    let nodes = queue::admin::nodes(db).await.unwrap();
    nodes.into_iter().find(|node| node.leads).map(|node| node.name)
}

/// Polls, because other processes make the change and notify nobody.
async fn wait_for<T>(db: &Db, check: impl AsyncFn(&Db) -> Option<T>) -> T {
    let wait = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        loop {
            ticks.tick().await;
            if let Some(found) = check(db).await {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("it happens within a minute")
}
