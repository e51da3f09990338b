//! How a node stops.

use std::{sync::Arc, time::Duration};

use db::Clock;
use queue::{Outcome, State};
use tokio::sync::{Notify, mpsc};

use crate::support::{Act, START, add, job, queue, soon};

/// Reports that it runs, then waits for `go`.
fn waiting(running: mpsc::Sender<()>, go: Arc<Notify>) -> Act {
    Act::new(move |_number, _job| {
        let (running, go) = (running.clone(), Arc::clone(&go));
        async move {
            running.send(()).await.expect("the test receives");
            go.notified().await;
            Outcome::Complete
        }
    })
}

db::on_both_databases! {
    async fn a_stopping_node_hands_back_what_does_not_finish(db: Db) {
        let clock = Clock::manual(START);
        let (running, mut runs) = mpsc::channel(10);
        let node = queue(&db, &clock, "a", waiting(running, Arc::default())).start();
        let id = add(&db, 1).await;
        soon(runs.recv()).await.expect("it runs");
        soon(node.stop(Duration::ZERO)).await;
        let handed_back = job(&db, id).await;
        assert_eq!((handed_back.state, handed_back.attempt, handed_back.max_attempts), (State::Available, 1, 4));
        assert_eq!(handed_back.errors, []);

        let other = queue(&db, &clock, "b", Act::new(|_number, _job| async { Outcome::Complete })).start();
        soon(other.ready()).await;
        soon(other.stop(Duration::from_secs(20))).await;
        let ended = job(&db, id).await;
        assert_eq!((ended.state, ended.attempt), (State::Completed, 2));
    }

    async fn a_stopping_node_lets_jobs_finish_and_claims_nothing_more(db: Db) {
        let (running, mut runs) = mpsc::channel(10);
        let go = Arc::new(Notify::new());
        let node = queue(&db, &Clock::manual(START), "a", waiting(running, Arc::clone(&go))).limit("acts", 1).start();
        let (first, second) = (add(&db, 1).await, add(&db, 2).await);
        soon(runs.recv()).await.expect("it runs");
        let stopping = node.stop(Duration::from_secs(60));
        go.notify_one();
        soon(stopping).await;
        assert_eq!(job(&db, first).await.state, State::Completed);
        assert_eq!(job(&db, second).await.state, State::Available);
    }
}
