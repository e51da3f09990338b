//! Submitting an application: candidate, application, document, job and first events are inserted in
//! one transaction.

use cv::Format;
use db::{Tx, params, sql};
use domain::{
    ApplicationId, CandidateId, DocumentId, Posting, Stage, SummaryState,
    applicant::{ApplicantStatus, StatusEvent},
    application::{ApplicationEvent, ApplicationState},
    email::Email,
    posting::{ApplicationRow, PostingEvent},
};
use queue::Enqueuer;
use uuid::Uuid;

use crate::{
    Hiring,
    blobs::Upload,
    error::{Error, Problem},
    hash, postings,
    summaries::{SummarizeCv, SummarizeCvArgs},
    topics::{application_topic, posting_topic, status_topic},
    validate,
};

/// The text fields of the application form, as submitted.
#[derive(Clone, Debug, Default)]
pub struct ApplyForm {
    /// The posting's name in the URL.
    pub slug: String,
    /// The candidate's name.
    pub name: String,
    /// The candidate's e-mail address.
    pub email: String,
    /// The uploaded file's name on the applicant's computer; never used as a path.
    pub file_name: String,
}

/// The result of submitting an application.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The new application's id.
    pub id: ApplicationId,
    /// The secret part of the status link; only its hash is stored.
    pub token: String,
}

/// A validated application, ready to insert.
struct NewApplication<'a> {
    id: ApplicationId,
    posting: &'a Posting,
    name: String,
    email: Email,
    file_name: String,
    upload: &'a Upload,
    format: Format,
    token: &'a str,
    now: i64,
}

impl Hiring {
    /// Returns the posting if it accepts applications; called before the upload is read.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the posting does not exist; [`Error::Closed`].
    pub async fn check_posting(&self, slug: &str) -> Result<Posting, Error> {
        let posting = self.public_posting(slug).await?;
        if posting.open { Ok(posting) } else { Err(Error::Closed) }
    }

    /// Submits an application. `upload` is `None` when the form was sent without a file. The sandbox
    /// inspects the file first, so that an unreadable one is refused while the applicant can still
    /// choose another.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Refused`], [`Error::NotFound`], [`Error::Closed`] or
    /// [`Error::Overloaded`]; none of them leaves a row or a file behind.
    pub async fn apply(&self, form: ApplyForm, upload: Option<Upload>) -> Result<Receipt, Error> {
        let posting = self.check_posting(&form.slug).await?;
        let name = validate::name(&form.name)?;
        let email = validate::email(&form.email)?;
        let Some(upload) = upload else {
            return Err(Error::Invalid { field: "cv", problem: Problem::Missing });
        };
        let format = self.inspect(&upload).await?;
        self.blobs().persist(&upload).await?;
        let token = hash::random_token();
        let new = NewApplication {
            id: ApplicationId(Uuid::now_v7()),
            posting: &posting,
            name,
            email,
            file_name: validate::file_name(&form.file_name),
            upload: &upload,
            format,
            token: &token,
            now: self.now_ms(),
        };
        let mut tx = self.db().begin().await?;
        new.insert(&mut tx, self.enqueuer()).await?;
        tx.commit().await?;
        Ok(Receipt { id: new.id, token })
    }

    async fn inspect(&self, upload: &Upload) -> Result<Format, Error> {
        Ok(self.deps.sandbox.inspect(upload.open().await?).await?.format)
    }
}

impl NewApplication<'_> {
    async fn insert(&self, tx: &mut Tx, enqueuer: &Enqueuer) -> Result<(), Error> {
        self.require_open(tx).await?;
        self.insert_candidate_and_application(tx).await?;
        let document = self.insert_document(tx).await?;
        let args = SummarizeCvArgs { application: self.id, document, requested_by: None };
        enqueuer.enqueue::<SummarizeCv>(tx, &args, self.now).await?;
        self.publish(tx).await
    }

    /// Checks again that the posting is open: it may have been closed during the upload.
    async fn require_open(&self, tx: &mut Tx) -> Result<(), Error> {
        let posting = postings::by_slug(tx, &self.posting.slug).await?;
        if posting.open { Ok(()) } else { Err(Error::Closed) }
    }

    async fn insert_candidate_and_application(&self, tx: &mut Tx) -> Result<(), Error> {
        let candidate = CandidateId(Uuid::now_v7());
        tx.execute(
            sql!("insert into candidates (id, name, email, created_at) values ($1, $2, $3, $4)"),
            params![candidate.to_string(), &self.name, self.email.as_str(), self.now],
        )
        .await?;
        tx.execute(
            sql!(
                "insert into applications (id, posting_id, candidate_id, status_token_hash, applied_at, stage,
                                           summary_state, state, seq, status, status_seq)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, 0)"
            ),
            params![
                self.id.to_string(),
                self.posting.id.to_string(),
                candidate.to_string(),
                hash::sha256(self.token),
                self.now,
                Stage::default().as_str(),
                SummaryState::default().as_str(),
                serde_json::to_string(&ApplicationState::default())?,
                serde_json::to_string(&ApplicantStatus::default())?
            ],
        )
        .await?;
        Ok(())
    }

    async fn insert_document(&self, tx: &mut Tx) -> Result<DocumentId, Error> {
        let id = DocumentId(Uuid::now_v7());
        tx.execute(
            sql!(
                "insert into documents (id, application_id, blob, file_name, format, size, created_at)
                 values ($1, $2, $3, $4, $5, $6, $7)"
            ),
            params![
                id.to_string(),
                self.id.to_string(),
                &self.upload.sha256,
                &self.file_name,
                self.format.name(),
                self.upload.size,
                self.now
            ],
        )
        .await?;
        Ok(id)
    }

    /// Publishes the first event of each topic, in the order of the topics' names to avoid deadlocks.
    async fn publish(&self, tx: &mut Tx) -> Result<(), Error> {
        let seq = live::publish(tx, &application_topic(self.id), &ApplicationEvent::Applied, self.now).await?;
        let row = ApplicationRow {
            id: self.id,
            name: self.name.clone(),
            applied_at: self.now,
            stage: Stage::default(),
            summary: SummaryState::default(),
            headline: None,
        };
        live::publish(tx, &posting_topic(self.posting.id), &PostingEvent::Applied { row }, self.now).await?;
        let status_seq = live::publish(tx, &status_topic(self.id), &StatusEvent::Received, self.now).await?;
        tx.execute(
            sql!("update applications set seq = $2, status_seq = $3 where id = $1"),
            params![self.id.to_string(), seq, status_seq],
        )
        .await?;
        Ok(())
    }
}
