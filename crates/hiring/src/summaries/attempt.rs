//! One attempt of a summary job. No transaction is open while the sandbox reads the file; each
//! transaction begins with the fence, so that an attempt that lost its lease cannot write anything.

use cv::{
    Document,
    sandbox::{ReadError, Summarized},
};
use db::{Tx, params, sql};
use domain::{Line, Refusal, Summary, SummaryDelta};
use queue::Context;

use super::{SummarizeCvArgs, record};
use crate::{
    Hiring,
    applications::{self, LockedApplication},
    documents,
    error::Error,
};

/// The reason why an attempt ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// Another attempt has taken over the job.
    LostLease,
    /// The file is permanently unreadable: the summary has failed and the job is complete.
    Refused,
    /// The sandbox has no free permit; try again soon.
    Busy,
    /// An error that another attempt may not run into.
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        match error.into() {
            Error::Queue(queue::Error::LostLease { .. }) => Self::LostLease,
            error => Self::Failed(error),
        }
    }
}

pub(super) struct Attempt<'a> {
    hiring: &'a Hiring,
    args: SummarizeCvArgs,
    job: &'a Context,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(hiring: &'a Hiring, args: SummarizeCvArgs, job: &'a Context) -> Self {
        Self { hiring, args, job }
    }

    /// Reads the file, then writes the lines that earlier attempts have not written.
    pub(super) async fn run(self) -> Result<(), Stop> {
        let written = self.write(vec![SummaryDelta::Reading { attempt: self.job.attempt() }]).await?;
        if written.state.is_final() {
            return Ok(());
        }
        let Summarized { document, lines } = self.read().await?;
        if !document.has_text() {
            return self.record_unreadable(&document).await;
        }
        let written = self.store(&document).await?;
        self.write_lines(lines, &written).await
    }

    /// Reads the document and computes its lines in the sandbox.
    async fn read(&self) -> Result<Summarized, Stop> {
        let blob = self.blob().await?;
        let (must_haves, as_of) = self.posting().await?;
        let file = self.hiring.blobs().open_persisted(&blob).await?;
        match self.hiring.deps.sandbox.summarize(file, &must_haves, as_of).await {
            Ok(read) => Ok(read),
            Err(ReadError::Busy) => Err(Stop::Busy),
            // The file was read at the upload, so the machine may only be short of time or memory.
            Err(ReadError::Refused(refusal @ Refusal::TooComplex)) => Err(Error::from(refusal).into()),
            Err(ReadError::Refused(refusal)) => {
                self.finish(vec![SummaryDelta::Failed { refusal: Some(refusal) }]).await?;
                Err(Stop::Refused)
            }
            Err(ReadError::Unavailable(error)) => Err(error.into()),
        }
    }

    async fn blob(&self) -> Result<String, Error> {
        let mut tx = self.hiring.db().snapshot().await?;
        let find = sql!("select blob from documents where id = $1" => String);
        let blob = tx.optional(find, params![self.args.document.to_string()]).await?;
        blob.ok_or(Error::NotFound { what: "document" })
    }

    /// Completes the job of a document without text. Its pages are stored, so that a person can see
    /// their pictures.
    async fn record_unreadable(&self, document: &Document) -> Result<(), Stop> {
        let (mut tx, mut locked) = self.begin().await?;
        documents::store_pages(&mut tx, &self.args.document.to_string(), document).await?;
        let deltas = vec![read_delta(document), SummaryDelta::Unreadable { unread: document.unread.clone() }];
        self.record(&mut tx, &mut locked, deltas).await?;
        self.job.complete(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Stores the transcript and records that the file has been read.
    async fn store(&self, document: &Document) -> Result<Summary, Stop> {
        let (mut tx, mut locked) = self.begin().await?;
        documents::store_pages(&mut tx, &self.args.document.to_string(), document).await?;
        self.record(&mut tx, &mut locked, vec![read_delta(document)]).await?;
        tx.commit().await?;
        Ok(locked.state.summary)
    }

    /// Returns the posting's must-haves and the month of the application. Dates such as "present" mean
    /// that month, so that the same CV gives the same summary a year later.
    async fn posting(&self) -> Result<(Vec<String>, cv::facts::YearMonth), Stop> {
        let mut tx = self.hiring.db().snapshot().await?;
        let find = sql!(
            "select postings.must_haves, applications.applied_at
             from applications join postings on postings.id = applications.posting_id
             where applications.id = $1"
            => { must_haves: Vec<String> as json, applied_at: i64 }
        );
        let row = tx.one(find, params![self.args.application.to_string()]).await?;
        Ok((row.must_haves, cv::facts::YearMonth::from_unix_ms(row.applied_at)))
    }

    /// Writes the lines that are not in `written`, all at once or one by one with a delay.
    async fn write_lines(&self, lines: Vec<Line>, written: &Summary) -> Result<(), Stop> {
        let delay = self.hiring.deps.line_delay;
        let mut deltas: Vec<_> = (0_u32..)
            .zip(lines)
            .skip_while(|(n, line)| written.lines.get(*n as usize) == Some(line))
            .map(|(n, line)| SummaryDelta::Line { n, line })
            .collect();
        if !delay.is_zero() {
            for delta in deltas.drain(..) {
                tokio::time::sleep(delay).await;
                self.write(vec![delta]).await?;
            }
        }
        deltas.push(SummaryDelta::Ready { engine: cv::summary::ENGINE.to_owned() });
        self.finish(deltas).await
    }

    async fn write(&self, deltas: Vec<SummaryDelta>) -> Result<Summary, Stop> {
        let (mut tx, mut locked) = self.begin().await?;
        if locked.state.summary.state.is_final() {
            return Ok(locked.state.summary);
        }
        self.record(&mut tx, &mut locked, deltas).await?;
        tx.commit().await?;
        Ok(locked.state.summary)
    }

    /// Writes the last deltas and completes the job in one transaction, so that a crash does both or
    /// neither.
    async fn finish(&self, deltas: Vec<SummaryDelta>) -> Result<(), Stop> {
        let (mut tx, mut locked) = self.begin().await?;
        self.record(&mut tx, &mut locked, deltas).await?;
        self.job.complete(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn record(
        &self,
        tx: &mut Tx,
        locked: &mut LockedApplication,
        deltas: Vec<SummaryDelta>,
    ) -> Result<(), Error> {
        record(tx, locked, self.args.requested_by, deltas, self.hiring.now_ms()).await
    }

    /// Begins a transaction that has passed the fence and locks the application's row.
    async fn begin(&self) -> Result<(Tx, LockedApplication), Stop> {
        let mut tx = self.hiring.db().begin().await?;
        self.job.fence(&mut tx).await?;
        let locked = applications::lock(&mut tx, self.args.application).await?;
        Ok((tx, locked))
    }
}

fn read_delta(document: &Document) -> SummaryDelta {
    let pages = document.transcript.pages.len().max(document.unread.len());
    SummaryDelta::Read {
        pages: u32::try_from(pages).unwrap_or(u32::MAX),
        hidden: document.hidden.clone(),
        unread: document.unread.clone(),
    }
}
