//! Receives an application: one multipart form, whose file is streamed to disk.

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
    state::AppState,
};

/// The size of a text field in bytes; a longer one is cut off here and refused by its own rule.
const MAX_FIELD_BYTES: usize = 4 * 1024;
/// Fields of a form. Ours has three; each further one could stage another file.
const MAX_FIELDS: usize = 16;
/// How much of a file over the limit is received and discarded, as a multiple of the limit: a browser
/// shows the answer only after it has sent the form.
const DISCARD_FACTOR: u64 = 6;
/// How long a form may take to arrive.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// `POST /careers/{slug}/apply`: 303 to the status page, or the form again with what is wrong. A script
/// that accepts JSON gets `{"location"}` or `{"error": {"code", "message"}}`.
pub async fn apply(
    State(app): State<AppState>,
    Path(slug): Path<String>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: BoundedMultipart,
) -> Response {
    let mut form = ApplyForm { slug, ..ApplyForm::default() };
    let from = client_ip::client_ip(peer, &headers, app.settings.trust_proxy);
    let answer = if app.upload_rate.allows(from, Instant::now()) {
        receive(&app, &mut form, from, body).await
    } else {
        Err(Error::Throttled { minutes: 1 })
    };
    let wants_json =
        headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"application/json"));
    match answer {
        Ok(location) if wants_json => Json(json!({ "location": location })).into_response(),
        Ok(location) => (StatusCode::SEE_OTHER, Redirect::to(&location)).into_response(),
        Err(error) if wants_json => {
            pages::log(&error);
            let body = json!({ "error": { "code": error.code(), "message": pages::error_message(&error, &headers) } });
            (pages::status(&error), Json(body)).into_response()
        }
        Err(error) => render_refusal(&app, form, &headers, &error).await,
    }
}

/// `GET /careers/{slug}/apply`: 303 to the form. A browser requests it when somebody reloads the page of a
/// refused form, whose address is that of the upload.
pub async fn redirect_to_form(uri: Uri) -> Redirect {
    Redirect::to(uri.path().trim_end_matches("/apply"))
}

/// Receives the form and applies; the path of the applicant's status page.
async fn receive(
    app: &AppState,
    form: &mut ApplyForm,
    from: IpAddr,
    mut body: BoundedMultipart,
) -> Result<String, Error> {
    let _permit = app.upload_limits.upload(from).await?;
    // Looked up first, so that a closed posting is the answer whatever the form holds.
    let posting = app.hiring.check_posting(&form.slug).await;
    let upload =
        timeout(UPLOAD_TIMEOUT, read_fields(app, form, &mut body)).await.unwrap_or_else(|_| Err(incomplete_form()));
    posting?;
    let upload = upload?;
    let _permit = app.upload_limits.check(from).await?;
    let receipt = app.hiring.apply(form.clone(), upload).await?;
    Ok(format!("/status/{}", receipt.token))
}

/// Reads the whole form into `form`; the uploaded file, if there is one.
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
            // If the file was refused already, that is the better answer.
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

/// `None` for an empty field without a file name, which a browser sends when no file was chosen.
async fn stage_file(app: &AppState, file_name: &str, mut field: Field<'_>) -> Result<Option<Upload>, Error> {
    let mut staged = app.hiring.blobs().stage().await?;
    let mut refusal = None;
    let mut received = 0;
    loop {
        let chunk = match field.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            // Over the limit of the whole form: that the file is too large is the better answer.
            Err(_) => return Err(refusal.unwrap_or_else(incomplete_form)),
        };
        received += chunk.len() as u64;
        if refusal.is_none() {
            refusal = staged.write(&chunk).await.err();
        } else if received > DISCARD_FACTOR * app.settings.max_upload {
            break;
        }
    }
    match refusal {
        Some(error) => Err(error),
        None if received == 0 && file_name.is_empty() => Ok(None),
        None => staged.finish().await.map(Some),
    }
}

/// The connection broke off, or the body is not a multipart form.
fn incomplete_form() -> Error {
    Error::Invalid { field: "form", problem: hiring::Problem::Incomplete }
}

async fn render_refusal(app: &AppState, form: ApplyForm, headers: &HeaderMap, error: &Error) -> Response {
    let path = format!("/careers/{}", form.slug);
    let notice = FormNotice {
        message: pages::error_message(error, headers),
        code: error.code().to_owned(),
        // No longer than the form's own fields accept.
        name: form.name.chars().take(200).collect(),
        email: form.email.chars().take(254).collect(),
    };
    pages::rerender_form(app, &path, headers, notice, error).await
}

/// The size of the largest form in bytes: the largest file that is received to its end, and the fields.
#[must_use]
pub fn body_limit(max_upload: u64) -> usize {
    usize::try_from(max_upload.saturating_mul(DISCARD_FACTOR + 1).saturating_add(1024 * 1024)).unwrap_or(usize::MAX)
}
