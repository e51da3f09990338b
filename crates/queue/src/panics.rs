//! What a panic in a job said, and where.
//!
//! Only the panic hook knows the location, so the queue's hook notes it for the thread that polls a job,
//! and hands every panic on to the hook that was there before: it swallows nobody's output. A program
//! that sets a hook of its own later, and calls no other, loses the places and nothing else.

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
    /// Where the last panic was, while this thread runs what is to be caught.
    static LAST_PANIC: RefCell<Option<LastPanic>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct LastPanic {
    location: Option<String>,
}

/// Notes the places of panics from here on; once a process.
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
    // A hook must not panic: a thread that ends, or looks at its watch, notes nothing.
    let _ = LAST_PANIC.try_with(|watch| {
        if let Ok(mut watch) = watch.try_borrow_mut()
            && let Some(watch) = &mut *watch
        {
            watch.location = location.map(|at| format!("{}:{}:{}", at.file(), at.line(), at.column()));
        }
    });
}

/// Runs `act`; its panic as words.
pub(crate) fn catch_panic<T>(act: impl FnOnce() -> T) -> Result<T, String> {
    // Jobs do not nest, but a worker may perform another one in a test.
    let outer = LAST_PANIC.replace(Some(LastPanic::default()));
    let ended = panic::catch_unwind(AssertUnwindSafe(act));
    let location = LAST_PANIC.replace(outer).and_then(|watch| watch.location);
    ended.map_err(|panic| panic_message(&*panic, location))
}

fn panic_message(panic: &(dyn Any + Send), location: Option<String>) -> String {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let said = said.unwrap_or("(without a message)");
    match location {
        Some(location) => format!("panicked at {location}: {said}"),
        None => format!("panicked: {said}"),
    }
}

/// A future whose panic is its output.
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
    fn a_panic_is_told_with_its_place_and_one_that_nobody_watches_leaves_none() {
        install_hook();
        let line = line!() + 1;
        let told = catch_panic(|| panic!("{} jobs", 3)).map(|()| "nothing");
        let told = told.expect_err("it panicked");
        assert!(told.starts_with(&format!("panicked at {}:{line}:", file!())) && told.ends_with(": 3 jobs"), "{told}");
        let _ = panic::catch_unwind(|| panic!("somebody else's"));
        let told = catch_panic(|| panic::resume_unwind(Box::new("passed on"))).map(|()| "nothing");
        assert_eq!(told.expect_err("it panicked"), "panicked: passed on");
    }

    #[test]
    fn the_hook_that_was_there_before_hears_every_panic() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static HEARD: AtomicUsize = AtomicUsize::new(0);
        // Ours may be below this one or above it; each hands on.
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
