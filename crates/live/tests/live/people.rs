//! Who is on a topic, over sockets and nodes.

use std::{sync::Arc, time::Duration};

use db::testing;
use live::{ClientMsg, Limits};
use tokio_util::sync::CancellationToken;

use super::{
    nodes::second_node,
    sessions::{NEVER, run_hub, topic},
    visitor::{Doors, Visitor},
};

fn named(name: &'static str) -> Arc<Doors> {
    Arc::new(Doors { name: Some(name), ..Doors::default() })
}

fn enter(hub: &live::Hub, name: &'static str) -> Visitor {
    Visitor::enter_with(hub, named(name), Limits::default(), CancellationToken::new())
}

db::on_both_databases! {
    async fn people_see_each_other_come_do_something_and_go(db: Db) {
        let hub = run_hub(&db, NEVER);
        let (mut ada, mut bo) = (enter(&hub, "Ada"), enter(&hub, "Bo"));
        ada.join(&topic(), 0).await;
        ada.track(&topic(), "looking");
        ada.sees(&[("Ada", "looking")]).await;
        bo.join(&topic(), 0).await;
        bo.track(&topic(), "looking");
        ada.sees(&[("Ada", "looking"), ("Bo", "looking")]).await;
        bo.sees(&[("Ada", "looking"), ("Bo", "looking")]).await;
        bo.track(&topic(), "writing");
        ada.sees(&[("Ada", "looking"), ("Bo", "writing")]).await;
        bo.sees(&[("Ada", "looking"), ("Bo", "writing")]).await;
        bo.hang_up();
        ada.sees(&[("Ada", "looking")]).await;
    }

    async fn whoever_leaves_a_topic_is_shown_there_no_more_and_hears_nothing(db: Db) {
        let hub = run_hub(&db, NEVER);
        let (mut ada, mut bo) = (enter(&hub, "Ada"), enter(&hub, "Bo"));
        ada.join(&topic(), 0).await;
        ada.track(&topic(), "looking");
        bo.join(&topic(), 0).await;
        bo.track(&topic(), "looking");
        ada.sees(&[("Ada", "looking"), ("Bo", "looking")]).await;
        bo.sees(&[("Ada", "looking"), ("Bo", "looking")]).await;
        bo.say(&ClientMsg::Leave { topic: topic().name().to_owned() });
        ada.sees(&[("Ada", "looking")]).await;
        bo.hears_nothing().await;
    }

    async fn nobody_is_shown_on_a_topic_that_they_did_not_join_or_where_they_may_not_be(db: Db) {
        let hub = run_hub(&db, NEVER);
        let (mut ada, mut stranger) = (enter(&hub, "Ada"), enter(&hub, "Mallory"));
        let mut applicant = Visitor::enter(&hub);
        ada.join(&topic(), 0).await;
        ada.track(&topic(), "looking");
        ada.sees(&[("Ada", "looking")]).await;
        stranger.track(&topic(), "looking");
        stranger.hears_nothing().await;
        applicant.join(&topic(), 0).await;
        applicant.track(&topic(), "looking");
        applicant.hears_nothing().await;
        // Had anybody been shown, this would not be what comes next.
        ada.track(&topic(), "writing");
        ada.sees_next(&[("Ada", "writing")]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_on_two_nodes_see_each_other_and_a_dead_nodes_people_go() {
    testing::on_postgres(|here| async move {
        let there = second_node(&here).await;
        let one = run_hub(&here, NEVER);
        let two = live::Hub::healing_every(there.clone(), NEVER);
        let running = tokio::spawn({
            let two = two.clone();
            async move { two.run().await }
        });
        let (mut ada, mut bo) = (enter(&one, "Ada"), enter(&two, "Bo"));
        ada.join(&topic(), 0).await;
        ada.track(&topic(), "looking");
        bo.join(&topic(), 0).await;
        bo.track(&topic(), "looking");
        ada.sees(&[("Ada", "looking"), ("Bo", "looking")]).await;
        bo.sees(&[("Ada", "looking"), ("Bo", "looking")]).await;
        // The node dies without a word.
        running.abort();
        let healed = tokio::time::timeout(Duration::from_secs(10), ada.sees(&[("Ada", "looking")])).await;
        healed.expect("within ten seconds");
        there.close().await;
    })
    .await;
}
