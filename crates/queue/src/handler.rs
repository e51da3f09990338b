//! Workers of all kinds behind one type.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use db::Tx;
use futures::{FutureExt, future::BoxFuture};

use crate::{
    context::Context,
    error::HookError,
    worker::{Outcome, Worker},
};

/// The arguments of a job do not fit its worker.
#[derive(Debug, thiserror::Error)]
#[error("the arguments do not fit the worker ({kind} error at column {column})")]
pub(crate) struct Misfit {
    // Not serde's own message: that quotes the value, and arguments may be confidential.
    kind: &'static str,
    column: usize,
}

impl From<serde_json::Error> for Misfit {
    fn from(error: serde_json::Error) -> Self {
        let kind = match error.classify() {
            serde_json::error::Category::Data => "data",
            serde_json::error::Category::Syntax => "syntax",
            serde_json::error::Category::Eof | serde_json::error::Category::Io => "length",
        };
        Self { kind, column: error.column() }
    }
}

/// A [`Worker`] without its type.
pub(crate) trait Handler: Send + Sync {
    fn perform(&self, args: &str, job: Context) -> Result<BoxFuture<'static, Outcome>, Misfit>;
    fn backoff(&self, failures: u32) -> Duration;
    fn timeout(&self) -> Duration;
    /// The worker's hook; a panic in it is an error. Arguments that do not fit skip it.
    fn discarded<'a>(&'a self, tx: &'a mut Tx, args: &'a str, reason: &'a str) -> BoxFuture<'a, Result<(), HookError>>;
}

struct Typed<W>(Arc<W>);

impl<W: Worker> Handler for Typed<W> {
    fn perform(&self, args: &str, job: Context) -> Result<BoxFuture<'static, Outcome>, Misfit> {
        let args = serde_json::from_str::<W::Args>(args)?;
        let worker = Arc::clone(&self.0);
        Ok(async move { worker.perform(args, &job).await }.boxed())
    }

    fn backoff(&self, failures: u32) -> Duration {
        self.0.backoff(failures)
    }

    fn timeout(&self) -> Duration {
        self.0.timeout()
    }

    fn discarded<'a>(&'a self, tx: &'a mut Tx, args: &'a str, reason: &'a str) -> BoxFuture<'a, Result<(), HookError>> {
        let Ok(args) = serde_json::from_str::<W::Args>(args) else { return std::future::ready(Ok(())).boxed() };
        let hook = AssertUnwindSafe(async move { self.0.discarded(tx, args, reason).await }).catch_unwind();
        hook.map(|ended| ended.unwrap_or_else(|panic| Err(panic_message(&*panic).into()))).boxed()
    }
}

/// The workers of a node, by name.
#[derive(Default)]
pub(crate) struct Registry(HashMap<&'static str, Arc<dyn Handler>>);

impl Registry {
    pub(crate) fn add<W: Worker>(&mut self, worker: W) {
        self.0.insert(W::NAME, Arc::new(Typed(Arc::new(worker))));
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Arc<dyn Handler>> {
        self.0.get(name)
    }
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", said.unwrap_or("(without a message)"))
}
