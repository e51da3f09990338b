//! The applicant's status page, behind a link with an unguessable token.

use db::{Tx, params, sql};
use domain::{ApplicationId, Fold, applicant::ApplicantStatus, applicant::StatusEvent, view::StatusPage};

use crate::{Hiring, actor::Actor, error::Error, hash, topics::status_topic};

const NOT_FOUND: Error = Error::NotFound { what: "application" };

impl Hiring {
    /// Returns the data of the status page with that token.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown token.
    pub async fn status_page(&self, token: &str) -> Result<StatusPage, Error> {
        let mut tx = self.db().snapshot().await?;
        let row = tx
            .optional(
                sql!(
                    "select applications.id, applications.applied_at, applications.status, applications.status_seq,
                            postings.title, postings.organisation, candidates.name, documents.file_name
                     from applications
                     join postings on postings.id = applications.posting_id
                     join candidates on candidates.id = applications.candidate_id
                     join documents on documents.application_id = applications.id
                     where applications.status_token_hash = $1"
                    => StatusRow
                ),
                params![hash::sha256(token)],
            )
            .await?
            .ok_or(NOT_FOUND)?;
        Ok(row.into())
    }

    /// Returns the actor that holds this token of a status link; [`Actor::Anonymous`] for an unknown
    /// one.
    ///
    /// # Errors
    /// [`Error::Db`] when the database cannot be read.
    pub async fn actor_from_status_token(&self, token: &str) -> Result<Actor, Error> {
        let mut tx = self.db().snapshot().await?;
        let find = sql!(
            "select id from applications where status_token_hash = $1" => { id: ApplicationId as text }
        );
        let row = tx.optional(find, params![hash::sha256(token)]).await?;
        Ok(row.map_or(Actor::Anonymous, |row| Actor::Applicant(row.id)))
    }
}

/// Publishes an event on the applicant's topic and folds it into the application's row, which the
/// caller has locked.
pub(crate) async fn record(tx: &mut Tx, id: ApplicationId, event: StatusEvent, now: i64) -> Result<(), Error> {
    let find = sql!("select status from applications where id = $1" => { status: ApplicantStatus as json });
    let mut status = tx.one(find, params![id.to_string()]).await?.status;
    let seq = live::publish(tx, &status_topic(id), &event, now).await?;
    status.apply(event);
    tx.execute(
        sql!("update applications set status = $2, status_seq = $3 where id = $1"),
        params![id.to_string(), serde_json::to_string(&status)?, seq],
    )
    .await?;
    Ok(())
}

db::row! {
    struct StatusRow {
        id: ApplicationId as text,
        applied_at: i64,
        status: ApplicantStatus as json,
        status_seq: u64,
        title: String,
        organisation: String,
        name: String,
        file_name: String,
    }
}

impl From<StatusRow> for StatusPage {
    fn from(row: StatusRow) -> Self {
        Self {
            id: row.id,
            posting_title: row.title,
            organization: row.organisation,
            name: row.name,
            file_name: row.file_name,
            applied_at: row.applied_at,
            status: row.status,
            seq: row.status_seq,
        }
    }
}
