//! A multipart form part by part, whose parser cannot be made to keep what it is sent.
//!
//! The parser waits for the end of a part's headers, and would keep whatever comes before. Refuses
//! to hand it more than a few headers' worth of bytes between two things that it makes of them.

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

/// Bytes that may wait until the parser makes something of them.
const MAX_PENDING_BYTES: usize = 64 * 1024;

/// A form that arrives.
pub struct BoundedMultipart {
    parts: Multipart,
    pending: Arc<AtomicUsize>,
}

/// A part of it that arrives.
pub struct Field<'f> {
    field: multipart::Field<'f>,
    pending: Arc<AtomicUsize>,
}

impl<S: Send + Sync> FromRequest<S> for BoundedMultipart {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let pending = Arc::new(AtomicUsize::new(0));
        let request = request.map(|body| bounded(body, Arc::clone(&pending)));
        let parts = Multipart::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        Ok(Self { parts, pending })
    }
}

impl BoundedMultipart {
    /// The next part; none after the last.
    ///
    /// # Errors
    /// When the form breaks off, or holds too much that is no part of it.
    pub async fn next(&mut self) -> Result<Option<Field<'_>>, MultipartError> {
        let field = self.parts.next_field().await?;
        self.pending.store(0, Ordering::Relaxed);
        Ok(field.map(|field| Field { field, pending: Arc::clone(&self.pending) }))
    }
}

impl Field<'_> {
    /// Its name; empty without one.
    #[must_use]
    pub fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    /// The name of the file that it is; empty without one.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.field.file_name().unwrap_or_default()
    }

    /// The next bytes of it; none at its end.
    ///
    /// # Errors
    /// When the form breaks off.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, MultipartError> {
        let chunk = self.field.chunk().await;
        self.pending.store(0, Ordering::Relaxed);
        chunk
    }
}

/// `body`, as long as what waits stays little.
fn bounded(body: Body, pending: Arc<AtomicUsize>) -> Body {
    let mut chunks = body.into_data_stream();
    let mut given = false;
    Body::from_stream(stream::poll_fn(move |context| {
        // One chunk at a time: the parser takes all there is before it looks at it.
        if mem::take(&mut given) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if pending.load(Ordering::Relaxed) > MAX_PENDING_BYTES {
            return Poll::Ready(Some(Err(axum::Error::new(io::Error::from(io::ErrorKind::InvalidData)))));
        }
        let chunk = ready!(chunks.poll_next_unpin(context));
        if let Some(Ok(bytes)) = &chunk {
            given = true;
            pending.fetch_add(bytes.len(), Ordering::Relaxed);
        }
        Poll::Ready(chunk)
    }))
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    /// A form of those chunks, and how many of them were taken.
    async fn form(chunks: Vec<Vec<u8>>) -> (BoundedMultipart, Arc<AtomicUsize>) {
        let taken = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&taken);
        let chunks = stream::iter(chunks).map(move |chunk| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok::<_, io::Error>(chunk)
        });
        let request = Request::builder().header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        let form = BoundedMultipart::from_request(request.body(Body::from_stream(chunks)).unwrap(), &()).await;
        (form.unwrap_or_else(|_| panic!("a form")), taken)
    }

    const HEAD: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"cv\"; filename=\"cv.pdf\"\r\n";

    #[tokio::test]
    async fn headers_without_an_end_are_refused_long_before_the_body_ends() {
        let mut chunks = vec![HEAD.to_vec()];
        chunks.extend((0..10_000).map(|_| b"X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(20)));
        let (mut form, taken) = form(chunks).await;
        assert!(form.next().await.is_err());
        assert!(taken.load(Ordering::Relaxed) < 100, "{taken:?}");
    }

    #[tokio::test]
    async fn what_comes_before_the_first_part_is_refused_as_well() {
        let (mut form, taken) = form(vec![vec![b'a'; 1_000]; 10_000]).await;
        assert!(form.next().await.is_err());
        assert!(taken.load(Ordering::Relaxed) < 100, "{taken:?}");
    }

    #[tokio::test]
    async fn a_large_file_arrives_whole_in_chunks_of_any_size() {
        for size in [1_000, 300_000] {
            let mut chunks = vec![[HEAD, b"\r\n"].concat()];
            chunks.extend(vec![vec![b'a'; size]; 1_500_000 / size]);
            chunks.push(b"\r\n--x--\r\n".to_vec());
            let (mut form, _) = form(chunks).await;
            let mut part = form.next().await.unwrap().unwrap();
            assert_eq!((part.name(), part.file_name()), ("cv", "cv.pdf"));
            let mut length = 0;
            while let Some(chunk) = part.chunk().await.unwrap() {
                length += chunk.len();
            }
            assert_eq!(length, 1_500_000);
            drop(part);
            assert!(form.next().await.unwrap().is_none());
        }
    }
}
