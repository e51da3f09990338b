//! What a command writes into an SQLite file beside the process that serves it, that process hears of
//! at once: `verbatim users disable` reaches open pages like a click.
//!
//! The word is an empty datagram to a socket in the data folder. It carries nothing, so it can be
//! lost or forged without harm: whoever hears it looks at the database, as it does by itself every few
//! seconds. On PostgreSQL hints do the same between all nodes.

use std::{fs, io, os::unix::net, path::Path, sync::Arc};

use db::Hints;
use queue::{Supervisor, supervise::Restart};
use tokio::net::UnixDatagram;

const SOCKET: &str = "beside.sock";

/// Hears, as one of the supervisor's tasks, what commands do to the database in `data`.
pub fn supervise(supervisor: &Supervisor, data: &Path, hints: &Hints) {
    let socket = match listen(data) {
        Ok(socket) => Arc::new(socket),
        Err(error) => return tracing::warn!(%error, "what commands change is seen within seconds, not at once"),
    };
    let hints = hints.clone();
    supervisor.spawn_as("commands beside", Restart::Permanent, move |stopping| {
        let (socket, hints) = (Arc::clone(&socket), hints.clone());
        async move { stopping.run_until_cancelled(hear(&socket, &hints)).await.map_or(Ok(()), Err) }
    });
}

/// Where commands tell this process that they wrote something; the newest process hears them. There
/// can be none below a path of more than 100 bytes.
fn listen(data: &Path) -> io::Result<UnixDatagram> {
    let place = data.join(SOCKET);
    match fs::remove_file(&place) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    UnixDatagram::bind(place)
}

/// Has everybody in this process look at the database whenever a command says so.
async fn hear(socket: &UnixDatagram, hints: &Hints) -> io::Error {
    loop {
        match socket.recv(&mut [0]).await {
            Ok(_) => hints.missed(),
            Err(error) => return error,
        }
    }
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

    use db::{Db, Hint};
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_word_is_heard_by_the_newest_process_and_without_one_nothing_happens() {
        let data = tempfile::tempdir().unwrap();
        tell(data.path());
        let older = listen(data.path()).unwrap();
        let socket = listen(data.path()).unwrap();
        let db = Db::open(&format!("sqlite://{}", data.path().join("test.db").display())).await.unwrap();
        let mut heard = db.hints().subscribe("any");
        tell(data.path());
        tokio::select! {
            error = hear(&socket, db.hints()) => panic!("{error}"),
            hint = timeout(Duration::from_secs(20), heard.recv()) => assert_eq!(hint.unwrap(), Hint::Missed),
        }
        assert_eq!(older.try_recv(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
