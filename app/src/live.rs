//! A topic as signals: one line in a component.

#[cfg(target_arch = "wasm32")]
mod browser;
mod presence;

use std::{collections::BTreeMap, fmt::Display};

use domain::Fold;
use leptos::prelude::*;
use live::{Connection, Person, Refusal};

pub use presence::use_presence;

/// The socket of signed-in pages.
const RECRUITERS: &str = "/live";

/// A topic, the socket that it is followed on, and where the page stands on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    socket: String,
    topic: String,
    seq: u64,
}

impl Place {
    /// `<kind>:<id>` for whoever is signed in.
    pub fn of(kind: &str, id: impl Display, seq: u64) -> Self {
        Self { socket: RECRUITERS.to_owned(), topic: format!("{kind}:{id}"), seq }
    }

    /// The queue, for administrators.
    pub fn queue(seq: u64) -> Self {
        Self { socket: RECRUITERS.to_owned(), topic: "queue".to_owned(), seq }
    }

    /// An application's status, for the holder of its `token`.
    pub fn status(id: impl Display, token: &str, seq: u64) -> Self {
        Self { socket: format!("{RECRUITERS}?status={token}"), topic: format!("status:{id}"), seq }
    }
}

/// The live fold of a topic.
#[derive(Debug)]
pub struct Live<S: Send + Sync + 'static> {
    /// The fold.
    pub state: ReadSignal<S>,
    /// The event that it stands at.
    pub seq: ReadSignal<u64>,
    /// How this tab is connected.
    pub connection: ReadSignal<Connection>,
}

impl<S: Send + Sync + 'static> Clone for Live<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Send + Sync + 'static> Copy for Live<S> {}

/// How this tab is connected, and what is told beside the topics.
#[derive(Clone, Copy, Debug)]
pub struct Tab {
    /// What the socket says.
    pub connection: RwSignal<Connection>,
    /// Why a topic was taken away, if one was.
    pub closed: RwSignal<Option<Refusal>>,
    /// Who is on which topic.
    people: RwSignal<BTreeMap<String, Vec<Person>>>,
}

/// For the whole tab, once. The server renders it as online: the page is as new as it can be.
pub fn provide_tab() {
    provide_context(Tab {
        connection: RwSignal::new(Connection::Online),
        closed: RwSignal::new(None),
        people: RwSignal::new(BTreeMap::new()),
    });
}

/// Follows a topic from where `initial` stands, and leaves it with the component. On the server it
/// is just `initial`.
pub fn use_topic<S>(place: Place, initial: S) -> (ReadSignal<S>, ReadSignal<Connection>)
where
    S: Fold + Send + Sync + 'static,
{
    let live = use_live(place, initial, |_| ());
    (live.state, live.connection)
}

/// The same with where it stands, and `hear` is called with each event as it happens, before it is
/// folded in.
pub fn use_live<S>(place: Place, initial: S, hear: impl Fn(&S::Event) + 'static) -> Live<S>
where
    S: Fold + Send + Sync + 'static,
{
    let (state, set_state) = signal(initial);
    let (at, set_at) = signal(place.seq);
    let tab = expect_context::<Tab>();
    let told = move |told: Told| {
        let understood = if told.whole {
            serde_json::from_value::<S>(told.payload).map(|whole| set_state.set(whole))
        } else {
            serde_json::from_value::<S::Event>(told.payload).map(|event| {
                hear(&event);
                set_state.update(|state| state.apply(event));
            })
        };
        match understood {
            Ok(()) => set_at.set(told.seq),
            // An event of a newer server: this page shows what it knows until it is reloaded.
            Err(error) => leptos::logging::warn!("event {} was not understood: {error}", told.seq),
        }
    };
    join(place, told);
    Live { state, seq: at, connection: tab.connection.read_only() }
}

#[cfg(target_arch = "wasm32")]
use browser::{join, track};
#[cfg(target_arch = "wasm32")]
use live::Told;

/// What is told of a topic; never on the server.
#[cfg(not(target_arch = "wasm32"))]
struct Told {
    seq: u64,
    whole: bool,
    payload: serde_json::Value,
}

#[cfg(not(target_arch = "wasm32"))]
fn join(_place: Place, _hear: impl FnMut(Told) + 'static) {}

#[cfg(not(target_arch = "wasm32"))]
fn track(_place: &Place, _doing: Option<&str>) {}
