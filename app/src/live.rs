//! A topic as signals: one line in a component.

use leptos::prelude::*;
use live::Connection;
use serde::de::DeserializeOwned;

/// The socket of signed-in pages.
pub const RECRUITERS: &str = "/live";

/// The live fold of a topic.
#[derive(Debug)]
pub struct Live<S: Send + Sync + 'static> {
    /// The fold.
    pub state: ReadSignal<S>,
    /// The event that it stands at.
    pub seq: ReadSignal<u64>,
}

impl<S: Send + Sync + 'static> Clone for Live<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Send + Sync + 'static> Copy for Live<S> {}

/// How this tab is connected.
#[derive(Clone, Copy, Debug)]
pub struct TabConnection {
    /// What the socket says.
    pub state: RwSignal<Connection>,
    /// Whether a topic was taken away: one was signed out, or may no longer see it.
    pub closed: RwSignal<bool>,
}

/// For the whole tab, once. The server renders it as online: the page is as new as it can be.
pub fn provide_connection() {
    provide_context(TabConnection { state: RwSignal::new(Connection::Online), closed: RwSignal::new(false) });
}

/// Joins `topic` on the socket at `path` where `initial` stands (`seq`), folds each event in with
/// `apply`, and leaves with the component. On the server it is just `initial`.
pub fn use_topic<S, E>(path: String, topic: String, seq: u64, initial: S, apply: fn(&mut S, E)) -> Live<S>
where
    S: Send + Sync + 'static,
    E: DeserializeOwned + 'static,
{
    let (state, set_state) = signal(initial);
    let (at, set_at) = signal(seq);
    let hear = move |seq: u64, payload: serde_json::Value| match serde_json::from_value::<E>(payload) {
        Ok(event) => {
            set_state.update(|state| apply(state, event));
            set_at.set(seq);
        }
        // An event of a newer server: this page shows what it knows until it is reloaded.
        Err(error) => leptos::logging::warn!("an event of {seq} was not understood: {error}"),
    };
    browser::join(path, topic, seq, hear);
    Live { state, seq: at }
}

#[cfg(not(target_arch = "wasm32"))]
mod browser {
    pub(super) fn join(_path: String, _topic: String, _seq: u64, _hear: impl FnMut(u64, serde_json::Value) + 'static) {}
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use std::{cell::RefCell, collections::HashMap};

    use leptos::prelude::*;
    use live::LiveSocket;

    use super::TabConnection;

    thread_local! {
        /// One socket per tab and path; it lives as long as the tab.
        static SOCKETS: RefCell<HashMap<String, LiveSocket>> = RefCell::default();
    }

    pub(super) fn join(path: String, topic: String, seq: u64, hear: impl FnMut(u64, serde_json::Value) + 'static) {
        let connection = expect_context::<TabConnection>();
        let hear = std::rc::Rc::new(RefCell::new(hear));
        let subscription = StoredValue::new_local(None);
        // An effect, so that it begins after hydration.
        Effect::new(move |_| {
            let hear = std::rc::Rc::clone(&hear);
            let on_event = move |seq, payload| (hear.borrow_mut())(seq, payload);
            connection.closed.set(false);
            let joined = socket(&path, connection).join(&topic, seq, on_event);
            subscription.set_value(Some(joined));
        });
        on_cleanup(move || subscription.set_value(None));
    }

    fn socket(path: &str, connection: TabConnection) -> LiveSocket {
        SOCKETS.with_borrow_mut(|sockets| {
            let open = || {
                let socket = LiveSocket::open(path);
                socket.on_connection(move |now| connection.state.set(now));
                socket.on_closed(move |_, _| connection.closed.set(true));
                socket
            };
            sockets.entry(path.to_owned()).or_insert_with(open).clone()
        })
    }
}
