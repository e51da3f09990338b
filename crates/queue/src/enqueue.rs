//! New jobs, inside the caller's transaction.
//!
//! Where this process serves the job's queue, nothing waits in it and most of its slots are free,
//! the job is inserted as the first attempt of this node and starts right after the commit: the
//! claim, with its own commit, is saved. If the commit fails nothing starts; if the process dies in
//! between, the job comes back as any job of a dead node does.

use std::{marker::PhantomData, sync::Arc};

use db::Tx;
use serde_json::{Map, Value};

use crate::{
    error::Error,
    executor,
    job::{Job, JobId, State},
    node::Node,
    slot_pool::Permits,
    store::{self, DependencyState, Duplicate, Insert, Inserted, NewDependency, Start},
    trace,
    unique::Unique,
    worker::Worker,
};

/// Enqueues a job to run at once. It exists when the caller's transaction commits, and starts then.
///
/// # Errors
/// [`Error::Arguments`], [`Error::Database`].
pub async fn enqueue<W: Worker>(tx: &mut Tx, args: &W::Args, at_ms: i64) -> Result<JobId, Error> {
    Ok(NewJob::<W>::new(args)?.insert(tx, at_ms).await?.id())
}

/// Enqueues many jobs to run at once, in this order, with one statement.
///
/// # Errors
/// [`Error::Arguments`], [`Error::Database`].
pub async fn enqueue_all<'a, W: Worker>(
    tx: &mut Tx,
    args: impl IntoIterator<Item = &'a W::Args>,
    at_ms: i64,
) -> Result<(), Error>
where
    W::Args: 'a,
{
    let args = args.into_iter().map(to_json::<W>).collect::<Result<Vec<_>, _>>()?;
    if args.is_empty() {
        return Ok(());
    }
    let like = NewJob::<W>::from_json(String::new()).row(at_ms);
    store::insert_all(tx, &like, args).await
}

pub(crate) fn to_json<W: Worker>(args: &W::Args) -> Result<String, Error> {
    serde_json::to_string(args).map_err(|source| Error::Arguments { worker: W::NAME, source })
}

/// A job to be.
#[derive(Debug)]
pub struct NewJob<W> {
    args: String,
    priority: u8,
    max_attempts: u32,
    scheduled_at: Option<i64>,
    partition: Option<String>,
    tags: Vec<String>,
    meta: Map<String, Value>,
    unique: Option<Duplicate>,
    dependencies: Vec<NewDependency>,
    worker: PhantomData<fn() -> W>,
}

impl<W: Worker> NewJob<W> {
    /// A job with these arguments.
    ///
    /// # Errors
    /// [`Error::Arguments`] when they have no JSON form.
    pub fn new(args: &W::Args) -> Result<Self, Error> {
        to_json::<W>(args).map(Self::from_json)
    }

    pub(crate) fn from_json(args: String) -> Self {
        Self {
            args,
            priority: 0,
            max_attempts: W::MAX_ATTEMPTS,
            scheduled_at: None,
            partition: None,
            tags: Vec::new(),
            meta: Map::new(),
            unique: None,
            dependencies: Vec::new(),
            worker: PhantomData,
        }
    }

    /// From 0 (most urgent, the default) to 9; larger numbers count as 9.
    #[must_use]
    pub fn priority(self, priority: u8) -> Self {
        Self { priority: priority.min(9), ..self }
    }

    /// Not before this moment, in milliseconds since 1970.
    #[must_use]
    pub fn scheduled_at(self, at_ms: i64) -> Self {
        Self { scheduled_at: Some(at_ms), ..self }
    }

    /// Discarded when this attempt fails, instead of after the worker's own number; at least 1.
    #[must_use]
    pub fn max_attempts(self, attempts: u32) -> Self {
        Self { max_attempts: attempts, ..self }
    }

    /// Jobs with the same key take turns with those of other keys, where the queue's
    /// [`Limits`](crate::Limits) say so. The empty key is none.
    #[must_use]
    pub fn partition(self, key: impl Into<String>) -> Self {
        Self { partition: Some(key.into()).filter(|key| !key.is_empty()), ..self }
    }

    /// One more word to find the job by.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// One more thing that people may want to know of the job.
    #[must_use]
    pub fn meta(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.meta.insert(name.into(), value.into());
        self
    }

    /// At most one such job.
    ///
    /// # Errors
    /// [`Error::Arguments`] when the arguments, which have to be read for it, are no JSON.
    pub fn unique(self, unique: Unique) -> Result<Self, Error> {
        let resolved = unique.resolve::<W>(&self.args)?;
        Ok(Self { unique: Some(resolved), ..self })
    }

