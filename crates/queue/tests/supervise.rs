//! What a supervisor promises.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use queue::supervise::{ChildState, Intensity, Status, Supervisor};
use tokio::sync::mpsc;

fn quick(failures: usize) -> Intensity {
    Intensity { failures, within: Duration::from_secs(60), first_pause: Duration::from_millis(1) }
}

async fn soon<F: Future>(wait: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("it happens within half a minute")
}

#[tokio::test]
async fn a_failed_or_panicked_child_is_started_again() {
    let supervisor = Supervisor::with_intensity("test", quick(10));
    let (tell, mut told) = mpsc::channel(10);
    let starts = Arc::new(AtomicUsize::new(0));
    let stopping = supervisor.stopping();
    supervisor.spawn("shaky", move || {
        let (tell, stopping, start) = (tell.clone(), stopping.clone(), starts.fetch_add(1, Ordering::SeqCst));
        async move {
            match start {
                0 => Err("an error"),
                1 => panic!("a panic"),
                _ => {
                    tell.send(start).await.expect("the test listens");
                    stopping.cancelled().await;
                    Ok(())
                }
            }
        }
    });
    assert_eq!(soon(told.recv()).await, Some(2));
    let child = supervisor.tree().children.remove(0);
    assert_eq!((child.state, child.restarts), (ChildState::Running, 2));
    assert_eq!(child.last_failure.as_deref(), Some("panicked: a panic"));
    soon(supervisor.stop()).await;
    assert_eq!(supervisor.tree().children[0].state, ChildState::Stopped);
    assert_eq!(supervisor.status(), Status::Stopped);
}

#[tokio::test]
async fn a_child_that_keeps_failing_is_given_up_and_reported_while_others_work() {
    let supervisor = Supervisor::with_intensity("test", quick(3));
    let starts = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&starts);
    supervisor.spawn("broken", move || {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::ready(Err::<(), _>("no luck"))
    });
    supervisor.spawn("sound", std::future::pending::<Result<(), Infallible>>);
    assert_eq!(soon(supervisor.gave_up()).await, ("broken".to_owned(), "no luck".to_owned()));
    assert_eq!(starts.load(Ordering::SeqCst), 3);
    let tree = supervisor.tree();
    let states: Vec<_> = tree.children.iter().map(|child| child.state).collect();
    assert_eq!(states, [ChildState::GivenUp, ChildState::Running]);
    assert_eq!(tree.to_string(), "test\n  broken (GivenUp, 2 restarts): no luck\n  sound (Running, 0 restarts)\n");
}

#[tokio::test]
async fn a_child_that_ends_well_is_not_started_again() {
    let supervisor = Supervisor::new("test");
    let starts = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&starts);
    supervisor.spawn("short", move || {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::ready(Ok::<(), Infallible>(()))
    });
    soon(supervisor.ended("short")).await;
    assert_eq!(supervisor.tree().children[0].state, ChildState::Finished);
    assert_eq!(starts.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_child_that_does_not_listen_is_dropped_after_a_grace() {
    let supervisor = Supervisor::new("test");
    supervisor.spawn("deaf", std::future::pending::<Result<(), Infallible>>);
    supervisor.stop().await;
    assert_eq!(supervisor.tree().children[0].state, ChildState::Stopped);
}
