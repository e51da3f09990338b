//! Documents: transcripts, page pictures, the original.

use std::path::PathBuf;

use cv::{Document, sandbox::ReadError};
use db::{Row, Tx, params, sql};
use domain::{ApplicationId, Page, Refusal};
use tokio::fs;

use crate::{Hiring, actor::Actor, error::Error, policy};

const NO_PAGE: Error = Error::NotFound { what: "page" };
/// Of a page's picture, in pixels: sharp on a screen of twice the usual density.
const PICTURE_WIDTH: u32 = 1_240;

/// The file as it was sent.
#[derive(Clone, Debug)]
pub struct Original {
    /// Where its bytes are.
    pub path: PathBuf,
    /// For the download's name.
    pub file_name: String,
}

impl Hiring {
    /// The file as it was sent; only ever a download, its bytes are hostile.
    ///
    /// # Errors
    /// [`Error::SignIn`], [`Error::NotFound`].
    pub async fn original(&self, actor: &Actor, id: ApplicationId) -> Result<Original, Error> {
        policy::may_recruit(actor)?;
        let row = self.document(id).await?;
        Ok(Original { path: self.blobs().path(&row.text("blob")?), file_name: row.text("file_name")? })
    }

    /// The picture of a page (PNG), drawn in the sandbox once and kept.
    ///
    /// # Errors
    /// [`Error::SignIn`], [`Error::NotFound`]; [`Error::Refused`] when the page cannot be drawn;
    /// [`Error::Overloaded`].
    pub async fn page_picture(&self, actor: &Actor, id: ApplicationId, page: u32) -> Result<Vec<u8>, Error> {
        policy::may_recruit(actor)?;
        let row = self.document(id).await?;
        if !has_pictures(&row.text("format")?) || page == 0 {
            return Err(NO_PAGE);
        }
        let sha256 = row.text("blob")?;
        let kept = self.blobs().picture(&sha256, page);
        if let Ok(picture) = fs::read(&kept).await {
            return Ok(picture);
        }
        let picture = self.draw(&sha256, page).await?;
        // A rename, so that no reader sees half a picture.
        let half = kept.with_extension(uuid::Uuid::now_v7().to_string());
        fs::write(&half, &picture).await?;
        fs::rename(&half, &kept).await?;
        Ok(picture)
    }

    async fn draw(&self, sha256: &str, page: u32) -> Result<Vec<u8>, Error> {
        let file = self.blobs().open_kept(sha256).await?;
        match self.deps.sandbox.render(file, page, PICTURE_WIDTH).await {
            Ok(picture) => Ok(picture),
            Err(ReadError::Refused(Refusal::NoPages)) => Err(NO_PAGE),
            Err(error) => Err(error.into()),
        }
    }

    async fn document(&self, application: ApplicationId) -> Result<Row, Error> {
        let mut tx = self.db().snapshot().await?;
        let find = sql!("select id, blob, file_name, format from documents where application_id = $1");
        let row = tx.optional(find, params![application.to_string()]).await?;
        row.ok_or(Error::NotFound { what: "document" })
    }
}

/// The transcript of a document, in page order.
pub(crate) async fn pages(tx: &mut Tx, document: &str) -> Result<Vec<Page>, Error> {
    let rows = tx
        .all(
            sql!(
                "select number, width, height, text, words, written from pages where document_id = $1 order by number"
            ),
            params![document],
        )
        .await?;
    rows.iter().map(page_of).collect()
}

/// Replaces the transcript of a document.
pub(crate) async fn store_pages(tx: &mut Tx, document: &str, read: &Document) -> Result<(), Error> {
    tx.execute(sql!("delete from pages where document_id = $1"), params![document]).await?;
    for page in &read.transcript.pages {
        tx.execute(
            sql!(
                "insert into pages (document_id, number, width, height, text, words, written)
                 values ($1, $2, $3, $4, $5, $6, $7)"
            ),
            params![
                document,
                page.number,
                f64::from(page.width),
                f64::from(page.height),
                // PostgreSQL's text takes no NUL; one character for one keeps every span right.
                page.text.replace('\0', "\u{fffd}"),
                serde_json::to_string(&page.words)?,
                serde_json::to_string(&page.languages)?
            ],
        )
        .await?;
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "they were stored from f32")]
fn page_of(row: &Row) -> Result<Page, Error> {
    Ok(Page {
        number: u32::try_from(row.int("number")?).map_err(|_| NO_PAGE)?,
        width: row.float("width")? as f32,
        height: row.float("height")? as f32,
        text: row.text("text")?,
        words: serde_json::from_str(&row.text("words")?)?,
        languages: serde_json::from_str(&row.text("written")?)?,
    })
}

/// Whether pages of that format have pictures; others have no pages.
pub(crate) fn has_pictures(format: &str) -> bool {
    [cv::Format::Pdf, cv::Format::Image].iter().any(|pictured| pictured.name() == format)
}
