//! Answers that come compressed.

use std::future::Future;
use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
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
        // The answer to a HEAD names the encoding of a body that does not come.
        if gzipped && !response.body().is_end_stream() {
            response.headers_mut().remove(CONTENT_ENCODING);
            response.headers_mut().remove(CONTENT_LENGTH);
            response = response.map(|body| Body::stream(Decoded::new(body)));
        }
        Poll::Ready(Ok(response))
    }
}

/// How much is decoded at a time: gzip grows a thousandfold at most, so this bounds a frame.
const STEP: usize = 2 * 1024;

/// A body decoded step by step.
struct Decoded {
    body: Body,
    /// What has come and is not decoded yet.
    rest: Bytes,
    /// `None` once all is decoded.
    decoder: Option<MultiGzDecoder<Vec<u8>>>,
}

impl Decoded {
    fn new(body: Body) -> Self {
        Self {
            body,
            rest: Bytes::new(),
            decoder: Some(MultiGzDecoder::new(Vec::new())),
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
        let this = &mut *self;
        loop {
            let Some(decoder) = &mut this.decoder else {
                return Poll::Ready(None);
            };
            if !this.rest.is_empty() {
                let step = this.rest.split_to(this.rest.len().min(STEP));
                decoder.write_all(&step).map_err(corrupt)?;
                let out = std::mem::take(decoder.get_mut());
                if !out.is_empty() {
                    return Poll::Ready(Some(Ok(Frame::data(out.into()))));
                }
                continue;
            }
            match ready!(Pin::new(&mut this.body).poll_frame(cx)).transpose()? {
                Some(frame) => this.rest = frame.into_data().unwrap_or_default(),
                None => {
                    let out = this.decoder.take().map(MultiGzDecoder::finish);
                    let out = out.transpose().map_err(corrupt)?.unwrap_or_default();
                    return Poll::Ready((!out.is_empty()).then(|| Ok(Frame::data(out.into()))));
                }
            }
        }
    }
}

fn corrupt(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Decode, "the answer's gzip encoding is broken")
        .with_source(error)
        .after_sending()
}
