//! Presence over sockets and nodes.

use std::{sync::Arc, time::Duration};

use db::testing;
use live::{ClientMsg, Limits};
use tokio_util::sync::CancellationToken;

use super::{
    nodes::second_node,
    sessions::{NEVER, run_hub, topic},
    test_client::{TestClient, TestPolicy},
};

fn named(name: &'static str) -> Arc<TestPolicy> {
    Arc::new(TestPolicy { name: Some(name), ..TestPolicy::default() })
}

fn connect(hub: &live::Hub, name: &'static str) -> TestClient {
    TestClient::connect_with(hub, named(name), Limits::default(), CancellationToken::new())
}

db::on_both_databases! {
    async fn people_see_each_other_join_act_and_leave(db: Db) {
        let hub = run_hub(&db, NEVER);
        let (mut ada, mut bo) = (connect(&hub, "Ada"), connect(&hub, "Bo"));
        ada.join(&topic(), 0).await;
        ada.track(&topic(), "looking");
        ada.expect_people(&[("Ada", "looking")]).await;
        bo.join(&topic(), 0).await;
        bo.track(&topic(), "looking");
        ada.expect_people(&[("Ada", "looking"), ("Bo", "looking")]).await;
        bo.expect_people(&[("Ada", "looking"), ("Bo", "looking")]).await;
        bo.track(&topic(), "writing");
        ada.expect_people(&[("Ada", "looking"), ("Bo", "writing")]).await;
        bo.expect_people(&[("Ada", "looking"), ("Bo", "writing")]).await;
        bo.close();
        ada.expect_people(&[("Ada", "looking")]).await;
    }

    async fn a_client_that_leaves_is_removed_and_gets_no_presence(db: Db) {
        let hub = run_hub(&db, NEVER);
        let (mut ada, mut bo) = (connect(&hub, "Ada"), connect(&hub, "Bo"));
        ada.join(&topic(), 0).await;
        ada.track(&topic(), "looking");
        bo.join(&topic(), 0).await;
        bo.track(&topic(), "looking");
        ada.expect_people(&[("Ada", "looking"), ("Bo", "looking")]).await;
        bo.expect_people(&[("Ada", "looking"), ("Bo", "looking")]).await;
        bo.send(&ClientMsg::Leave { topic: topic().name().to_owned() });
        ada.expect_people(&[("Ada", "looking")]).await;
        bo.expect_nothing().await;
    }

    async fn only_clients_that_joined_and_have_an_identity_are_shown(db: Db) {
        let hub = run_hub(&db, NEVER);
        let (mut ada, mut outsider) = (connect(&hub, "Ada"), connect(&hub, "Mallory"));
        let mut applicant = TestClient::connect(&hub);
        ada.join(&topic(), 0).await;
        ada.track(&topic(), "looking");
        ada.expect_people(&[("Ada", "looking")]).await;
        outsider.track(&topic(), "looking");
        outsider.expect_nothing().await;
        applicant.join(&topic(), 0).await;
        applicant.track(&topic(), "looking");
        applicant.expect_nothing().await;
        // If another client had been shown, Ada would get that first.
        ada.track(&topic(), "writing");
        ada.expect_people_next(&[("Ada", "writing")]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_on_two_nodes_see_each_other_and_a_dead_nodes_people_are_removed() {
    testing::on_postgres(|here| async move {
        let there = second_node(&here).await;
        let one = run_hub(&here, NEVER);
        let two = live::Hub::with_reconcile_interval(there.clone(), NEVER);
        let running = tokio::spawn({
            let two = two.clone();
            async move { two.run().await }
        });
        let (mut ada, mut bo) = (connect(&one, "Ada"), connect(&two, "Bo"));
        ada.join(&topic(), 0).await;
        ada.track(&topic(), "looking");
        bo.join(&topic(), 0).await;
        bo.track(&topic(), "looking");
        ada.expect_people(&[("Ada", "looking"), ("Bo", "looking")]).await;
        bo.expect_people(&[("Ada", "looking"), ("Bo", "looking")]).await;
        // The node dies without notifying the others.
        running.abort();
        let removed = tokio::time::timeout(Duration::from_secs(10), ada.expect_people(&[("Ada", "looking")])).await;
        removed.expect("within ten seconds");
        there.close().await;
    })
    .await;
}
