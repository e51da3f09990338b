//! Announces changes of an SQLite database to the process that serves it, so that `verbatim users
//! disable` reaches open pages at once.
//!
//! Commands announce theirs, and so does a process that is being replaced while it finishes its last
//! requests. On PostgreSQL the database notifies all nodes instead.
//!
//! A notification is an empty datagram to a socket in the data folder: its receiver looks into the
//! database, so a forged one does no harm. A process that cannot bind the socket polls the database
//! every few seconds.

use std::{
    fs, io,
    os::unix::net,
    path::{Path, PathBuf},
    sync::Arc,
};

use db::{Listener, Notification, Notifications};
use queue::{Supervisor, supervise::Restart};
use tokio::net::UnixDatagram;

/// Below the data folder.
const SOCKET: &str = "notify.sock";

/// Announces changes to the process that serves a data folder.
#[derive(Clone, Debug)]
pub struct ChangeNotifier {
    socket: PathBuf,
}

impl ChangeNotifier {
    /// Announces to the process that serves `data`, if there is one.
    pub fn new(data: &Path) -> Self {
        Self { socket: data.join(SOCKET) }
    }

    /// Announces that the database has changed. A process that misses it because its socket's buffer is
    /// full has notifications to act on anyway.
    pub fn notify(&self) {
        let _ = net::UnixDatagram::unbound().and_then(|socket| {
            socket.set_nonblocking(true)?;
            socket.send_to(&[], &self.socket)
        });
    }

    /// Announces every event that this process publishes, for as long as the result is kept.
    ///
    /// [`Notification::Lagged`] is not announced: until another process binds the socket, this one receives its
    /// own notifications, and would answer each with another one.
    #[must_use = "dropping it ends the forwarding"]
    pub fn forward(self, notifications: &Notifications) -> Arc<Listener> {
        notifications.listen(live::PUBLISHED, move |notification| {
            if matches!(notification, Notification::Payload(_)) {
                self.notify();
            }
        })
    }
}

/// Receives notifications for the process that serves a data folder.
#[derive(Debug)]
pub struct ChangeListener(Arc<UnixDatagram>);

impl ChangeListener {
    /// Takes the socket over from a process before this one. `None`, with a warning, where it cannot be
    /// bound, as below a path of more than 100 bytes.
    pub fn bind(data: &Path) -> Option<Self> {
        let socket = bind(&data.join(SOCKET)).inspect_err(|error| {
            tracing::warn!(%error, "changes made by commands reach open pages within seconds, not at once");
        });
        socket.ok().map(|socket| Self(Arc::new(socket)))
    }

    /// Receives as one of the supervisor's tasks, and passes each notification on to `notifications`.
    pub fn supervise(self, supervisor: &Supervisor, notifications: &Notifications) {
        let (Self(socket), notifications) = (self, notifications.clone());
        supervisor.spawn_as("change listener", Restart::Permanent, move |stopping| {
            let (socket, notifications) = (Arc::clone(&socket), notifications.clone());
            async move { stopping.run_until_cancelled(receive(&socket, &notifications)).await.map_or(Ok(()), Err) }
        });
    }
}

fn bind(path: &Path) -> io::Result<UnixDatagram> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    UnixDatagram::bind(path)
}

/// Makes every subscriber in this process reload whenever a notification arrives.
async fn receive(socket: &UnixDatagram, notifications: &Notifications) -> io::Error {
    loop {
        match socket.recv(&mut [0]).await {
            Ok(_) => notifications.notify_lagged(),
            Err(error) => return error,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use db::Db;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn the_newest_process_gets_a_notification_and_without_one_nothing_happens() {
        let data = tempfile::tempdir().unwrap();
        let notifier = ChangeNotifier::new(data.path());
        notifier.notify();
        let older = bind(&notifier.socket).unwrap();
        let socket = bind(&notifier.socket).unwrap();
        let db = Db::open(&format!("sqlite://{}", data.path().join("test.db").display())).await.unwrap();
        let mut received = db.notifications().subscribe("any");
        notifier.notify();
        tokio::select! {
            error = receive(&socket, db.notifications()) => panic!("{error}"),
            notification = timeout(Duration::from_secs(20), received.recv()) => assert_eq!(notification.unwrap(), Notification::Lagged),
        }
        assert_eq!(older.try_recv(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }

    #[tokio::test]
    async fn a_published_event_is_forwarded_and_a_received_notification_is_not() {
        let data = tempfile::tempdir().unwrap();
        let notifier = ChangeNotifier::new(data.path());
        let socket = bind(&notifier.socket).unwrap();
        let db = Db::open(&format!("sqlite://{}", data.path().join("test.db").display())).await.unwrap();
        let _forwarding = notifier.forward(db.notifications());
        db.notifications().notify_lagged();
        assert_eq!(socket.try_recv(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let mut tx = db.begin().await.unwrap();
        tx.notify(live::PUBLISHED, "application:1 1");
        tx.commit().await.unwrap();
        timeout(Duration::from_secs(20), socket.recv(&mut [0])).await.unwrap().unwrap();
        assert_eq!(socket.try_recv(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
