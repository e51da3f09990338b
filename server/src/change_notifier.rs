//! What a command writes into an SQLite file beside the process that serves it, that process hears of
//! at once: `verbatim users disable` reaches open pages like a click.
//!
//! A process that is being replaced says the same of what its last requests write. On PostgreSQL hints do
//! so between all nodes.
//!
//! The word is an empty datagram to a socket in the data folder. It carries nothing, so it can be forged
//! without harm: whoever hears it looks at the database. A process that cannot listen there has to look by
//! itself every few seconds.

use std::{
    fs, io,
    os::unix::net,
    path::{Path, PathBuf},
    sync::Arc,
};

use db::{Listener, Notification, Notifications};
use queue::{Supervisor, supervise::Restart};
use tokio::net::UnixDatagram;

const SOCKET: &str = "beside.sock";

/// Where this process hears what others do to the SQLite file in `data`.
#[derive(Debug)]
pub struct ChangeListener(Arc<UnixDatagram>);

impl ChangeListener {
    /// Listens; the newest process does. There can be no such place below a path of more than 100 bytes:
    /// then what others write is seen within seconds, and not at once.
    pub fn listen(data: &Path) -> Option<Self> {
        let socket = listen(data).inspect_err(|error| {
            tracing::warn!(%error, "what commands change is seen within seconds, not at once");
        });
        socket.ok().map(|socket| Self(Arc::new(socket)))
    }
}

/// Hears, as one of the supervisor's tasks, what others do to the database.
pub fn supervise(supervisor: &Supervisor, ChangeListener(socket): ChangeListener, hints: &Notifications) {
    let hints = hints.clone();
    supervisor.spawn_as("commands beside", Restart::Permanent, move |stopping| {
        let (socket, hints) = (Arc::clone(&socket), hints.clone());
        async move { stopping.run_until_cancelled(hear(&socket, &hints)).await.map_or(Ok(()), Err) }
    });
}

fn listen(data: &Path) -> io::Result<UnixDatagram> {
    let place = data.join(SOCKET);
    match fs::remove_file(&place) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    UnixDatagram::bind(place)
}

/// Has everybody in this process look at the database whenever a command says so.
async fn hear(socket: &UnixDatagram, hints: &Notifications) -> io::Error {
    loop {
        match socket.recv(&mut [0]).await {
            Ok(_) => hints.notify_lagged(),
            Err(error) => return error,
        }
    }
}

/// Tells the process that serves `data`, if there is one, of whatever is published here from now on, as
/// long as the answer is kept. That something was missed is not passed on: until the next process listens,
/// this one is told, and would tell itself again without end.
#[must_use = "dropping it ends the telling"]
pub fn tell_of_all(data: PathBuf, hints: &Notifications) -> Arc<Listener> {
    hints.listen(live::PUBLISHED, move |hint| {
        if matches!(hint, Notification::Payload(_)) {
            tell(&data);
        }
    })
}

/// Tells the process that serves `data`, if there is one, that its database has changed.
pub fn tell(data: &Path) {
    // Nobody serves, or it is busy and will look by itself.
    let _ = net::UnixDatagram::unbound().and_then(|socket| {
        socket.set_nonblocking(true)?;
        socket.send_to(&[], data.join(SOCKET))
    });
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use db::Db;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_word_is_heard_by_the_newest_process_and_without_one_nothing_happens() {
        let data = tempfile::tempdir().unwrap();
        tell(data.path());
        let older = listen(data.path()).unwrap();
        let socket = listen(data.path()).unwrap();
        let db = Db::open(&format!("sqlite://{}", data.path().join("test.db").display())).await.unwrap();
        let mut heard = db.notifications().subscribe("any");
        tell(data.path());
        tokio::select! {
            error = hear(&socket, db.notifications()) => panic!("{error}"),
            hint = timeout(Duration::from_secs(20), heard.recv()) => assert_eq!(hint.unwrap(), Notification::Lagged),
        }
        assert_eq!(older.try_recv(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }

    #[tokio::test]
    async fn what_is_published_is_told_and_what_was_missed_is_not_told_again() {
        let data = tempfile::tempdir().unwrap();
        let socket = listen(data.path()).unwrap();
        let db = Db::open(&format!("sqlite://{}", data.path().join("test.db").display())).await.unwrap();
        let _telling = tell_of_all(data.path().to_owned(), db.notifications());
        db.notifications().notify_lagged();
        assert_eq!(socket.try_recv(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let mut tx = db.begin().await.unwrap();
        tx.notify(live::PUBLISHED, "application:1 1");
        tx.commit().await.unwrap();
        timeout(Duration::from_secs(20), socket.recv(&mut [0])).await.unwrap().unwrap();
        assert_eq!(socket.try_recv(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
