//! Answers that come compressed.

use std::future::Future;
use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use flate2::write::GzDecoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderValue, Request, Response};
use http_body::{Body as HttpBody, Frame};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::error::{Error, ErrorKind, Result};
use crate::http::Body;
use crate::http::layers::HttpService;

/// Asks for gzip and decodes it (RFC 1952, RFC 9110, 8.4); other answers pass untouched.
///
/// Bounds on what is read count decoded bytes, so that a small answer cannot grow without end.
#[derive(Debug, Clone, Default)]
pub struct GzipLayer(());

impl<S> Layer<S> for GzipLayer {
    type Service = Gzip<S>;

    fn layer(&self, inner: S) -> Gzip<S> {
        Gzip { inner }
    }
}

/// The service of [`GzipLayer`].
#[derive(Debug, Clone)]
pub struct Gzip<S> {
    inner: S,
}

impl<S: HttpService> Service<Request<Body>> for Gzip<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = GzipFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        request
            .headers_mut()
            .entry(ACCEPT_ENCODING)
            .or_insert_with(|| const { HeaderValue::from_static("gzip") });
        GzipFuture {
            inner: self.inner.call(request),
        }
    }
}

pin_project! {
    /// The future of [`Gzip`].
    #[derive(Debug)]
    pub struct GzipFuture<F> {
        #[pin]
        inner: F,
    }
}

impl<F: Future<Output = Result<Response<Body>>>> Future for GzipFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut response = ready!(self.project().inner.poll(cx))?;
        let gzipped = response
            .headers()
            .get(CONTENT_ENCODING)
            .is_some_and(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"gzip"));
        if gzipped {
            response.headers_mut().remove(CONTENT_ENCODING);
            response.headers_mut().remove(CONTENT_LENGTH);
            response = response.map(|body| Body::stream(Decoded::new(body)));
        }
        Poll::Ready(Ok(response))
    }
}

/// A body decoded frame by frame.
struct Decoded {
    body: Body,
    decoder: Option<GzDecoder<Vec<u8>>>,
}

impl Decoded {
    fn new(body: Body) -> Self {
        Self {
            body,
            decoder: Some(GzDecoder::new(Vec::new())),
        }
    }
}

impl HttpBody for Decoded {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        loop {
            let frame = ready!(Pin::new(&mut self.body).poll_frame(cx)).transpose()?;
            let out = match frame {
                Some(frame) => {
                    let Ok(data) = frame.into_data() else {
                        continue;
                    };
                    let Some(decoder) = &mut self.decoder else {
                        return Poll::Ready(None);
                    };
                    decoder.write_all(&data).map_err(corrupt)?;
                    std::mem::take(decoder.get_mut())
                }
                None => {
                    let Some(decoder) = self.decoder.take() else {
                        return Poll::Ready(None);
                    };
                    decoder.finish().map_err(corrupt)?
                }
            };
            if !out.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(out.into()))));
            }
            if self.decoder.is_none() {
                return Poll::Ready(None);
            }
        }
    }
}

fn corrupt(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Decode, "the answer's gzip encoding is broken")
        .with_source(error)
        .after_sending()
}
