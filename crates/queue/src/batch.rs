//! Many jobs, and what happens when all of them have ended.

use std::fmt;

use db::Tx;

use crate::{
    enqueue::{NewJob, RowBuilder, to_json},
    error::Error,
    job::JobId,
    store::{self, Inserted, Start},
    worker::Worker,
};

/// Jobs that are inserted together and do not wait for each other, and callbacks: jobs that wait for
/// all of them. What they recorded, and how they ended, is told by
/// [`Context::needs`](crate::Context::needs).
#[derive(Default)]
pub struct Batch {
    /// The row that they are like, and their arguments.
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
    /// No jobs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds jobs of a worker.
    ///
    /// # Errors
    /// [`Error::Arguments`] when some have no JSON form.
    pub fn jobs<'a, W: Worker>(mut self, args: impl IntoIterator<Item = &'a W::Args>) -> Result<Self, Error>
    where
        W::Args: 'a,
    {
        let args = args.into_iter().map(to_json::<W>).collect::<Result<Vec<_>, _>>()?;
        self.groups.push((NewJob::<W>::from_json(String::new()).into_row_builder(), args));
        Ok(self)
    }

    /// Runs `job` when all have completed. It is cancelled when one is cancelled or discarded.
    #[must_use]
    pub fn when_completed<W: Worker>(mut self, job: NewJob<W>) -> Self {
        self.callbacks.push((job.into_row_builder(), true));
        self
    }

    /// Runs `job` when all have ended, in whatever state.
    #[must_use]
    pub fn when_ended<W: Worker>(mut self, job: NewJob<W>) -> Self {
        self.callbacks.push((job.into_row_builder(), false));
        self
    }

    /// Inserts everything in the caller's transaction, the jobs of a worker with one statement; the
    /// batch's id, if it has callbacks. The callbacks of an empty batch run at once. Callbacks are
    /// never duplicates: what makes a job unique does not count here.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn insert(self, tx: &mut Tx, now_ms: i64) -> Result<Option<JobId>, Error> {
        let size = self.groups.iter().map(|(_, args)| args.len()).sum::<usize>();
        let mut callbacks = Vec::new();
        for (draft, required) in self.callbacks {
            let mut row = draft(now_ms);
            (row.waits_for, row.unique) = (size, None);
            if let Inserted::New(id) = store::insert(tx, &row).await? {
                callbacks.push((id, required));
            }
        }
        let batch = callbacks.first().map(|(id, _)| *id);
        for (draft, args) in self.groups {
            let mut row = draft(now_ms);
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
