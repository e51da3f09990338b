//! A WebSocket.

use std::rc::{Rc, Weak};

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, MessageEvent, WebSocket};

use super::super::environment;
use crate::{browser::driver::Driver, client::Input};

pub(in super::super) struct Socket {
    socket: WebSocket,
    _opened: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _closed: Closure<dyn FnMut(Event)>,
}

impl Socket {
    pub fn open(path: &str, driver: &Rc<Driver>) -> Option<Self> {
        let socket = WebSocket::new(&environment::socket_url(path)).ok()?;
        let opened = environment::event_handler(driver, || Input::Opened);
        let closed = environment::event_handler(driver, || Input::Closed);
        let message = message_handler(Rc::downgrade(driver));
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        // The browser also fires this after an error.
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Some(Self { socket, _opened: opened, _message: message, _closed: closed })
    }

    /// Sends a frame. If that fails, the socket is closing and its close event follows.
    pub fn send(&self, frame: &str) {
        let _ = self.socket.send_with_str(frame);
    }
}

fn message_handler(driver: Weak<Driver>) -> Closure<dyn FnMut(MessageEvent)> {
    Closure::new(move |event: MessageEvent| {
        if let (Some(driver), Some(frame)) = (driver.upgrade(), event.data().as_string()) {
            driver.handle(Input::Message(&frame));
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