    /// Not before `job` has completed; cancelled when that is cancelled or discarded. The worker
    /// knows it by this name: [`Context::needs`](crate::Context::needs). Many at once are a
    /// [`Workflow`](crate::Workflow).
    #[must_use]
    pub fn after(self, name: impl Into<String>, job: JobId) -> Self {
        self.depending_on(name, job, true)
    }

    /// Not before `job` has ended, in whatever state.
    #[must_use]
    pub fn after_end_of(self, name: impl Into<String>, job: JobId) -> Self {
        self.depending_on(name, job, false)
    }

    fn depending_on(mut self, name: impl Into<String>, id: JobId, required: bool) -> Self {
        self.dependencies.retain(|dependency| dependency.id != id);
        self.dependencies.push(NewDependency { id, name: name.into(), required });
        self
    }

    /// Inserts it in the caller's transaction; `now_ms` is the time.
    ///
    /// # Errors
    /// [`Error::Database`]; [`Error::NoSuchJob`] when it shall wait for one that there is not.
    pub async fn insert(mut self, tx: &mut Tx, now_ms: i64) -> Result<Enqueued, Error> {
        let dependencies = std::mem::take(&mut self.dependencies);
        insert_or_start(tx, self.row(now_ms), dependencies).await
    }

    /// The row to be, once the time is known.
    pub(crate) fn into_row_builder(self) -> RowBuilder {
        Box::new(move |now_ms| self.row(now_ms))
    }

    pub(crate) fn row(self, now: i64) -> Insert {
        Insert {
            queue: W::QUEUE,
            worker: W::NAME,
            version: W::VERSION,
            args: self.args,
            priority: self.priority,
            max_attempts: self.max_attempts.max(1),
            partition: self.partition,
            tags: Value::from(self.tags).to_string(),
            meta: Value::Object(self.meta).to_string(),
            trace: trace::current(),
            unique: self.unique,
            now,
            start: Start::At(self.scheduled_at.unwrap_or(now)),
            waits_for: 0,
            workflow: None,
            followed: false,
        }
    }
}

/// A new job's row, without its worker's type.
pub(crate) type RowBuilder = Box<dyn FnOnce(i64) -> Insert + Send>;

/// Inserts a job that waits for these, or starts it at once.
pub(crate) async fn insert_or_start(
    tx: &mut Tx,
    mut row: Insert,
    dependencies: Vec<NewDependency>,
) -> Result<Enqueued, Error> {
    let states = store::lock_dependencies(tx, &dependencies).await?;
    row.waits_for = states.iter().filter(|state| **state != DependencyState::Satisfied).count();
    let inline = InlineStart::reserve(tx, &row);
    if let Some(inline) = &inline {
        row.start = Start::Inline(inline.node.name.clone());
    }
    Ok(match store::insert(tx, &row).await? {
        Inserted::New(id) => {
            store::insert_dependencies(tx, id, &dependencies, &states, row.now).await?;
            if let Some(inline) = inline {
                tx.after_commit(move || inline.start(id, row));
            }
            Enqueued::New(id)
        }
        Inserted::Existing(id) => Enqueued::Existing(id),
        Inserted::Replaced(id) => Enqueued::Replaced(id),
    })
}

/// A slot of this process, kept for a job while its transaction is open.
struct InlineStart {
    node: Arc<Node>,
    permit: Permits,
}

impl InlineStart {
    fn reserve(tx: &Tx, row: &Insert) -> Option<Self> {
        if row.state() != State::Available {
            return None;
        }
        let node = tx.offered::<Node>()?;
        let permit = node.try_acquire_inline(row.queue, row.worker)?;
        Some(Self { node, permit })
    }

    fn start(self, id: JobId, row: Insert) {
        let job = Job {
            id,
            queue: row.queue.to_owned(),
            worker: row.worker.to_owned(),
            version: row.version,
            args: row.args,
            state: State::Executing,
            attempt: 1,
            max_attempts: row.max_attempts,
            scheduled_at: row.now,
            node: Some(self.node.name.clone()),
            errors: Vec::new(),
            trace: row.trace,
        };
        executor::start(&self.node, self.permit, job);
    }
}

/// What became of a [`NewJob`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It was inserted.
    New(JobId),
    /// This job has its unique key.
    Existing(JobId),
    /// This job has its unique key, and got the fields that it replaces.
    Replaced(JobId),
}

impl Enqueued {
    /// The job, new or not.
    #[must_use]
    pub const fn id(self) -> JobId {
        match self {
            Self::New(id) | Self::Existing(id) | Self::Replaced(id) => id,
        }
    }
}
