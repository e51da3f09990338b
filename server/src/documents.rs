//! The uploaded document: the original as a download, and pictures of its pages.

use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::ApplicationId;
use hiring::{Actor, Error};
use tokio_util::io::ReaderStream;

use crate::{pages, state::AppState};

/// `GET /documents/{application}/original`: the uploaded file as a download. Browsers never display it.
pub async fn original(
    State(app): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Response {
    match download(&app, &actor, &id).await {
        Ok(response) => response,
        Err(error) => pages::plain_error(&error).into_response(),
    }
}

async fn download(app: &AppState, actor: &Actor, id: &str) -> Result<Response, Error> {
    let original = app.hiring.original(actor, parse_id(id)?).await?;
    let file = tokio::fs::File::open(&original.path).await?;
    let mut response = Body::from_stream(ReaderStream::new(file)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_DISPOSITION, content_disposition(&original.file_name));
    Ok(response)
}

/// `GET /documents/{application}/pages/{n}.png`: a picture of page `n`, counted from 1.
pub async fn page_picture(
    State(app): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((id, file)): Path<(String, String)>,
) -> Response {
    match render(&app, &actor, &id, &file).await {
        Ok(picture) => {
            let cached = (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
            let kind = (header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
            (StatusCode::OK, [kind, cached], picture).into_response()
        }
        Err(error) => pages::plain_error(&error).into_response(),
    }
}

async fn render(app: &AppState, actor: &Actor, id: &str, file: &str) -> Result<Vec<u8>, Error> {
    let page = file.strip_suffix(".png").and_then(|number| number.parse().ok());
    app.hiring.page_picture(actor, parse_id(id)?, page.ok_or(Error::NotFound { what: "page" })?).await
}

fn parse_id(id: &str) -> Result<ApplicationId, Error> {
    id.parse().map_err(|_| Error::NotFound { what: "application" })
}

/// `Content-Disposition` of a download, as RFC 6266 with the encoding of RFC 8187 for names beyond ASCII.
fn content_disposition(file_name: &str) -> HeaderValue {
    let encoded: String = file_name
        .bytes()
        .map(|byte| match byte {
            b'.' | b'-' | b'_' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{encoded}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        let header = content_disposition("a\"; filename=x\r\nSet-Cookie: y \u{5d0}.pdf");
        let text = header.to_str().unwrap();
        assert!(text.starts_with("attachment; filename*=UTF-8''a%22%3B"));
        assert!(text.ends_with("%D7%90.pdf"));
    }
}
