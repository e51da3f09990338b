//! A multipart form, field by field, in bounded memory.
//!
//! The parser buffers whatever precedes a field and the field's headers until they end. This wrapper
//! never gives it more than [`MAX_PENDING_BYTES`] that it has not turned into a field or a chunk.

use std::{
    io, mem,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use axum::{
    body::{Body, Bytes},
    extract::{
        FromRequest, Multipart, Request,
        multipart::{self, MultipartError},
    },
    response::{IntoResponse, Response},
};
use futures::{StreamExt, ready, stream};

/// Bytes that the parser may buffer before it yields a field or a chunk.
const MAX_PENDING_BYTES: usize = 64 * 1024;

/// A form that is being received.
pub struct BoundedMultipart {
    fields: Multipart,
    pending: Arc<AtomicUsize>,
}

/// A field that is being received.
pub struct Field<'f> {
    field: multipart::Field<'f>,
    pending: Arc<AtomicUsize>,
}

impl<S: Send + Sync> FromRequest<S> for BoundedMultipart {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let pending = Arc::new(AtomicUsize::new(0));
        let request = request.map(|body| bounded(body, Arc::clone(&pending)));
        let fields = Multipart::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        Ok(Self { fields, pending })
    }
}

impl BoundedMultipart {
    /// The next field; `None` after the last.
    ///
    /// # Errors
    /// When the form breaks off, or has more than [`MAX_PENDING_BYTES`] between two fields.
    pub async fn next(&mut self) -> Result<Option<Field<'_>>, MultipartError> {
        let field = self.fields.next_field().await?;
        self.pending.store(0, Ordering::Relaxed);
        Ok(field.map(|field| Field { field, pending: Arc::clone(&self.pending) }))
    }
}

impl Field<'_> {
    /// The field's name; empty if it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    /// The name of the file in this field; empty if it has none.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.field.file_name().unwrap_or_default()
    }

    /// The next bytes of the field; `None` at its end.
    ///
    /// # Errors
    /// When the form breaks off.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, MultipartError> {
        let chunk = self.field.chunk().await;
        self.pending.store(0, Ordering::Relaxed);
        chunk
    }
}

/// `body`, which fails once more than [`MAX_PENDING_BYTES`] are pending.
fn bounded(body: Body, pending: Arc<AtomicUsize>) -> Body {
    let mut chunks = body.into_data_stream();
    let mut yielded = false;
    Body::from_stream(stream::poll_fn(move |context| {
        // The parser polls until the stream is pending before it parses: yield one chunk at a time.
        if mem::take(&mut yielded) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if pending.load(Ordering::Relaxed) > MAX_PENDING_BYTES {
            return Poll::Ready(Some(Err(axum::Error::new(io::Error::from(io::ErrorKind::InvalidData)))));
        }
        let chunk = ready!(chunks.poll_next_unpin(context));
        if let Some(Ok(bytes)) = &chunk {
            yielded = true;
            pending.fetch_add(bytes.len(), Ordering::Relaxed);
        }
        Poll::Ready(chunk)
    }))
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    /// A form of these chunks, and a count of those that were read.
    async fn form(chunks: Vec<Vec<u8>>) -> (BoundedMultipart, Arc<AtomicUsize>) {
        let read = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&read);
        let chunks = stream::iter(chunks).map(move |chunk| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok::<_, io::Error>(chunk)
        });
        let request = Request::builder().header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        let form = BoundedMultipart::from_request(request.body(Body::from_stream(chunks)).unwrap(), &()).await;
        (form.unwrap_or_else(|_| panic!("a form")), read)
    }

    const HEAD: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"cv\"; filename=\"cv.pdf\"\r\n";

    #[tokio::test]
    async fn endless_headers_are_refused_long_before_the_body_ends() {
        let mut chunks = vec![HEAD.to_vec()];
        chunks.extend((0..10_000).map(|_| b"X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(20)));
        let (mut form, read) = form(chunks).await;
        assert!(form.next().await.is_err());
        assert!(read.load(Ordering::Relaxed) < 100, "{read:?}");
    }

    #[tokio::test]
    async fn an_endless_preamble_is_refused_as_well() {
        let (mut form, read) = form(vec![vec![b'a'; 1_000]; 10_000]).await;
        assert!(form.next().await.is_err());
        assert!(read.load(Ordering::Relaxed) < 100, "{read:?}");
    }

    #[tokio::test]
    async fn a_large_file_arrives_complete_in_chunks_of_any_size() {
        for size in [1_000, 300_000] {
            let mut chunks = vec![[HEAD, b"\r\n"].concat()];
            chunks.extend(vec![vec![b'a'; size]; 1_500_000 / size]);
            chunks.push(b"\r\n--x--\r\n".to_vec());
            let (mut form, _) = form(chunks).await;
            let mut field = form.next().await.unwrap().unwrap();
            assert_eq!((field.name(), field.file_name()), ("cv", "cv.pdf"));
            let mut length = 0;
            while let Some(chunk) = field.chunk().await.unwrap() {
                length += chunk.len();
            }
            assert_eq!(length, 1_500_000);
            drop(field);
            assert!(form.next().await.unwrap().is_none());
        }
    }
}
