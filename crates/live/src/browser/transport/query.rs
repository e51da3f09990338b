//! What the client has sent, as the query of a request: for transports that only receive.

use std::{collections::BTreeMap, fmt::Write};

use crate::protocol::{ClientMsg, ServerMsg};

/// The joined topics, each with its `since`, and the topics on which the user is tracked.
#[derive(Debug, Default)]
pub(super) struct Query {
    topics: BTreeMap<String, u64>,
    tracked: BTreeMap<String, String>,
}

impl Query {
    /// Applies a frame of the client, and returns whether that needs another request.
    pub fn update(&mut self, frame: &str) -> bool {
        match ClientMsg::decode(frame) {
            Ok(ClientMsg::Join { topic, since }) => {
                self.topics.insert(topic, since);
                true
            }
            Ok(ClientMsg::Leave { topic }) => {
                self.tracked.remove(&topic);
                self.topics.remove(&topic).is_some()
            }
            Ok(ClientMsg::Track { topic, doing }) => match doing {
                Some(doing) => self.tracked.insert(topic, doing.clone()) != Some(doing),
                None => self.tracked.remove(&topic).is_some(),
            },
            // The server sends pongs by itself, and takes no pushes this way.
            Ok(ClientMsg::Ping | ClientMsg::Push { .. }) | Err(_) => false,
        }
    }

    /// Applies a frame of the server, so that the next request asks for what follows it.
    pub fn on_frame(&mut self, frame: &str) {
        match ServerMsg::decode(frame) {
            Ok(ServerMsg::Event { topic, seq, .. }) => {
                if let Some(since) = self.topics.get_mut(&topic) {
                    *since = seq.max(*since);
                }
            }
            Ok(ServerMsg::Refused { topic, .. } | ServerMsg::Closed { topic, .. }) => drop(self.topics.remove(&topic)),
            _ => {}
        }
    }

    pub fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// The URL `path/name` with this query, which is added to the query that `path` may have.
    pub fn url(&self, path: &str, name: &str) -> String {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut url = format!("{path}/{name}?{query}");
        let encode = |text: &str| String::from(js_sys::encode_uri_component(text));
        for (topic, since) in &self.topics {
            // Writing to a string cannot fail.
            let _ = write!(url, "&t={}@{since}", encode(topic));
        }
        for (topic, doing) in &self.tracked {
            let _ = write!(url, "&d={}@{}", encode(topic), encode(doing));
        }
        url
    }
}
