//! Several nodes on one PostgreSQL.

use std::sync::Arc;

use db::{Db, testing};
use live::{Limits, Refusal, ServerMsg};
use tokio_util::sync::CancellationToken;

use super::{
    sessions::{NEVER, publish_range, run_hub, topic},
    test_client::{TestClient, TestPolicy},
};

/// Another node's handle to the same database.
pub async fn second_node(db: &Db) -> Db {
    Db::open(&testing::postgres_url(db).await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_both_deliver_what_either_publishes() {
    testing::on_postgres(|here| async move {
        let there = second_node(&here).await;
        let (one, two) = (run_hub(&here, NEVER), run_hub(&there, NEVER));
        let (mut a, mut b) = (TestClient::connect(&one), TestClient::connect(&two));
        a.join(&topic(), 0).await;
        b.join(&topic(), 0).await;
        publish_range(&here, 1, 20).await;
        publish_range(&there, 21, 40).await;
        a.expect_events(1, 40).await;
        b.expect_events(1, 40).await;
        there.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_reaches_the_other_node() {
    testing::on_postgres(|here| async move {
        let there = second_node(&here).await;
        let (one, two) = (run_hub(&here, NEVER), run_hub(&there, NEVER));
        let policy = Arc::new(TestPolicy { subject: "session-1".to_owned(), ..TestPolicy::default() });
        let mut client =
            TestClient::connect_with(&two, Arc::clone(&policy), Limits::default(), CancellationToken::new());
        client.join(&topic(), 0).await;
        policy.forbidden.lock().unwrap().insert(topic().name().to_owned());
        one.revoke("session-1").await.unwrap();
        let closed = ServerMsg::Closed { topic: topic().name().to_owned(), reason: Refusal::Forbidden };
        assert_eq!(client.recv().await, closed);
        there.close().await;
    })
    .await;
}
