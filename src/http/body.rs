//! Bodies of requests and responses.

use std::fmt;
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use tokio::time::Sleep;

use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind};
use crate::http::{layers, read};

/// The body of a request or a response.
///
/// Bytes are shared: [`try_clone`](Self::try_clone) costs a count, whatever their length. A stream
/// can be sent once only; what would have to send it again (a redirect, a retry, the answer to a
/// 401) refuses to, rather than send it empty.
pub struct Body {
    kind: Kind,
    watch: Watch,
}

enum Kind {
    Bytes(Bytes),
    Incoming(Incoming),
    Stream(UnsyncBoxBody<Bytes, Error>),
}

impl Body {
    /// A body without content.
    pub const fn empty() -> Self {
        Self::new(Kind::Bytes(Bytes::new()))
    }

    /// A body that is read while it is sent, and so can be sent only once.
    pub fn stream<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<tower::BoxError>,
    {
        Self::new(Kind::Stream(
            body.map_err(|error| Error::from(error.into()))
                .boxed_unsync(),
        ))
    }

    /// What the pool received; it fails when no bytes come for `idle`.
    pub(crate) fn incoming(body: Incoming, idle: Duration) -> Self {
        let mut body = Self::new(Kind::Incoming(body));
        body.watch.idle = Some(idle);
        body
    }

    const fn new(kind: Kind) -> Self {
        Self {
            kind,
            watch: Watch {
                idle: None,
                deadline: None,
                sleep: None,
            },
        }
    }

    /// The same body, which fails when it has not ended by `at`.
    pub(crate) fn with_deadline(mut self, at: Instant, limit: Duration) -> Self {
        self.watch.deadline = Some((at, limit));
        self
    }

    /// The same body again; `None` for one that can be sent only once.
    pub fn try_clone(&self) -> Option<Self> {
        match &self.kind {
            Kind::Bytes(bytes) => Some(Self::new(Kind::Bytes(bytes.clone()))),
            Kind::Incoming(_) | Kind::Stream(_) => None,
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self::new(Kind::Bytes(bytes.into()))
    }
}

/// Bodies carry passwords and parameters: only their form is shown.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Bytes(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Incoming(_) => f.write_str("Body(incoming)"),
            Kind::Stream(_) => f.write_str("Body(stream)"),
        }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let polled = match &mut this.kind {
            Kind::Bytes(bytes) if bytes.is_empty() => return Poll::Ready(None),
            Kind::Bytes(bytes) => return Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Stream(body) => Pin::new(body).poll_frame(cx),
            Kind::Incoming(body) => Pin::new(body)
                .poll_frame(cx)
                .map(|frame| frame.map(|f| f.map_err(read::broken))),
        };
        match polled {
            Poll::Ready(frame) => {
                this.watch.sleep = None;
                Poll::Ready(frame)
            }
            Poll::Pending => this.watch.poll(cx).map(|error| Some(Err(error))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Bytes(bytes) => bytes.is_empty(),
            Kind::Incoming(body) => body.is_end_stream(),
            Kind::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Incoming(body) => body.size_hint(),
            Kind::Stream(body) => body.size_hint(),
        }
    }
}

/// Watches that bytes keep coming and that the deadline is kept. Its timer exists only while one
/// waits for bytes.
struct Watch {
    idle: Option<Duration>,
    deadline: Option<(Instant, Duration)>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Watch {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        if self.sleep.is_none() {
            let idle = self.idle.map(clock::after);
            let Some(at) = idle
                .into_iter()
                .chain(self.deadline.map(|(at, _)| at))
                .min()
            else {
                return Poll::Pending;
            };
            self.sleep = Some(Box::pin(tokio::time::sleep_until(at)));
        }
        if let Some(sleep) = &mut self.sleep {
            ready!(sleep.as_mut().poll(cx));
        }
        Poll::Ready(match (self.deadline, self.idle) {
            (Some((at, limit)), _) if at <= clock::now() => layers::deadline_passed(limit),
            (_, idle) => Error::new(
                ErrorKind::Timeout,
                format!(
                    "the answer stopped: no bytes for {:?}",
                    idle.unwrap_or_default()
                ),
            )
            .after_sending(),
        })
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[tokio::test]
    async fn bytes_can_be_sent_again_and_streams_cannot() {
        let body = Body::from("text");
        let copy = body.try_clone().unwrap();
        for body in [body, copy] {
            assert_eq!(body.size_hint().exact(), Some(4));
            assert_eq!(read::collect(body, 4).await.unwrap(), "text");
        }
        assert!(Body::empty().try_clone().is_some());
        assert!(Body::empty().is_end_stream());
        let stream = Body::stream(http_body_util::Full::new(Bytes::from("text")));
        assert!(stream.try_clone().is_none());
    }

    #[test]
    fn debug_output_shows_no_content() {
        assert_eq!(format!("{:?}", Body::from("secret")), "Body(6 bytes)");
        let stream = Body::stream(http_body_util::Full::new(Bytes::from("secret")));
        assert_eq!(format!("{stream:?}"), "Body(stream)");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_measured_from_the_last_bytes() {
        let frames = futures::stream::unfold(0u64, |n| async move {
            let pause = if n < 5 { 9 } else { 11 };
            tokio::time::sleep(Duration::from_secs(pause)).await;
            Some((Ok::<_, Error>(Frame::data(Bytes::from("x"))), n + 1))
        });
        let mut body = Body::stream(http_body_util::StreamBody::new(frames));
        body.watch.idle = Some(Duration::from_secs(10));
        let start = clock::now();
        let error = read::collect(body, 100).await.unwrap_err();
        assert_eq!(error.to_string(), "the answer stopped: no bytes for 10s");
        assert!(error.is_timeout() && error.may_have_been_sent());
        assert_eq!((clock::now() - start).as_secs(), 55);
    }

    #[tokio::test(start_paused = true)]
    async fn spans_without_end_do_no_harm() {
        let frames = futures::stream::once(async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, Error>(Frame::data(Bytes::from("x")))
        });
        let mut body = Body::stream(http_body_util::StreamBody::new(Box::pin(frames)));
        body.watch.idle = Some(Duration::MAX);
        assert_eq!(read::collect(body, 1).await.unwrap(), "x");
    }
}
