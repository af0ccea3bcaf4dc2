//! Decoding of compressed responses.

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
use crate::transport::Body;
use crate::transport::layers::HttpService;

/// Requests gzip and decodes it (RFC 1952, RFC 9110, 8.4). Other responses are passed on unchanged.
///
/// Size limits count decoded bytes, so that a small response cannot expand without limit.
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
        // The response to a HEAD has the header, but no body.
        if gzipped && !response.body().is_end_stream() {
            response.headers_mut().remove(CONTENT_ENCODING);
            response.headers_mut().remove(CONTENT_LENGTH);
            response = response.map(|body| Body::stream(Decoded::new(body)));
        }
        Poll::Ready(Ok(response))
    }
}

/// The number of bytes decoded in one step. gzip expands at most a thousandfold, so this limits the
/// size of a frame.
const STEP: usize = 2 * 1024;

/// A body that is decoded in steps.
struct Decoded {
    body: Body,
    /// The bytes that were received and are not decoded yet.
    rest: Bytes,
    /// `None` after everything was decoded.
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
                    let out = out.transpose().map_err(cut_off)?.unwrap_or_default();
                    return Poll::Ready((!out.is_empty()).then(|| Ok(Frame::data(out.into()))));
                }
            }
        }
    }
}

fn corrupt(error: std::io::Error) -> Error {
    Error::new(
        ErrorKind::Decode,
        "the gzip encoding of the response is corrupt",
    )
    .with_source(error)
    .after_sending()
}

/// The end is missing or its checksum is wrong. A retry may return the complete response.
fn cut_off(error: std::io::Error) -> Error {
    let message = "the gzip encoding of the response is truncated";
    Error::new(ErrorKind::Interrupted, message)
        .with_source(error)
        .after_sending()
}

#[cfg(test)]
mod tests {

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use futures::StreamExt as _;
    use http::Method;
    use http_body_util::StreamBody;
    use tower::ServiceExt as _;

    use super::*;
    use crate::transport::read;
    use crate::transport::testing::{Wire, request};

    fn zip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// Reads at most `limit` bytes of a body that arrives in frames of `size`.
    async fn read(encoding: &'static str, body: &[u8], size: usize, limit: usize) -> Result<Bytes> {
        let chunks: Vec<_> = body
            .chunks(size.max(1))
            .map(Bytes::copy_from_slice)
            .collect();
        let server = tower::service_fn(move |_: Request<Body>| {
            let frames = futures::stream::iter(chunks.clone());
            let frames = frames.map(|chunk| Ok::<_, Error>(Frame::data(chunk)));
            let mut response = Response::new(Body::stream(StreamBody::new(frames)));
            let headers = response.headers_mut();
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("7"));
            std::future::ready(Ok::<_, Error>(response))
        });
        let stack = GzipLayer::default().layer(server);
        let response = stack
            .oneshot(request(Method::GET, "http://heat/", ""))
            .await?;
        let decoded = encoding.eq_ignore_ascii_case("gzip");
        assert_eq!(response.headers().contains_key(CONTENT_ENCODING), !decoded);
        assert_eq!(response.headers().contains_key(CONTENT_LENGTH), !decoded);
        read::collect(response.into_body(), limit).await
    }

    #[tokio::test]
    async fn gzip_is_decoded_however_it_is_cut() {
        let text: Vec<u8> = (0..100_000u32).flat_map(|n| n.to_le_bytes()).collect();
        let zipped = zip(&text);
        for size in [1, 10, 1000, zipped.len()] {
            assert_eq!(read("gzip", &zipped, size, 1 << 20).await.unwrap(), text);
        }
        assert_eq!(read("GZIP", &zip(b"x"), 5, 10).await.unwrap(), "x");
        assert_eq!(read("identity", b"plain", 2, 10).await.unwrap(), "plain");
        let two = [zip(b"one "), zip(b"two")].concat();
        assert_eq!(read("gzip", &two, 7, 10).await.unwrap(), "one two");
    }

    #[tokio::test]
    async fn broken_gzip_is_an_error() {
        let good = zip(b"some text that is long enough to be cut");
        let mut wrong = good.clone();
        let end = wrong.len() - 6;
        wrong[end] ^= 1;
        let cut = (
            ErrorKind::Interrupted,
            "the gzip encoding of the response is truncated",
        );
        let bad = (
            ErrorKind::Decode,
            "the gzip encoding of the response is corrupt",
        );
        for (broken, expected) in [
            (&good[..good.len() - 1], cut),
            (&good[..5], cut),
            (&wrong, cut),
            (b"not gzip at all", bad),
        ] {
            let error = read("gzip", broken, 1000, 1000).await.unwrap_err();
            assert_eq!((error.kind(), &*error.to_string()), expected);
        }
    }

    #[tokio::test]
    async fn a_bomb_is_cut_off_at_the_limit() {
        let bomb = zip(&vec![0; 64 << 20]);
        assert!(bomb.len() < 100_000);
        let whole = bomb.len();
        let error = read("gzip", &bomb, whole, 1 << 20).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the response is longer than the limit of 1048576 bytes"
        );
        let mut decoded = Decoded::new(Body::from(bomb));
        while let Some(frame) = http_body_util::BodyExt::frame(&mut decoded).await {
            let frame = frame.unwrap().into_data().unwrap();
            assert!(frame.len() <= 4 << 20, "a frame of {} bytes", frame.len());
        }
    }

    #[tokio::test]
    async fn the_answer_to_a_head_has_nothing_to_decode() {
        let server = tower::service_fn(|_: Request<Body>| async {
            let mut response = Response::new(Body::empty());
            let gzip = HeaderValue::from_static("gzip");
            response.headers_mut().insert(CONTENT_ENCODING, gzip);
            Ok::<_, Error>(response)
        });
        let stack = GzipLayer::default().layer(server);
        let head = request(Method::HEAD, "http://heat/", "");
        let response = stack.oneshot(head).await.unwrap();
        assert_eq!(read::collect(response.into_body(), 1).await.unwrap(), "");
    }

    #[tokio::test]
    async fn gzip_is_asked_for_unless_the_caller_asks_otherwise() {
        let (wire, log) = Wire::new(std::time::Duration::ZERO, |_, _| {
            crate::transport::testing::answer(200)
        });
        let stack = GzipLayer::default().layer(wire);
        let mut own = request(Method::GET, "http://heat/", "");
        own.headers_mut()
            .insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        for request in [request(Method::GET, "http://heat/", ""), own] {
            stack.clone().oneshot(request).await.unwrap();
        }
        let asked: Vec<_> = log
            .seen()
            .iter()
            .map(|seen| seen.header("accept-encoding").unwrap().to_owned())
            .collect();
        assert_eq!(asked, ["gzip", "identity"]);
    }
}
