//! Documents: the original file, its transcript and pictures of its pages.

use std::path::PathBuf;

use cv::{Document, sandbox::ReadError};
use db::{Tx, params, sql};
use domain::{ApplicationId, DocumentId, LanguageSpan, Page, Refusal, Word};
use tokio::fs;

use crate::{Hiring, actor::Actor, error::Error, policy};

const PAGE_NOT_FOUND: Error = Error::NotFound { what: "page" };
/// Width of a page's picture in pixels: sharp on a screen with a pixel ratio of 2.
const PICTURE_WIDTH: u32 = 1_240;

/// The uploaded file of an application.
#[derive(Clone, Debug)]
pub struct Original {
    /// Path of the file on the server.
    pub path: PathBuf,
    /// Name for the download.
    pub file_name: String,
}

impl Hiring {
    /// Returns the uploaded file. Its bytes are untrusted: serve it as a download only.
    ///
    /// # Errors
    /// [`Error::SignIn`] for other actors than users; [`Error::NotFound`].
    pub async fn original(&self, actor: &Actor, id: ApplicationId) -> Result<Original, Error> {
        policy::require_recruiter(actor)?;
        let document = self.document(id).await?;
        Ok(Original { path: self.blobs().path(&document.blob), file_name: document.file_name })
    }

    /// Returns the picture of a page (PNG), rendered in the sandbox once and cached.
    ///
    /// # Errors
    /// [`Error::SignIn`] for other actors than users; [`Error::NotFound`] when the application or the
    /// page does not exist; [`Error::Refused`] when the page cannot be rendered;
    /// [`Error::Overloaded`].
    pub async fn page_picture(&self, actor: &Actor, id: ApplicationId, page: u32) -> Result<Vec<u8>, Error> {
        policy::require_recruiter(actor)?;
        let document = self.document(id).await?;
        if !has_pictures(&document.format) || page == 0 {
            return Err(PAGE_NOT_FOUND);
        }
        let sha256 = document.blob;
        let cached = self.blobs().picture(&sha256, page);
        if let Ok(picture) = fs::read(&cached).await {
            return Ok(picture);
        }
        let picture = self.render_page(&sha256, page).await?;
        // Renamed when complete, so that no reader sees half a picture.
        let partial = cached.with_extension(uuid::Uuid::now_v7().to_string());
        fs::write(&partial, &picture).await?;
        fs::rename(&partial, &cached).await?;
        Ok(picture)
    }

    async fn render_page(&self, sha256: &str, page: u32) -> Result<Vec<u8>, Error> {
        let file = self.blobs().open_persisted(sha256).await?;
        match self.deps.sandbox.render(file, page, PICTURE_WIDTH).await {
            Ok(picture) => Ok(picture),
            Err(ReadError::Refused(Refusal::NoPages)) => Err(PAGE_NOT_FOUND),
            Err(error) => Err(error.into()),
        }
    }

    async fn document(&self, application: ApplicationId) -> Result<DocumentRow, Error> {
        let mut tx = self.db().snapshot().await?;
        let find = sql!("select blob, file_name, format from documents where application_id = $1" => DocumentRow);
        let row = tx.optional(find, params![application.to_string()]).await?;
        row.ok_or(Error::NotFound { what: "document" })
    }
}

db::row! {
    struct DocumentRow {
        blob: String,
        file_name: String,
        format: String,
    }
}

/// Returns the id of an application's document.
pub(crate) async fn of_application(tx: &mut Tx, application: ApplicationId) -> Result<Option<DocumentId>, Error> {
    let find = sql!("select id from documents where application_id = $1" => { id: DocumentId as text });
    Ok(tx.optional(find, params![application.to_string()]).await?.map(|row| row.id))
}

/// Reads the transcript of a document, in page order.
pub(crate) async fn pages(tx: &mut Tx, document: DocumentId) -> Result<Vec<Page>, Error> {
    let rows = tx
        .all(
            sql!(
                "select number, width, height, text, words, written from pages where document_id = $1 order by number"
                => TranscriptPageRow
            ),
            params![document.to_string()],
        )
        .await?;
    Ok(rows.into_iter().map(transcript_page).collect())
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
                // PostgreSQL's text accepts no NUL; replacing it by one character keeps spans valid.
                page.text.replace('\0', "\u{fffd}"),
                serde_json::to_string(&page.words)?,
                serde_json::to_string(&page.languages)?
            ],
        )
        .await?;
    }
    Ok(())
}

db::row! {
    struct TranscriptPageRow {
        number: u32,
        width: f64,
        height: f64,
        text: String,
        words: Vec<Word> as json,
        written: Vec<LanguageSpan> as json,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "they were stored from f32")]
fn transcript_page(row: TranscriptPageRow) -> Page {
    Page {
        number: row.number,
        width: row.width as f32,
        height: row.height as f32,
        text: row.text,
        words: row.words,
        languages: row.written,
    }
}

/// Whether the sandbox can render pages of that format; other formats have no page layout.
pub(crate) fn has_pictures(format: &str) -> bool {
    [cv::Format::Pdf, cv::Format::Image].iter().any(|pictured| pictured.name() == format)
}
