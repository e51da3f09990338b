//! Workflows: jobs that depend on other jobs, for pipelines, fan-out and fan-in.
//!
//! The steps are inserted together in the caller's transaction. A step becomes available in the transaction
//! that ends the last of its dependencies. When a dependency is canceled or discarded, the step is canceled,
//! and so are the steps that depend on it, unless they accept any end. [`admin::retry`](crate::admin::retry)
//! of the failed job restores them.

use std::fmt;

use db::Tx;

use crate::{
    enqueue::{Enqueued, NewJob, RowBuilder, insert_job},
    error::Error,
    job::JobId,
    store::{self, NewDependency},
    worker::Worker,
};

/// A graph of new jobs. It has no cycles, because a step can depend only on steps that were added before.
#[derive(Default)]
pub struct Workflow {
    steps: Vec<(String, RowBuilder, Vec<Link>)>,
}

/// A step of the [`Workflow`] that returned it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step(usize);

#[derive(Clone, Copy, Debug)]
struct Link {
    to: Step,
    required: bool,
}

impl fmt::Debug for Workflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.steps.iter().map(|(name, ..)| name)).finish()
    }
}

impl Workflow {
    /// Creates a workflow without steps.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a step. The steps that depend on it see it under this name in
    /// [`Context::dependencies`](crate::Context::dependencies).
    pub fn add<W: Worker>(&mut self, name: impl Into<String>, job: NewJob<W>) -> Step {
        self.steps.push((name.into(), job.into_row_builder(), Vec::new()));
        Step(self.steps.len() - 1)
    }

    /// Adds a step that starts when all of `after` have completed.
    pub fn add_after<W: Worker>(&mut self, name: impl Into<String>, job: NewJob<W>, after: &[Step]) -> Step {
        self.add_linked(name, job, after, true)
    }

    /// Adds a step that starts when all of `after` have ended, in whatever state.
    pub fn add_after_ends<W: Worker>(&mut self, name: impl Into<String>, job: NewJob<W>, after: &[Step]) -> Step {
        self.add_linked(name, job, after, false)
    }

    fn add_linked<W: Worker>(
        &mut self,
        name: impl Into<String>,
        job: NewJob<W>,
        after: &[Step],
        required: bool,
    ) -> Step {
        let step = self.add(name, job);
        if let Some((_, _, links)) = self.steps.last_mut() {
            // Ignores a step of a longer workflow, which is not a step of this one.
            links.extend(after.iter().filter(|to| to.0 < step.0).map(|to| Link { to: *to, required }));
            links.sort_unstable_by_key(|link| link.to.0);
            links.dedup_by_key(|link| link.to.0);
        }
        step
    }

    /// Inserts all steps in the caller's transaction. A step that duplicates an existing job (see
    /// [`Unique`](crate::Unique)) becomes that job.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn insert(self, tx: &mut Tx, now_ms: i64) -> Result<Inserted, Error> {
        let (mut inserted, mut new) = (Vec::<(String, JobId)>::new(), Vec::new());
        for (name, build_row, links) in self.steps {
            let dependency = |link: &Link| {
                let (name, id) = inserted.get(link.to.0)?;
                Some(NewDependency { id: *id, name: name.clone(), required: link.required })
            };
            let mut dependencies: Vec<_> = links.iter().filter_map(dependency).collect();
            // Two steps may have become the same job.
            dependencies.sort_by_key(|dependency| dependency.id);
            dependencies.dedup_by_key(|dependency| dependency.id);
            let enqueued = insert_job(tx, build_row(now_ms), dependencies, None).await?;
            if let Enqueued::New(id) = enqueued {
                new.push(id.0);
            }
            inserted.push((name, enqueued.id()));
        }
        let id = new.first().copied().map(JobId).or_else(|| inserted.first().map(|(_, id)| *id)).unwrap_or(JobId(0));
        store::set_workflow(tx, new, id).await?;
        Ok(Inserted { id, jobs: inserted.into_iter().map(|(_, id)| id).collect() })
    }
}

/// A [`Workflow`] that has been inserted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inserted {
    /// The workflow's id, which is the id of its first job.
    pub id: JobId,
    jobs: Vec<JobId>,
}

impl Inserted {
    /// Returns the job of a step, or `None` for a step of another workflow.
    #[must_use]
    pub fn job(&self, step: Step) -> Option<JobId> {
        self.jobs.get(step.0).copied()
    }

    /// Returns all jobs in the order in which their steps were added.
    #[must_use]
    pub fn jobs(&self) -> &[JobId] {
        &self.jobs
    }
}

/// Cancels the jobs of a workflow or batch that have not ended, and returns how many there were.
///
/// # Errors
/// [`Error::Database`].
pub async fn cancel(tx: &mut Tx, id: JobId, now_ms: i64) -> Result<usize, Error> {
    let mut canceled = 0;
    for job in store::open_jobs(tx, id).await? {
        store::cancel(tx, job, now_ms).await?;
        canceled += 1;
    }
    Ok(canceled)
}
