//! Server-sent events. What the client says goes into the request, so a change asks anew.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource, MessageEvent};

use super::{super::page, asked::Asked};
use crate::{browser::shell::Shell, client::Input};

pub(in super::super) struct Stream(Rc<Inner>);

struct Inner {
    path: String,
    shell: Weak<Shell>,
    asked: RefCell<Asked>,
    source: RefCell<Option<Source>>,
    /// A request is about to be made for all that is said at once.
    due: Cell<bool>,
}

struct Source {
    source: EventSource,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _failed: Closure<dyn FnMut(Event)>,
}

impl Stream {
    /// Counts as open at once: there is nothing to connect to before the client has said something.
    pub fn open(path: &str, shell: &Rc<Shell>) -> Self {
        let inner = Inner {
            path: path.to_owned(),
            shell: Rc::downgrade(shell),
            asked: RefCell::default(),
            source: RefCell::new(None),
            due: Cell::new(false),
        };
        page::soon(shell, |shell| shell.handle(Input::Opened));
        Self(Rc::new(inner))
    }

    pub fn send(&self, frame: &str) {
        let changed = self.0.asked.borrow_mut().say(frame);
        if changed && !self.0.due.replace(true) {
            let (Some(shell), inner) = (self.0.shell.upgrade(), Rc::downgrade(&self.0)) else { return };
            page::soon(&shell, move |_| {
                if let Some(inner) = inner.upgrade() {
                    inner.ask();
                }
            });
        }
    }
}

impl Inner {
    fn ask(self: &Rc<Self>) {
        self.due.set(false);
        let url = (!self.asked.borrow().is_empty()).then(|| self.asked.borrow().url(&self.path, "stream"));
        let source = url.and_then(|url| Source::open(&url, self));
        *self.source.borrow_mut() = source;
    }

    fn hear(&self, frame: &str) {
        self.asked.borrow_mut().hear(frame);
        if let Some(shell) = self.shell.upgrade() {
            shell.handle(Input::Message(frame));
        }
    }
}

impl Source {
    fn open(url: &str, inner: &Rc<Inner>) -> Option<Self> {
        let source = EventSource::new(url).ok()?;
        let hearer = Rc::downgrade(inner);
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let (Some(inner), Some(frame)) = (hearer.upgrade(), event.data().as_string()) {
                inner.hear(&frame);
            }
        });
        let shell = inner.shell.clone();
        // It would come back by itself, but from where it started.
        let failed = Closure::<dyn FnMut(Event)>::new(move |_| {
            if let Some(shell) = shell.upgrade() {
                shell.handle(Input::Closed);
            }
        });
        source.set_onmessage(Some(message.as_ref().unchecked_ref()));
        source.set_onerror(Some(failed.as_ref().unchecked_ref()));
        Some(Self { source, _message: message, _failed: failed })
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.source.set_onmessage(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}
