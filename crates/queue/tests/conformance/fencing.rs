//! Which attempt may write.

use std::sync::Arc;

use db::{Clock, Db};
use queue::{Context, Error, Outcome, State, cancel};
use tokio::sync::{Notify, mpsc};

use crate::support::{Act, Events, Number, START, add, job, note, notes, queue, soon};

/// Writes a note with the attempt's number behind the fence.
async fn write(db: &Db, job: &Context) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    job.fence(&mut tx).await?;
    note(&mut tx, job.attempt()).await?;
    Ok(tx.commit().await?)
}

/// The first attempt reports that it runs, waits for `go`, then writes; later attempts write immediately.
fn stalling(db: &Db, running: mpsc::Sender<()>, go: Arc<Notify>, sent: mpsc::Sender<Result<(), Error>>) -> Act {
    let db = db.clone();
    Act::new(move |_number: Number, job: Context| {
        let (db, running, go, sent) = (db.clone(), running.clone(), Arc::clone(&go), sent.clone());
        async move {
            if job.attempt() == 1 {
                running.send(()).await.expect("the test receives");
                go.notified().await;
            }
            sent.send(write(&db, &job).await).await.expect("the test receives");
            Outcome::Complete
        }
    })
}

db::on_both_databases! {
    async fn an_attempt_that_lost_its_job_writes_nothing(db: Db) {
        let clock = Clock::manual(START);
        let (running, mut runs) = mpsc::channel(10);
        let (sent, mut results) = mpsc::channel(10);
        let go = Arc::new(Notify::new());
        let act = || stalling(&db, running.clone(), Arc::clone(&go), sent.clone());
        let (b, a) = (queue(&db, &clock, "b", act()).start(), queue(&db, &clock, "a", act()).start());
        soon(a.ready()).await;
        soon(b.ready()).await;
        let mut tx = db.begin().await.expect("a transaction");
        let id = a.enqueuer().enqueue::<Act>(&mut tx, &Number { n: 1 }, START).await.expect("enqueued");
        tx.commit().await.expect("committed");
        soon(runs.recv()).await.expect("the first attempt runs");

        // Neither node sends a heartbeat during the test: the lease of an hour ends between two checks.
        b.rescue().await.expect("checked");
        clock.advance(2 * 3_600_000);
        b.rescue().await.expect("rescued");
        soon(results.recv()).await.expect("sent").expect("the second attempt owns the job");
        go.notify_one();
        let late = soon(results.recv()).await.expect("sent");
        assert!(matches!(late, Err(Error::LostLease { attempt: 1, .. })), "{late:?}");

        soon(a.stop(std::time::Duration::from_secs(10))).await;
        soon(b.stop(std::time::Duration::from_secs(10))).await;
        let ended = job(&db, id).await;
        assert_eq!((ended.state, ended.attempt), (State::Completed, 2));
        assert_eq!(notes(&db).await, [2]);
        assert_eq!(ended.errors.len(), 1, "the rescue is in the history");
    }

    async fn a_canceled_running_job_is_notified_and_writes_nothing(db: Db) {
        let (running, mut runs) = mpsc::channel(1);
        let (sent, mut results) = mpsc::channel(1);
        let act = Act::new({
            let db = db.clone();
            move |_number, job: Context| {
                let (db, running, sent) = (db.clone(), running.clone(), sent.clone());
                async move {
                    running.send(()).await.expect("the test receives");
                    job.cancellation().cancelled().await;
                    sent.send(write(&db, &job).await).await.expect("the test receives");
                    Outcome::Complete
                }
            }
        });
        let node = queue(&db, &Clock::manual(START), "a", act).start();
        let id = add(&db, 1).await;
        soon(runs.recv()).await.expect("it runs");
        let mut tx = db.begin().await.expect("a transaction");
        assert!(cancel(&mut tx, id, START).await.expect("called"));
        tx.commit().await.expect("committed");
        let late = soon(results.recv()).await.expect("sent");
        assert!(matches!(late, Err(Error::LostLease { .. })), "{late:?}");
        soon(node.stop(std::time::Duration::from_secs(10))).await;
        assert_eq!(job(&db, id).await.state, State::Canceled);
        assert!(notes(&db).await.is_empty());
    }

    async fn a_canceled_job_that_ignores_its_token_is_aborted(db: Db) {
        let (running, mut runs) = mpsc::channel(1);
        let act = Act::new(move |_number, _job| {
            let running = running.clone();
            async move {
                running.send(()).await.expect("the test receives");
                // Kept until the attempt is dropped.
                let _kept = running;
                std::future::pending().await
            }
        });
        let node = queue(&db, &Clock::manual(START), "a", act).limit("acts", 1).start();
        let id = add(&db, 1).await;
        soon(runs.recv()).await.expect("it runs");
        let mut tx = db.begin().await.expect("a transaction");
        assert!(cancel(&mut tx, id, START).await.expect("called"));
        tx.commit().await.expect("committed");
        // Its slot is free for the next job.
        add(&db, 2).await;
        soon(runs.recv()).await.expect("the next one runs");
        assert_eq!(job(&db, id).await.state, State::Canceled);
        soon(node.stop(std::time::Duration::from_millis(1))).await;
    }

    async fn a_heartbeat_keeps_a_long_job_from_the_other_nodes(db: Db) {
        let clock = Clock::system();
        let (running, mut runs) = mpsc::channel(10);
        let (sent, mut results) = mpsc::channel(10);
        let go = Arc::new(Notify::new());
        let act = stalling(&db, running, Arc::clone(&go), sent);
        let lease = std::time::Duration::from_millis(600);
        let idle = Act::new(|_number, _job| async { Outcome::Complete });
        let _other = queue(&db, &clock, "b", idle).lease(lease).start();
        let node = queue(&db, &clock, "a", act).lease(lease).start();
        soon(node.ready()).await;
        let mut events = Events::subscribe(&node);
        // Inline, because the other node would complete it.
        let mut tx = db.begin().await.expect("a transaction");
        let id = node.enqueuer().enqueue::<Act>(&mut tx, &Number { n: 1 }, clock.now_ms()).await.expect("enqueued");
        tx.commit().await.expect("committed");
        soon(runs.recv()).await.expect("it runs");
        let claimed = clock.now_ms();
        // Three leases pass, in which the other node checks fifteen times.
        let beats = async {
            let mut ticks = tokio::time::interval(std::time::Duration::from_millis(100));
            while clock.now_ms() < claimed + 1_800 {
                ticks.tick().await;
            }
        };
        soon(beats).await;
        go.notify_one();
        soon(results.recv()).await.expect("sent").expect("it still owns the job");
        // A rescue would also have ended the first attempt, but not as completed.
        let ended = events.next(id).await;
        assert_eq!((ended.attempt, ended.state), (1, State::Completed));
    }
}
