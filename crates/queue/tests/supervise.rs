//! Tests of the supervisor.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use queue::supervise::{ChildState, Intensity, Restart, Status, Supervisor};
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
    let (sender, mut receiver) = mpsc::channel(10);
    let starts = Arc::new(AtomicUsize::new(0));
    let stopping = supervisor.stopping();
    supervisor.spawn("shaky", move || {
        let (sender, stopping, start) = (sender.clone(), stopping.clone(), starts.fetch_add(1, Ordering::SeqCst));
        async move {
            match start {
                0 => Err("an error"),
                1 => panic!("a panic"),
                _ => {
                    sender.send(start).await.expect("the test receives");
                    stopping.cancelled().await;
                    Ok(())
                }
            }
        }
    });
    assert_eq!(soon(receiver.recv()).await, Some(2));
    let child = supervisor.tree().children.remove(0);
    assert_eq!((child.state, child.restarts), (ChildState::Running, 2));
    let failure = child.last_failure.unwrap_or_default();
    assert!(failure.starts_with(&format!("panicked at {}:", file!())) && failure.ends_with(": a panic"), "{failure}");
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
async fn a_child_that_ignores_the_stop_is_dropped_after_the_grace_period() {
    let supervisor = Supervisor::new("test");
    supervisor.spawn("deaf", std::future::pending::<Result<(), Infallible>>);
    supervisor.stop().await;
    assert_eq!(supervisor.tree().children[0].state, ChildState::Stopped);
}

#[tokio::test]
async fn a_permanent_child_always_restarts_and_a_temporary_one_never() {
    let supervisor = Supervisor::with_intensity("test", quick(100));
    let (sender, mut receiver) = mpsc::channel(10);
    let permanent = sender.clone();
    supervisor.spawn_as("permanent", Restart::Permanent, move |stopping| {
        let sender = permanent.clone();
        async move {
            // Until the test has dropped its receiver.
            if sender.send("permanent").await.is_err() {
                stopping.cancelled().await;
            }
            Ok::<_, Infallible>(())
        }
    });
    for _ in 0..3 {
        assert_eq!(soon(receiver.recv()).await, Some("permanent"));
    }
    drop(receiver);
    let (sender, mut receiver) = mpsc::channel(10);
    supervisor.spawn_as("temporary", Restart::Temporary, move |_stopping| {
        let sender = sender.clone();
        async move {
            sender.send(()).await.expect("the test receives");
            Err::<(), _>("no luck")
        }
    });
    assert_eq!(soon(receiver.recv()).await, Some(()));
    soon(supervisor.ended("temporary")).await;
    let child = supervisor.tree().children.remove(1);
    assert_eq!(
        (child.state, child.restarts, child.last_failure.as_deref()),
        (ChildState::Finished, 0, Some("no luck"))
    );
    assert_eq!(supervisor.status(), Status::Working);
    soon(supervisor.stop()).await;
}

#[tokio::test]
async fn ordered_children_stop_one_after_the_other_the_last_one_first() {
    let supervisor = Supervisor::new("test");
    let (sender, mut receiver) = mpsc::channel(10);
    for name in ["database", "queue", "pages"] {
        let sender = sender.clone();
        supervisor.spawn_as(name, Restart::Permanent, move |stopping| {
            let sender = sender.clone();
            async move {
                stopping.cancelled().await;
                sender.send((name, "stops")).await.expect("the test receives");
                tokio::task::yield_now().await;
                sender.send((name, "has stopped")).await.expect("the test receives");
                Ok::<_, Infallible>(())
            }
        });
    }
    soon(supervisor.stop()).await;
    for name in ["pages", "queue", "database"] {
        assert_eq!(receiver.recv().await, Some((name, "stops")));
        assert_eq!(receiver.recv().await, Some((name, "has stopped")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_supervisor_that_gives_up_is_restarted_until_its_parent_gives_up() {
    let root = Supervisor::with_intensity("root", quick(3));
    let starts = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&starts);
    root.spawn_supervisor("inner", quick(2), move |inner| {
        let count = Arc::clone(&count);
        inner.spawn("steady", std::future::pending::<Result<(), Infallible>>);
        inner.spawn("broken", move || {
            count.fetch_add(1, Ordering::SeqCst);
            std::future::ready(Err::<(), _>("no luck"))
        });
    });
    let (child, failure) = soon(root.gave_up()).await;
    assert_eq!((child.as_str(), failure.as_str()), ("inner", "broken: no luck"));
    assert_eq!(starts.load(Ordering::SeqCst), 3 * 2, "two failures of the child a life, three lives");
    let printed = root.tree().to_string();
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines[0], "root");
    assert_eq!(lines[1], "  inner (GivenUp, 2 restarts): broken: no luck");
    assert!(lines[2].starts_with("    steady (Stopped"), "{printed}");
    soon(root.stop()).await;
}

#[tokio::test]
async fn a_stop_reaches_the_children_of_children() {
    let root = Supervisor::new("root");
    let (sender, mut receiver) = mpsc::channel(10);
    root.spawn_supervisor("inner", quick(2), move |inner| {
        let sender = sender.clone();
        inner.spawn_as("leaf", Restart::Permanent, move |stopping| {
            let sender = sender.clone();
            async move {
                sender.send("starts").await.expect("the test receives");
                stopping.cancelled().await;
                sender.send("stops").await.expect("the test receives");
                Ok::<_, Infallible>(())
            }
        });
    });
    assert_eq!(soon(receiver.recv()).await, Some("starts"));
    soon(root.stop()).await;
    assert_eq!(receiver.recv().await, Some("stops"));
    assert_eq!(root.tree().children[0].state, ChildState::Stopped);
}
