//! Turns a panic in a job into an error message with the location of the panic.
//!
//! Only the panic hook knows the location. The queue's hook records it for the thread that polls a job, and
//! always calls the previous hook, so no output is lost. If a program later sets a hook that does not call
//! this one, messages lack the location and nothing else changes.

use std::{
    any::Any,
    cell::RefCell,
    future::Future,
    panic::{self, AssertUnwindSafe},
    pin::Pin,
    sync::Once,
    task::{Context, Poll},
};

use futures::{FutureExt, future::BoxFuture};

thread_local! {
    /// The location of the last panic, set while this thread runs code whose panics are caught.
    static LAST_PANIC: RefCell<Option<LastPanic>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct LastPanic {
    location: Option<String>,
}

/// Installs the panic hook. Only the first call has an effect.
pub(crate) fn install_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            record(panic.location());
            before(panic);
        }));
    });
}

fn record(location: Option<&panic::Location<'_>>) {
    // A hook must not panic, so this ignores a thread that is ending or a cell that is borrowed.
    let _ = LAST_PANIC.try_with(|watch| {
        if let Ok(mut watch) = watch.try_borrow_mut()
            && let Some(watch) = &mut *watch
        {
            watch.location = location.map(|at| format!("{}:{}:{}", at.file(), at.line(), at.column()));
        }
    });
}

/// Runs `act` and returns the message of its panic as the error.
pub(crate) fn catch_panic<T>(act: impl FnOnce() -> T) -> Result<T, String> {
    // Jobs do not nest, but a worker may perform another job in a test.
    let outer = LAST_PANIC.replace(Some(LastPanic::default()));
    let ended = panic::catch_unwind(AssertUnwindSafe(act));
    let location = LAST_PANIC.replace(outer).and_then(|watch| watch.location);
    ended.map_err(|panic| panic_message(&*panic, location))
}

fn panic_message(panic: &(dyn Any + Send), location: Option<String>) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("(without a message)");
    match location {
        Some(location) => format!("panicked at {location}: {text}"),
        None => format!("panicked: {text}"),
    }
}

/// A future that resolves to an error if the inner future panics.
pub(crate) struct CatchPanic<'a, T>(BoxFuture<'a, T>);

impl<'a, T> CatchPanic<'a, T> {
    pub(crate) fn new(future: BoxFuture<'a, T>) -> Self {
        Self(future)
    }
}

impl<T> Future for CatchPanic<'_, T> {
    type Output = Result<T, String>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match catch_panic(|| self.0.poll_unpin(cx)) {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_message_has_the_location_of_the_panic() {
        install_hook();
        let line = line!() + 1;
        let message = catch_panic(|| panic!("{} jobs", 3)).map(|()| "nothing");
        let message = message.expect_err("it panicked");
        assert!(
            message.starts_with(&format!("panicked at {}:{line}:", file!())) && message.ends_with(": 3 jobs"),
            "{message}"
        );
        let _ = panic::catch_unwind(|| panic!("not caught"));
        let message = catch_panic(|| panic::resume_unwind(Box::new("passed on"))).map(|()| "nothing");
        assert_eq!(message.expect_err("it panicked"), "panicked: passed on");
    }

    #[test]
    fn the_previous_hook_sees_every_panic() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static HEARD: AtomicUsize = AtomicUsize::new(0);
        // The queue's hook may be installed before or after this one; each calls the previous one.
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            HEARD.fetch_add(1, Ordering::SeqCst);
            before(panic);
        }));
        install_hook();
        assert!(catch_panic(|| panic!("in a job")).map(|()| "nothing").is_err());
        assert!(panic::catch_unwind(|| panic!("elsewhere")).is_err());
        assert!(HEARD.load(Ordering::SeqCst) >= 2);
    }
}
