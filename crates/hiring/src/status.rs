//! The applicant's own page, behind a link that cannot be guessed.

use db::{Row, Tx, params, sql};
use domain::{ApplicationId, Fold, applicant::ApplicantStatus, applicant::StatusEvent, view::StatusPage};

use crate::{Hiring, actor::Actor, error::Error, hash, topics::status_topic};

const NONE: Error = Error::NotFound { what: "application" };

impl Hiring {
    /// What the holder of a status link sees.
    ///
    /// # Errors
    /// [`Error::NotFound`].
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
                ),
                params![hash::sha256(token)],
            )
            .await?
            .ok_or(NONE)?;
        page_of(&row)
    }

    /// Whom a status link makes its holder.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn actor_of_status(&self, token: &str) -> Result<Actor, Error> {
        let mut tx = self.db().snapshot().await?;
        let find = sql!("select id from applications where status_token_hash = $1");
        let row = tx.optional(find, params![hash::sha256(token)]).await?;
        let id = row.map(|row| row.text("id")).transpose()?.and_then(|id| id.parse().ok());
        Ok(id.map_or(Actor::Anonymous, Actor::Applicant))
    }
}

/// Publishes an event on the applicant's topic and folds it into the row. The caller holds the
/// application's row.
pub(crate) async fn record(tx: &mut Tx, id: ApplicationId, event: StatusEvent, now: i64) -> Result<(), Error> {
    let row = tx.one(sql!("select status from applications where id = $1"), params![id.to_string()]).await?;
    let mut status: ApplicantStatus = serde_json::from_str(&row.text("status")?)?;
    let seq = live::publish(tx, &status_topic(id), &event, now).await?;
    status.apply(event);
    tx.execute(
        sql!("update applications set status = $2, status_seq = $3 where id = $1"),
        params![id.to_string(), serde_json::to_string(&status)?, seq],
    )
    .await?;
    Ok(())
}

fn page_of(row: &Row) -> Result<StatusPage, Error> {
    Ok(StatusPage {
        id: row.text("id")?.parse().map_err(|_| NONE)?,
        posting_title: row.text("title")?,
        organization: row.text("organisation")?,
        name: row.text("name")?,
        file_name: row.text("file_name")?,
        applied_at: row.int("applied_at")?,
        status: serde_json::from_str(&row.text("status")?)?,
        seq: row.int("status_seq")?.unsigned_abs(),
    })
}
