//! Applications: the list of a posting, the page of one application, and moving it between stages.

use db::{Tx, params, sql};
use domain::{
    ApplicationId, DocumentId, Fold, Page, PostingId, Stage, SummaryState, UserId,
    applicant::StatusEvent,
    application::{ApplicationEvent, ApplicationState},
    posting::{ApplicationList, ApplicationRow, PostingEvent},
    view::{ApplicationPage, DocumentCard},
};

use crate::{
    Hiring,
    actor::{Actor, User},
    documents,
    error::Error,
    policy, status,
    topics::{application_topic, posting_topic},
};

const NOT_FOUND: Error = Error::NotFound { what: "application" };

impl Hiring {
    /// Returns the data of an application's page: summary, notes, transcript, and the sequence number
    /// of the last event in them.
    ///
    /// # Errors
    /// [`Error::SignIn`] for other actors than users; [`Error::NotFound`].
    pub async fn application_page(&self, actor: &Actor, id: ApplicationId) -> Result<ApplicationPage, Error> {
        let me = policy::require_recruiter(actor)?.id;
        let mut tx = self.db().snapshot().await?;
        let row = tx
            .optional(
                sql!(
                    "select applications.posting_id, applications.applied_at, applications.state, applications.seq,
                            postings.title, candidates.name, candidates.email,
                            documents.id as document_id, documents.file_name, documents.format, documents.size
                     from applications
                     join postings on postings.id = applications.posting_id
                     join candidates on candidates.id = applications.candidate_id
                     join documents on documents.application_id = applications.id
                     where applications.id = $1"
                    => PageRow
                ),
                params![id.to_string()],
            )
            .await?
            .ok_or(NOT_FOUND)?;
        let pages = documents::pages(&mut tx, row.document_id).await?;
        Ok(application_page(me, id, row, pages))
    }

    /// Returns the transcript of an application's document; empty until it has been read.
    ///
    /// # Errors
    /// As [`Hiring::application_page`].
    pub async fn document_pages(&self, actor: &Actor, id: ApplicationId) -> Result<Vec<Page>, Error> {
        policy::require_recruiter(actor)?;
        let mut tx = self.db().snapshot().await?;
        let document = documents::of_application(&mut tx, id).await?.ok_or(NOT_FOUND)?;
        documents::pages(&mut tx, document).await
    }

    /// Moves an application to another stage and publishes the move to recruiters and the applicant.
    ///
    /// # Errors
    /// As [`Hiring::application_page`]; [`Error::SameStage`] when the application is in `stage`.
    pub async fn move_application(&self, actor: &Actor, id: ApplicationId, stage: Stage) -> Result<(), Error> {
        let User { id: by_id, name: by, .. } = policy::require_recruiter(actor)?.clone();
        let mut tx = self.db().begin().await?;
        let mut locked = lock(&mut tx, id).await?;
        if !locked.state.stage.can_move_to(stage) {
            return Err(Error::SameStage);
        }
        let now = self.now_ms();
        record(&mut tx, &mut locked, vec![ApplicationEvent::StageMoved { stage, by, by_id: Some(by_id) }], now).await?;
        live::publish(&mut tx, &posting_topic(locked.posting), &PostingEvent::StageMoved { id, stage }, now).await?;
        status::record(&mut tx, id, StatusEvent::StageMoved { stage }, now).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// An application whose row is locked by the current transaction.
pub(crate) struct LockedApplication {
    pub id: ApplicationId,
    pub posting: PostingId,
    pub state: ApplicationState,
}

/// Locks an application's row until `tx` ends, so that no other node folds events into it meanwhile.
pub(crate) async fn lock(tx: &mut Tx, id: ApplicationId) -> Result<LockedApplication, Error> {
    let row = tx
        .optional(
            sql!(
                sqlite: "select posting_id, state from applications where id = $1",
                postgres: "select posting_id, state from applications where id = $1 for update"
                => { posting_id: PostingId as text, state: ApplicationState as json }
            ),
            params![id.to_string()],
        )
        .await?
        .ok_or(NOT_FOUND)?;
    Ok(LockedApplication { id, posting: row.posting_id, state: row.state })
}

/// Publishes events on the application's topic and folds them into its row, so that the log, the row
/// and every browser have the same state.
pub(crate) async fn record(
    tx: &mut Tx,
    locked: &mut LockedApplication,
    events: Vec<ApplicationEvent>,
    now: i64,
) -> Result<(), Error> {
    let seq = live::publish_all(tx, &application_topic(locked.id), &events, now).await?;
    for event in events {
        locked.state.apply(event);
    }
    let state = &locked.state;
    tx.execute(
        sql!(
            "update applications set state = $2, seq = $3, stage = $4, summary_state = $5, headline = $6
             where id = $1"
        ),
        params![
            locked.id.to_string(),
            serde_json::to_string(state)?,
            seq,
            state.stage.as_str(),
            state.summary.state.as_str(),
            headline(state)
        ],
    )
    .await?;
    Ok(())
}

/// The text of the current-role line, at most 160 characters, as lists show it.
pub(crate) fn headline(state: &ApplicationState) -> Option<String> {
    let role = state.summary.lines.iter().find(|line| line.kind() == domain::LineKind::CurrentRole)?;
    Some(role.text().chars().take(160).collect())
}

/// The fold of `posting:<id>`, read from the rows of its applications.
pub(crate) async fn list(tx: &mut Tx, posting: PostingId) -> Result<ApplicationList, Error> {
    let rows = tx
        .all(
            sql!(
                "select applications.id, candidates.name, applications.applied_at, applications.stage,
                        applications.summary_state, applications.headline
                 from applications join candidates on candidates.id = applications.candidate_id
                 where applications.posting_id = $1
                 order by applications.applied_at desc, applications.id desc"
                => ListRow
            ),
            params![posting.to_string()],
        )
        .await?;
    Ok(ApplicationList { rows: rows.into_iter().map(ApplicationRow::from).collect() })
}

db::row! {
    struct ListRow {
        id: ApplicationId as text,
        name: String,
        applied_at: i64,
        stage: Stage as name,
        summary_state: SummaryState as name,
        headline: Option<String>,
    }
}

impl From<ListRow> for ApplicationRow {
    fn from(row: ListRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            applied_at: row.applied_at,
            stage: row.stage,
            summary: row.summary_state,
            headline: row.headline,
        }
    }
}

db::row! {
    struct PageRow {
        posting_id: PostingId as text,
        applied_at: i64,
        state: ApplicationState as json,
        seq: u64,
        title: String,
        name: String,
        email: String,
        document_id: DocumentId as text,
        file_name: String,
        format: String,
        size: u64,
    }
}

fn application_page(me: UserId, id: ApplicationId, row: PageRow, pages: Vec<Page>) -> ApplicationPage {
    ApplicationPage {
        me,
        id,
        posting_id: row.posting_id,
        posting_title: row.title,
        name: row.name,
        email: row.email,
        applied_at: row.applied_at,
        pictures: documents::has_pictures(&row.format),
        document: DocumentCard { file_name: row.file_name, format: row.format, size: row.size },
        state: row.state,
        seq: row.seq,
        pages,
    }
}
