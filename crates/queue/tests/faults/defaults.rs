//! How long it takes with the queue's own settings until what a killed node did is done by others.

use std::time::{Duration, Instant};

use db::{Clock, Db};
use queue::enqueue;

use crate::{
    nodes::Nodes,
    run::Jobs,
    worker::{Effect, EffectArgs, Way},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes as long as a lease; `make test-faults` runs it"]
async fn a_killed_node_is_replaced_within_15_s_and_a_leader_within_10_on_postgres() {
    db::testing::on_postgres(async |db: Db| {
        let folder = tempfile::tempdir().unwrap();
        Jobs { db: &db, older: false }.prepare().await;
        let nodes = Nodes::new(&db::testing::postgres_url(&db).await, Way::Right, folder.path().join("history"));
        let mut nodes = nodes.with_own_lease().and(3);
        let leader = when(&db, async |db| leader(db).await).await;
        let began = Instant::now();
        nodes.kill_by_name(&leader);
        when(&db, async |db| self::leader(db).await.filter(|next| *next != leader)).await;
        let elected = began.elapsed();

        let mut tx = db.begin().await.unwrap();
        let args = EffectArgs { ms: 60_000, ..EffectArgs::default() };
        let id = enqueue::<Effect>(&mut tx, &args, Clock::system().now_ms()).await.unwrap();
        tx.commit().await.unwrap();
        let runs = async |db: &Db, attempt: u32| {
            let job = queue::find(&mut db.snapshot().await.unwrap(), id).await.unwrap().unwrap();
            (job.state == queue::State::Executing && job.attempt == attempt).then_some(job.node).flatten()
        };
        let first = when(&db, async |db| runs(db, 1).await).await;
        let began = Instant::now();
        nodes.kill_by_name(&first);
        when(&db, async |db| runs(db, 2).await).await;
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

/// Other processes make it so, and tell nobody.
async fn when<T>(db: &Db, look: impl AsyncFn(&Db) -> Option<T>) -> T {
    let wait = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        loop {
            ticks.tick().await;
            if let Some(found) = look(db).await {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("it happens within a minute")
}
