//! Workers of any type behind one trait object, and the registry of a node's workers.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use db::Tx;
use futures::{FutureExt, future::BoxFuture};

use crate::{
    context::Context,
    error::HookError,
    panics::CatchPanic,
    worker::{Outcome, Worker},
};

/// Why a job's arguments cannot be decoded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DecodeError {
    // serde's own message quotes the value, and arguments may be confidential.
    #[error("the arguments cannot be decoded ({kind} error at column {column})")]
    Mismatch { kind: &'static str, column: usize },
    #[error("arguments of version {version} cannot be upgraded: {reason}")]
    Upgrade { version: u32, reason: String },
}

impl From<serde_json::Error> for DecodeError {
    fn from(error: serde_json::Error) -> Self {
        let kind = match error.classify() {
            serde_json::error::Category::Data => "data",
            serde_json::error::Category::Syntax => "syntax",
            serde_json::error::Category::Eof | serde_json::error::Category::Io => "length",
        };
        Self::Mismatch { kind, column: error.column() }
    }
}

/// A [`Worker`] whose type is erased.
pub(crate) trait Handler: Send + Sync {
    /// The queue in which the worker's jobs wait.
    fn queue(&self) -> &'static str;
    /// The newest version of the arguments that the worker knows.
    fn version(&self) -> u32;
    fn perform(&self, version: u32, args: &str, job: Context) -> Result<BoxFuture<'static, Outcome>, DecodeError>;
    fn backoff(&self, failures: u32) -> Duration;
    fn timeout(&self) -> Duration;
    /// Calls the worker's hook and turns a panic into an error. Skips the hook if the arguments cannot be
    /// decoded.
    fn discarded<'a>(
        &'a self,
        tx: &'a mut Tx,
        version: u32,
        args: &'a str,
        reason: &'a str,
    ) -> BoxFuture<'a, Result<(), HookError>>;
}

/// Decodes arguments of any version up to the worker's own.
fn decode_args<W: Worker>(version: u32, args: &str) -> Result<W::Args, DecodeError> {
    if version >= W::VERSION {
        return Ok(serde_json::from_str(args)?);
    }
    let upgraded = W::upgrade(version, serde_json::from_str(args)?);
    Ok(serde_json::from_value(upgraded.map_err(|reason| DecodeError::Upgrade { version, reason })?)?)
}

struct TypedHandler<W>(Arc<W>);

impl<W: Worker> Handler for TypedHandler<W> {
    fn queue(&self) -> &'static str {
        W::QUEUE
    }

    fn version(&self) -> u32 {
        W::VERSION
    }

    fn perform(&self, version: u32, args: &str, job: Context) -> Result<BoxFuture<'static, Outcome>, DecodeError> {
        let args = decode_args::<W>(version, args)?;
        let worker = Arc::clone(&self.0);
        Ok(async move { worker.perform(args, &job).await }.boxed())
    }

    fn backoff(&self, failures: u32) -> Duration {
        self.0.backoff(failures)
    }

    fn timeout(&self) -> Duration {
        self.0.timeout()
    }

    fn discarded<'a>(
        &'a self,
        tx: &'a mut Tx,
        version: u32,
        args: &'a str,
        reason: &'a str,
    ) -> BoxFuture<'a, Result<(), HookError>> {
        let Ok(args) = decode_args::<W>(version, args) else { return std::future::ready(Ok(())).boxed() };
        let hook = CatchPanic::new(async move { self.0.discarded(tx, args, reason).await }.boxed());
        hook.map(|ended| ended.unwrap_or_else(|panic| Err(panic.into()))).boxed()
    }
}

/// The workers of a node, by name.
#[derive(Default)]
pub(crate) struct WorkerRegistry(HashMap<&'static str, Arc<dyn Handler>>);

impl WorkerRegistry {
    pub(crate) fn add<W: Worker>(&mut self, worker: W) {
        self.0.insert(W::NAME, Arc::new(TypedHandler(Arc::new(worker))));
    }

    /// The workers that serve `queue`, and the version of the arguments that each knows.
    pub(crate) fn versions_in(&self, queue: &str) -> BTreeMap<String, u32> {
        let of = self.0.iter().filter(|(_, handler)| handler.queue() == queue);
        of.map(|(name, handler)| ((*name).to_owned(), handler.version())).collect()
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Arc<dyn Handler>> {
        self.0.get(name)
    }
}
