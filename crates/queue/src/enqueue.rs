//! New jobs, which are inserted in the caller's transaction.

use std::marker::PhantomData;

use db::Tx;
use serde_json::{Map, Value};

use crate::{
    error::Error,
    inline::InlineStarter,
    job::JobId,
    store::{self, DependencyState, Duplicate, Insert, Inserted, NewDependency, Start},
    trace,
    unique::Unique,
    worker::Worker,
};

/// Enqueues a job that is due immediately. It exists and starts when the caller's transaction commits. `at_ms`
/// is the time, in milliseconds since 1970.
///
/// # Errors
/// [`Error::Arguments`], [`Error::Database`].
pub async fn enqueue<W: Worker>(tx: &mut Tx, args: &W::Args, at_ms: i64) -> Result<JobId, Error> {
    Ok(NewJob::<W>::new(args)?.insert(tx, at_ms).await?.id())
}

/// Enqueues many jobs that are due immediately, in this order and with one statement. `at_ms` is the time, in
/// milliseconds since 1970.
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

/// A job that has not been inserted yet.
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
    /// Creates a job with these arguments.
    ///
    /// # Errors
    /// [`Error::Arguments`] when they cannot be serialized.
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

    /// Sets the priority, from 0 (most urgent, the default) to 9. Larger numbers count as 9.
    #[must_use]
    pub fn priority(self, priority: u8) -> Self {
        Self { priority: priority.min(9), ..self }
    }

    /// Sets the earliest time to start, in milliseconds since 1970.
    #[must_use]
    pub fn scheduled_at(self, at_ms: i64) -> Self {
        Self { scheduled_at: Some(at_ms), ..self }
    }

    /// Sets the number of failed attempts after which the job is discarded, instead of the worker's
    /// [`MAX_ATTEMPTS`](Worker::MAX_ATTEMPTS); 0 counts as 1.
    #[must_use]
    pub fn max_attempts(self, attempts: u32) -> Self {
        Self { max_attempts: attempts, ..self }
    }

    /// Sets the partition key, by which the queue's [`Limits`](crate::Limits) may apply rates and share slots
    /// fairly. An empty key counts as none.
    #[must_use]
    pub fn partition(self, key: impl Into<String>) -> Self {
        Self { partition: Some(key.into()).filter(|key| !key.is_empty()), ..self }
    }

    /// Adds a tag to find the job by.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Adds an entry to the metadata, which the queue stores for people and does not read.
    #[must_use]
    pub fn meta(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.meta.insert(name.into(), value.into());
        self
    }

    /// Allows at most one such job; see [`Unique`].
    ///
    /// # Errors
    /// [`Error::Arguments`] when the arguments that form the key cannot be read.
    pub fn unique(self, unique: Unique) -> Result<Self, Error> {
        let resolved = unique.resolve::<W>(&self.args)?;
        Ok(Self { unique: Some(resolved), ..self })
    }

    /// Starts the job when `job` has completed, and cancels it when `job` is canceled or discarded. The worker
    /// sees the dependency under this name in [`Context::dependencies`](crate::Context::dependencies). For many
    /// dependent jobs see [`Workflow`](crate::Workflow).
    #[must_use]
    pub fn after(self, name: impl Into<String>, job: JobId) -> Self {
        self.depending_on(name, job, true)
    }

    /// Starts the job when `job` has ended, in whatever state.
    #[must_use]
    pub fn after_end_of(self, name: impl Into<String>, job: JobId) -> Self {
        self.depending_on(name, job, false)
    }

    fn depending_on(mut self, name: impl Into<String>, id: JobId, required: bool) -> Self {
        self.dependencies.retain(|dependency| dependency.id != id);
        self.dependencies.push(NewDependency { id, name: name.into(), required });
        self
    }

    /// Inserts the job in the caller's transaction. `now_ms` is the time, in milliseconds since 1970.
    ///
    /// # Errors
    /// [`Error::Database`]; [`Error::NoSuchJob`] when it depends on a job that does not exist.
    pub async fn insert(self, tx: &mut Tx, now_ms: i64) -> Result<Enqueued, Error> {
        let (row, dependencies) = self.into_parts(now_ms);
        insert_job(tx, row, dependencies, None).await
    }

    pub(crate) fn into_parts(mut self, now: i64) -> (Insert, Vec<NewDependency>) {
        let dependencies = std::mem::take(&mut self.dependencies);
        (self.row(now), dependencies)
    }

    /// A function that builds the row once the time is known.
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

/// Builds the row of a new job whose worker's type is erased.
pub(crate) type RowBuilder = Box<dyn FnOnce(i64) -> Insert + Send>;

/// Inserts a job, and starts it inline if `starter` has a free slot for it.
pub(crate) async fn insert_job(
    tx: &mut Tx,
    mut row: Insert,
    dependencies: Vec<NewDependency>,
    starter: Option<&InlineStarter>,
) -> Result<Enqueued, Error> {
    let states = store::lock_dependencies(tx, &dependencies).await?;
    row.waits_for = states.iter().filter(|state| **state != DependencyState::Satisfied).count();
    let reserved = starter.and_then(|starter| starter.reserve(&row));
    if let Some(reserved) = &reserved {
        row.start = Start::Inline(reserved.node().to_owned());
    }
    Ok(match store::insert(tx, &row).await? {
        Inserted::New(id) => {
            store::insert_dependencies(tx, id, &dependencies, &states, row.now).await?;
            if let Some(reserved) = reserved {
                tx.after_commit(move || reserved.start(id, row));
            }
            Enqueued::New(id)
        }
        Inserted::Existing(id) => Enqueued::Existing(id),
        Inserted::Replaced(id) => Enqueued::Replaced(id),
    })
}

/// The result of inserting a [`NewJob`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// The job was inserted.
    New(JobId),
    /// This existing job has the same unique key.
    Existing(JobId),
    /// This existing job has the same unique key, and its fields were replaced.
    Replaced(JobId),
}

impl Enqueued {
    /// Returns the id of the job, new or existing.
    #[must_use]
    pub const fn id(self) -> JobId {
        match self {
            Self::New(id) | Self::Existing(id) | Self::Replaced(id) => id,
        }
    }
}
