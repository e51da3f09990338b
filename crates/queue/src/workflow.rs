//! Jobs that wait for others: pipelines, fan-out, fan-in.
//!
//! The steps are inserted together, in the caller's transaction. A step becomes available in the
//! transaction that ends the last of the jobs that it waits for; when one of them is cancelled or
//! discarded the step is cancelled, and so on down the line, unless the step wants to run whatever
//! becomes of it. [`admin::retry`](crate::admin::retry) of the failed job puts them back.

use std::fmt;

use db::Tx;

use crate::{
    enqueue::{Enqueued, NewJob, RowBuilder, insert_or_start},
    error::Error,
    job::JobId,
    store::{self, NewDependency},
    worker::Worker,
};

/// A graph of jobs to be; without cycles, because a step can only wait for steps that were added
/// before.
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
    /// No steps.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a step. Those that wait for it know it by this name: [`Context::needs`](crate::Context::needs).
    pub fn add<W: Worker>(&mut self, name: impl Into<String>, job: NewJob<W>) -> Step {
        self.steps.push((name.into(), job.into_row_builder(), Vec::new()));
        Step(self.steps.len() - 1)
    }

    /// Adds a step that starts once all of `after` have completed.
    pub fn add_after<W: Worker>(&mut self, name: impl Into<String>, job: NewJob<W>, after: &[Step]) -> Step {
        self.add_linked(name, job, after, true)
    }

    /// Adds a step that starts once all of `after` have ended, in whatever state.
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
            // A step of another workflow, further on than this one goes, is no step of this one.
            links.extend(after.iter().filter(|to| to.0 < step.0).map(|to| Link { to: *to, required }));
            links.sort_unstable_by_key(|link| link.to.0);
            links.dedup_by_key(|link| link.to.0);
        }
        step
    }

    /// Inserts all steps in the caller's transaction. A step that is a duplicate of another job
    /// (see [`Unique`](crate::Unique)) is that job.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn insert(self, tx: &mut Tx, now_ms: i64) -> Result<Inserted, Error> {
        let (mut inserted, mut new) = (Vec::<(String, JobId)>::new(), Vec::new());
        for (name, draft, links) in self.steps {
            let need = |link: &Link| {
                let (name, id) = inserted.get(link.to.0)?;
                Some(NewDependency { id: *id, name: name.clone(), required: link.required })
            };
            let mut needs: Vec<_> = links.iter().filter_map(need).collect();
            // Two steps may be one job.
            needs.sort_by_key(|need| need.id);
            needs.dedup_by_key(|need| need.id);
            let enqueued = insert_or_start(tx, draft(now_ms), needs).await?;
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

/// A [`Workflow`] in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inserted {
    /// Its id: that of its first job.
    pub id: JobId,
    jobs: Vec<JobId>,
}

impl Inserted {
    /// The job of a step.
    #[must_use]
    pub fn job(&self, step: Step) -> Option<JobId> {
        self.jobs.get(step.0).copied()
    }

    /// All jobs, in the order in which the steps were added.
    #[must_use]
    pub fn jobs(&self) -> &[JobId] {
        &self.jobs
    }
}

/// Cancels all jobs of a workflow or batch that have not ended; how many.
///
/// # Errors
/// [`Error::Database`].
pub async fn cancel(tx: &mut Tx, id: JobId, now_ms: i64) -> Result<usize, Error> {
    let mut cancelled = 0;
    for job in store::open_jobs(tx, id).await? {
        store::cancel(tx, job, now_ms).await?;
        cancelled += 1;
    }
    Ok(cancelled)
}
