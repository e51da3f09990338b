//! One WebSocket. Dropped, it is closed and never heard again.

use std::rc::{Rc, Weak};

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, MessageEvent, WebSocket};

use super::{page, shell::Shell};
use crate::client::Input;

pub(super) struct Wire {
    socket: WebSocket,
    _opened: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _closed: Closure<dyn FnMut(Event)>,
}

impl Wire {
    /// Begins to connect. `None` when the browser refuses even that; the client's own time-out
    /// then counts it as a failure.
    pub fn open(url: &str, shell: &Rc<Shell>) -> Option<Self> {
        let socket = WebSocket::new(url).ok()?;
        let opened = page::event_handler(shell, || Input::Opened);
        let closed = page::event_handler(shell, || Input::Closed);
        let message = message_handler(Rc::downgrade(shell));
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        // An error is always followed by this.
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Some(Self { socket, _opened: opened, _message: message, _closed: closed })
    }

    /// A socket that cannot send is closing, and says so by its close event.
    pub fn send(&self, frame: &str) {
        let _ = self.socket.send_with_str(frame);
    }
}

fn message_handler(shell: Weak<Shell>) -> Closure<dyn FnMut(MessageEvent)> {
    Closure::new(move |event: MessageEvent| {
        if let (Some(shell), Some(frame)) = (shell.upgrade(), event.data().as_string()) {
            shell.handle(Input::Message(&frame));
        }
    })
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}
