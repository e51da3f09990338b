//! Unsent notes, kept in this tab's session storage until they are sent or the tab is closed.

use domain::{ApplicationId, UserId};
use leptos::prelude::window;
use web_sys::Storage;

/// Where the draft of one user's note on one application is kept.
#[derive(Clone, Debug)]
pub struct Draft {
    key: String,
}

impl Draft {
    /// The draft of `user` on `application`.
    pub fn new(user: UserId, application: ApplicationId) -> Self {
        Self { key: format!("note:{user}:{application}") }
    }

    /// The text, or `None` if there is no draft or the browser offers no storage.
    pub fn load(&self) -> Option<String> {
        storage()?.get_item(&self.key).ok().flatten()
    }

    /// Keeps `text`; blank text removes the draft. Without storage nothing is kept.
    pub fn save(&self, text: &str) {
        let Some(storage) = storage() else { return };
        let result =
            if text.trim().is_empty() { storage.remove_item(&self.key) } else { storage.set_item(&self.key, text) };
        // Fails when the storage is full; then there is no draft.
        drop(result);
    }
}

/// Removes all drafts, at the end of a session.
pub fn clear_drafts() {
    // Never fails in a browser that has a storage.
    drop(storage().map(|storage| storage.clear()));
}

/// The storage of this tab. Must not be called on the server.
fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}
