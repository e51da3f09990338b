//! A WebSocket.

use std::rc::{Rc, Weak};

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, MessageEvent, WebSocket};

use super::super::page;
use crate::{browser::shell::Shell, client::Input};

pub(in super::super) struct Socket {
    socket: WebSocket,
    _opened: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _closed: Closure<dyn FnMut(Event)>,
}

impl Socket {
    pub fn open(path: &str, shell: &Rc<Shell>) -> Option<Self> {
        let socket = WebSocket::new(&page::socket_url(path)).ok()?;
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

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}
