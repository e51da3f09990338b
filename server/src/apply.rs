//! The upload: one multipart form, streamed to a staged file.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use app::FormNotice;
use axum::{
    Json,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use hiring::{ApplyForm, Error, blobs::Upload};
use serde_json::json;
use tokio::time::timeout;

use crate::{
    client_ip,
    multipart::{BoundedMultipart, Field},
    pages,
    router::AppState,
};

/// The longest text field, in bytes; what is longer is cut, and refused as too long by its rule.
const MAX_FIELD_BYTES: usize = 4 * 1024;
/// Our form has three parts; each further one could be one more staged file.
const MAX_FIELDS: usize = 16;
/// How much of a file over the limit is read and thrown away, so that the browser has sent its
/// form and shows our answer instead of a broken connection; as a multiple of the limit.
const DRAIN_FACTOR: u64 = 6;
/// The longest that a form may take to arrive.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// `POST /careers/{slug}/apply`: 303 to the status page, or the form again with what is wrong.
/// A script that asks for JSON gets both as JSON.
pub async fn apply(
    State(app): State<AppState>,
    Path(slug): Path<String>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: BoundedMultipart,
) -> Response {
    let mut form = ApplyForm { slug, ..ApplyForm::default() };
    let from = client_ip::client_ip(peer, &headers, app.settings.trust_proxy);
    let answer = if app.upload_rate.admit(from, Instant::now()) {
        receive(&app, &mut form, from, body).await
    } else {
        Err(Error::Throttled { minutes: 1 })
    };
    let scripted = headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"application/json"));
    match answer {
        Ok(location) if scripted => Json(json!({ "location": location })).into_response(),
        Ok(location) => (StatusCode::SEE_OTHER, Redirect::to(&location)).into_response(),
        Err(error) if scripted => {
            pages::log(&error);
            let body = json!({ "error": { "code": error.code(), "message": error.to_string() } });
            (pages::status(&error), Json(body)).into_response()
        }
        Err(error) => render_refusal(&app, form, &headers, &error).await,
    }
}

/// `GET /careers/{slug}/apply`: 303 to the form. A browser asks for it when the page of a refused form,
/// which has the address of the upload, is opened again.
pub async fn redirect_to_form(uri: Uri) -> Redirect {
    Redirect::to(uri.path().trim_end_matches("/apply"))
}

async fn receive(
    app: &AppState,
    form: &mut ApplyForm,
    from: IpAddr,
    mut body: BoundedMultipart,
) -> Result<String, Error> {
    let _permit = app.upload_limits.upload(from).await?;
    // A closed posting is said before the file is taken.
    let posting = app.hiring.check_posting(&form.slug).await;
    let upload =
        timeout(UPLOAD_TIMEOUT, read_fields(app, form, &mut body)).await.unwrap_or_else(|_| Err(incomplete_form()));
    posting?;
    let upload = upload?;
    let _permit = app.upload_limits.check(from).await?;
    let receipt = app.hiring.apply(form.clone(), upload).await?;
    Ok(format!("/status/{}", receipt.token))
}

/// Reads the whole form; the file that it came with, if any.
async fn read_fields(
    app: &AppState,
    form: &mut ApplyForm,
    body: &mut BoundedMultipart,
) -> Result<Option<Upload>, Error> {
    let mut upload = Ok(None);
    for _ in 0..MAX_FIELDS {
        let field = match body.next().await {
            Ok(Some(field)) => field,
            Ok(None) => return upload,
            // Past a file that was refused already, that is the better answer.
            Err(_) => return upload.and(Err(incomplete_form())),
        };
        let name = field.name().to_owned();
        match name.as_str() {
            "name" => form.name = read_text(field).await?,
            "email" => form.email = read_text(field).await?,
            "cv" => {
                form.file_name = field.file_name().to_owned();
                upload = stage_file(app, &form.file_name, field).await;
            }
            _ => {}
        }
    }
    Err(incomplete_form())
}

async fn read_text(mut field: Field<'_>) -> Result<String, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|_| incomplete_form())? {
        let room = MAX_FIELD_BYTES.saturating_sub(bytes.len());
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// An empty field without a file name is how a browser says that no file was chosen.
async fn stage_file(app: &AppState, file_name: &str, mut field: Field<'_>) -> Result<Option<Upload>, Error> {
    let mut staged = app.hiring.blobs().stage().await?;
    let mut refused = None;
    let mut seen = 0;
    loop {
        let chunk = match field.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            // Past the limit of the whole form: that the file is too large is the better answer.
            Err(_) => return Err(refused.unwrap_or_else(incomplete_form)),
        };
        seen += chunk.len() as u64;
        if refused.is_none() {
            refused = staged.write(&chunk).await.err();
        } else if seen > DRAIN_FACTOR * app.settings.max_upload {
            break;
        }
    }
    match refused {
        Some(error) => Err(error),
        None if seen == 0 && file_name.is_empty() => Ok(None),
        None => staged.finish().await.map(Some),
    }
}

/// The browser went away, or sent what is no multipart form.
fn incomplete_form() -> Error {
    Error::Invalid { field: "form", message: "The form did not arrive whole. Please send it again.".into() }
}

async fn render_refusal(app: &AppState, form: ApplyForm, headers: &HeaderMap, error: &Error) -> Response {
    let path = format!("/careers/{}", form.slug);
    let notice = FormNotice {
        message: error.to_string(),
        code: error.code().to_owned(),
        // What is kept for the form is at most what the form takes.
        name: form.name.chars().take(200).collect(),
        email: form.email.chars().take(254).collect(),
    };
    pages::rerender_form(app, &path, headers, notice, error).await
}

/// The largest form: the largest file that is read to its end, and the fields.
#[must_use]
pub fn body_limit(max_upload: u64) -> usize {
    usize::try_from(max_upload.saturating_mul(DRAIN_FACTOR + 1).saturating_add(1024 * 1024)).unwrap_or(usize::MAX)
}
