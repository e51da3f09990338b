//! Applications: the list of a posting, the page of one application, and moving it between stages.

use db::{Row, Tx, params, sql};
use domain::{
    ApplicationId, Fold, Page, PostingId, Stage, SummaryState, UserId,
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
                ),
                params![id.to_string()],
            )
            .await?
            .ok_or(NOT_FOUND)?;
        let pages = documents::pages(&mut tx, &row.text("document_id")?).await?;
        application_page(me, id, &row, pages)
    }

    /// Returns the transcript of an application's document; empty until it has been read.
    ///
    /// # Errors
    /// As [`Hiring::application_page`].
    pub async fn document_pages(&self, actor: &Actor, id: ApplicationId) -> Result<Vec<Page>, Error> {
        policy::require_recruiter(actor)?;
        let mut tx = self.db().snapshot().await?;
        let row = tx
            .optional(sql!("select id from documents where application_id = $1"), params![id.to_string()])
            .await?
            .ok_or(NOT_FOUND)?;
        documents::pages(&mut tx, &row.text("id")?).await
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
                postgres: "select posting_id, state from applications where id = $1 for update",
            ),
            params![id.to_string()],
        )
        .await?
        .ok_or(NOT_FOUND)?;
    let posting = row.decode("applications.posting_id", str::parse)?;
    Ok(LockedApplication { id, posting, state: state(&row)? })
}

fn state(row: &Row) -> Result<ApplicationState, Error> {
    Ok(row.decode("applications.state", |json| serde_json::from_str(json))?)
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
            ),
            params![posting.to_string()],
        )
        .await?;
    let rows = rows.iter().map(application_row).collect::<Result<_, _>>()?;
    Ok(ApplicationList { rows })
}

fn application_row(row: &Row) -> Result<ApplicationRow, Error> {
    Ok(ApplicationRow {
        id: row.decode("applications.id", str::parse)?,
        name: row.text("name")?,
        applied_at: row.int("applied_at")?,
        stage: row.decode("applications.stage", |name| Stage::parse(name).ok_or("an unknown stage"))?,
        summary: row
            .decode("applications.summary_state", |name| SummaryState::parse(name).ok_or("an unknown state"))?,
        headline: row.opt_text("headline")?,
    })
}

fn application_page(me: UserId, id: ApplicationId, row: &Row, pages: Vec<Page>) -> Result<ApplicationPage, Error> {
    let format = row.text("format")?;
    Ok(ApplicationPage {
        me,
        id,
        posting_id: row.decode("applications.posting_id", str::parse)?,
        posting_title: row.text("title")?,
        name: row.text("name")?,
        email: row.text("email")?,
        applied_at: row.int("applied_at")?,
        pictures: crate::documents::has_pictures(&format),
        document: DocumentCard { file_name: row.text("file_name")?, format, size: row.number("documents.size")? },
        state: state(row)?,
        seq: row.number("applications.seq")?,
        pages,
    })
}
