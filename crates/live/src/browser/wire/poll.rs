//! One request after the other, each answered as soon as something has happened.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, XmlHttpRequest};

use super::{super::page, asked::Asked};
use crate::{browser::shell::Shell, client::Input};

pub(in super::super) struct Poll(Rc<Inner>);

struct Inner {
    path: String,
    shell: Weak<Shell>,
    asked: RefCell<Asked>,
    request: RefCell<Option<Request>>,
    /// A request is about to be made for all that is said at once.
    due: Cell<bool>,
}

struct Request {
    request: XmlHttpRequest,
    _ended: Closure<dyn FnMut(Event)>,
}

impl Poll {
    /// Counts as open at once, like a stream.
    pub fn open(path: &str, shell: &Rc<Shell>) -> Self {
        let inner = Inner {
            path: path.to_owned(),
            shell: Rc::downgrade(shell),
            asked: RefCell::default(),
            request: RefCell::new(None),
            due: Cell::new(false),
        };
        page::soon(shell, |shell| shell.handle(Input::Opened));
        Self(Rc::new(inner))
    }

    pub fn send(&self, frame: &str) {
        if self.0.asked.borrow_mut().say(frame) {
            self.0.ask_soon();
        }
    }
}

impl Inner {
    fn ask_soon(self: &Rc<Self>) {
        if self.due.replace(true) {
            return;
        }
        let (Some(shell), inner) = (self.shell.upgrade(), Rc::downgrade(self)) else { return };
        page::soon(&shell, move |_| {
            if let Some(inner) = inner.upgrade() {
                inner.ask();
            }
        });
    }

    fn ask(self: &Rc<Self>) {
        self.due.set(false);
        let url = (!self.asked.borrow().is_empty()).then(|| self.asked.borrow().url(&self.path, "poll"));
        let request = url.and_then(|url| Request::send(&url, self));
        *self.request.borrow_mut() = request;
    }

    fn answered(self: &Rc<Self>, answer: Option<String>) {
        let Some(shell) = self.shell.upgrade() else { return };
        let Some(answer) = answer else { return shell.handle(Input::Closed) };
        for frame in answer.lines() {
            self.asked.borrow_mut().hear(frame);
            shell.handle(Input::Message(frame));
        }
        self.ask_soon();
    }
}

impl Request {
    fn send(url: &str, inner: &Rc<Inner>) -> Option<Self> {
        let request = XmlHttpRequest::new().ok()?;
        request.open_with_async("GET", url, true).ok()?;
        let (hearer, asked) = (Rc::downgrade(inner), request.clone());
        let ended = Closure::<dyn FnMut(Event)>::new(move |_| {
            let answer = (asked.status() == Ok(200)).then(|| asked.response_text().ok().flatten()).flatten();
            if let Some(inner) = hearer.upgrade() {
                inner.answered(answer);
            }
        });
        request.set_onloadend(Some(ended.as_ref().unchecked_ref()));
        request.send().ok()?;
        Some(Self { request, _ended: ended })
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.request.set_onloadend(None);
        let _ = self.request.abort();
    }
}
