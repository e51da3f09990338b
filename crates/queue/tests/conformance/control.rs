//! Pausing, resuming and scaling queues at run time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use db::{Clock, Db, Tx};
use futures::future::BoxFuture;
use queue::{
    Error, Outcome, Running, State,
    control::{Scope, pause, resume, scale, scale_globally},
};
use tokio::sync::{Semaphore, mpsc};

use crate::support::{Act, Events, Number, START, add, job, queue, soon};

fn complete() -> Act {
    Act::new(|_number, _job| async { Outcome::Complete })
}

async fn set_overrides(
    db: &Db,
    node: &Running,
    change: impl for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<(), Error>>,
) {
    let mut applied = node.overrides_applied();
    applied.mark_unchanged();
    let mut tx = db.begin().await.expect("a transaction");
    change(&mut tx).await.expect("changed");
    tx.commit().await.expect("committed");
    soon(applied.changed()).await.expect("the node runs");
}

db::on_both_databases! {
    async fn a_paused_queue_claims_nothing_until_it_is_resumed(db: Db) {
        let node = queue(&db, &Clock::manual(START), "a", complete()).start();
        soon(node.ready()).await;
        set_overrides(&db, &node, |tx| Box::pin(pause(tx, "acts", Scope::AllNodes))).await;
        let mut events = Events::subscribe(&node);
        let waiting = add(&db, 1).await;
        soon(node.poll()).await;
        assert_eq!(job(&db, waiting).await.state, State::Available);
        set_overrides(&db, &node, |tx| Box::pin(resume(tx, "acts", Scope::AllNodes))).await;
        assert_eq!(events.next(waiting).await.state, State::Completed);
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn a_pause_outlives_a_restart(db: Db) {
        let mut tx = db.begin().await.expect("a transaction");
        pause(&mut tx, "acts", Scope::AllNodes).await.expect("paused");
        tx.commit().await.expect("committed");
        let waiting = add(&db, 1).await;
        let node = queue(&db, &Clock::manual(START), "a", complete()).start();
        soon(node.ready()).await;
        assert_eq!(job(&db, waiting).await.state, State::Available);
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn a_queue_that_is_paused_on_one_node_runs_on_the_others(db: Db) {
        let clock = Clock::manual(START);
        // On SQLite the node that starts last takes over from the others.
        let a = queue(&db, &clock, "a", complete()).start();
        soon(a.ready()).await;
        let b = queue(&db, &clock, "b", complete()).start();
        soon(b.ready()).await;
        set_overrides(&db, &a, |tx| Box::pin(pause(tx, "acts", Scope::Node("a")))).await;
        let mut events = Events::subscribe(&b);
        for n in 0..5 {
            let id = add(&db, n).await;
            events.next(id).await;
            assert_eq!(job(&db, id).await.node.as_deref(), Some("b"));
        }
        soon(a.stop(Duration::from_secs(10))).await;
        soon(b.stop(Duration::from_secs(10))).await;
    }

    async fn a_queue_is_scaled_up_and_down_while_it_works(db: Db) {
        let (sender, mut receiver) = mpsc::channel(100);
        let (go, now) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
        let act = {
            let go = Arc::clone(&go);
            Act::new(move |_number, _job| {
                let (sender, go, now) = (sender.clone(), Arc::clone(&go), Arc::clone(&now));
                async move {
                    sender.send(now.fetch_add(1, Ordering::SeqCst) + 1).await.expect("the test receives");
                    go.acquire().await.expect("open").forget();
                    now.fetch_sub(1, Ordering::SeqCst);
                    Outcome::Complete
                }
            })
        };
        let node = queue(&db, &Clock::manual(START), "a", act).limit("acts", 1).start();
        soon(node.ready()).await;
        for n in 0..10 {
            add(&db, n).await;
        }
        assert_eq!(soon(receiver.recv()).await, Some(1));
        set_overrides(&db, &node, |tx| Box::pin(scale(tx, "acts", Scope::AllNodes, Some(3)))).await;
        assert_eq!((soon(receiver.recv()).await, soon(receiver.recv()).await), (Some(2), Some(3)));
        assert_eq!(node.health().slots, 3);
        set_overrides(&db, &node, |tx| Box::pin(scale(tx, "acts", Scope::Node("a"), Some(2)))).await;
        for _ in 0..7 {
            go.add_permits(if receiver.is_empty() { 2 } else { 1 });
            let running = soon(receiver.recv()).await.expect("another one starts");
            assert!(running <= 2, "{running} run at once");
        }
        go.add_permits(100);
        soon(node.stop(Duration::from_secs(10))).await;
    }

    async fn a_global_limit_can_be_given_at_run_time(db: Db) {
        let clock = Clock::manual(START);
        let (sender, mut receiver) = mpsc::channel(100);
        let go = Arc::new(Semaphore::new(0));
        let act = || {
            let (sender, go) = (sender.clone(), Arc::clone(&go));
            Act::new(move |number: Number, _job| {
                let (sender, go) = (sender.clone(), Arc::clone(&go));
                async move {
                    sender.send(number.n).await.expect("the test receives");
                    go.acquire().await.expect("open").forget();
                    Outcome::Complete
                }
            })
        };
        let b = queue(&db, &clock, "b", act()).start();
        soon(b.ready()).await;
        let a = queue(&db, &clock, "a", act()).start();
        soon(a.ready()).await;
        let mut applied = b.overrides_applied();
        applied.mark_unchanged();
        set_overrides(&db, &a, |tx| Box::pin(scale_globally(tx, "acts", Some(1)))).await;
        soon(applied.changed()).await.expect("the other node applies it too");
        for n in 0..3 {
            add(&db, n).await;
        }
        soon(receiver.recv()).await.expect("one runs");
        soon(a.poll()).await;
        soon(b.poll()).await;
        assert!(receiver.try_recv().is_err(), "no second one");
        go.add_permits(1);
        soon(receiver.recv()).await.expect("the end of the first starts the second, on whichever node");
        go.add_permits(10);
        soon(a.stop(Duration::from_secs(10))).await;
        soon(b.stop(Duration::from_secs(10))).await;
    }
}
