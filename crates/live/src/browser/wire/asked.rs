//! What the client has said, as a request: for wires that go one way.

use std::{collections::BTreeMap, fmt::Write};

use crate::protocol::{ClientMsg, ServerMsg};

/// The topics that are asked for, and where each stands.
#[derive(Debug, Default)]
pub(super) struct Asked {
    topics: BTreeMap<String, u64>,
    shown: BTreeMap<String, String>,
}

impl Asked {
    /// Takes in what the client says; whether another request has to be made for it.
    pub fn say(&mut self, frame: &str) -> bool {
        match ClientMsg::decode(frame) {
            Ok(ClientMsg::Join { topic, since }) => {
                self.topics.insert(topic, since);
                true
            }
            Ok(ClientMsg::Leave { topic }) => {
                self.shown.remove(&topic);
                self.topics.remove(&topic).is_some()
            }
            Ok(ClientMsg::Track { topic, doing }) => match doing {
                Some(doing) => self.shown.insert(topic, doing.clone()) != Some(doing),
                None => self.shown.remove(&topic).is_some(),
            },
            // The server gives signs of life by itself, and takes no questions this way.
            Ok(ClientMsg::Ping | ClientMsg::Push { .. }) | Err(_) => false,
        }
    }

    /// Takes in what the server says: the next request asks for what comes after it.
    pub fn hear(&mut self, frame: &str) {
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

    /// `path`, which may have a query already, with what is asked for below `name`.
    pub fn url(&self, path: &str, name: &str) -> String {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut url = format!("{path}/{name}?{query}");
        let encode = |text: &str| String::from(js_sys::encode_uri_component(text));
        for (topic, since) in &self.topics {
            // Writing to a string cannot fail.
            let _ = write!(url, "&t={}@{since}", encode(topic));
        }
        for (topic, doing) in &self.shown {
            let _ = write!(url, "&d={}@{}", encode(topic), encode(doing));
        }
        url
    }
}
