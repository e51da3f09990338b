//! Batches: many jobs, and callbacks that run when all of them have ended.

use std::fmt;

use db::Tx;

use crate::{
    enqueue::{NewJob, RowBuilder, to_json},
    error::Error,
    job::JobId,
    store::{self, Inserted, Start},
    worker::Worker,
};

/// Jobs that are inserted together and run independently of each other, and callbacks: jobs that depend on
/// all of them. A callback reads the states and results with
/// [`Context::dependencies`](crate::Context::dependencies).
#[derive(Default)]
pub struct Batch {
    /// The row that the jobs of a group share, and the arguments of each job.
    groups: Vec<(RowBuilder, Vec<String>)>,
    callbacks: Vec<(RowBuilder, bool)>,
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let jobs = self.groups.iter().map(|(_, args)| args.len()).sum::<usize>();
        write!(f, "a batch of {jobs} jobs and {} callbacks", self.callbacks.len())
    }
}

impl Batch {
    /// Creates an empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds jobs of one worker.
    ///
    /// # Errors
    /// [`Error::Arguments`] when the arguments of a job cannot be serialized.
    pub fn jobs<'a, W: Worker>(mut self, args: impl IntoIterator<Item = &'a W::Args>) -> Result<Self, Error>
    where
        W::Args: 'a,
    {
        let args = args.into_iter().map(to_json::<W>).collect::<Result<Vec<_>, _>>()?;
        self.groups.push((NewJob::<W>::from_json(String::new()).into_row_builder(), args));
        Ok(self)
    }

    /// Runs `job` when all jobs have completed; cancels it when one of them is canceled or discarded.
    #[must_use]
    pub fn when_completed<W: Worker>(mut self, job: NewJob<W>) -> Self {
        self.callbacks.push((job.into_row_builder(), true));
        self
    }

    /// Runs `job` when all jobs have ended, in whatever state.
    #[must_use]
    pub fn when_ended<W: Worker>(mut self, job: NewJob<W>) -> Self {
        self.callbacks.push((job.into_row_builder(), false));
        self
    }

    /// Inserts everything in the caller's transaction, the jobs of each worker with one statement. Returns
    /// the batch's id, or `None` if it has no callbacks. The callbacks of an empty batch run immediately.
    /// Uniqueness settings of callbacks are ignored.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn insert(self, tx: &mut Tx, now_ms: i64) -> Result<Option<JobId>, Error> {
        let size = self.groups.iter().map(|(_, args)| args.len()).sum::<usize>();
        let mut callbacks = Vec::new();
        for (build_row, required) in self.callbacks {
            let mut row = build_row(now_ms);
            (row.waits_for, row.unique) = (size, None);
            if let Inserted::New(id) = store::insert(tx, &row).await? {
                callbacks.push((id, required));
            }
        }
        let batch = callbacks.first().map(|(id, _)| *id);
        for (build_row, args) in self.groups {
            let mut row = build_row(now_ms);
            (row.workflow, row.followed) = (batch, batch.is_some());
            row.start = Start::At(now_ms);
            if !args.is_empty() {
                store::insert_all(tx, &row, args).await?;
            }
        }
        if let Some(batch) = batch {
            for (id, required) in &callbacks {
                store::insert_batch_dependencies(tx, *id, batch, *required).await?;
            }
            store::set_workflow(tx, callbacks.iter().map(|(id, _)| id.0).collect(), batch).await?;
        }
        Ok(batch)
    }
}
