//! Request and response bodies.

mod pace;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;

use crate::clock::Instant;
use crate::error::Error;
use crate::transport::pool::Permit;
use crate::transport::read;
pub(crate) use pace::BodyPace;
use pace::Watch;

/// The body of a request or a response.
///
/// Bytes are shared: [`try_clone`](Self::try_clone) increments a reference count. A stream can be
/// sent only once. A redirect, a retry or a replay after a 401 fails rather than send it empty.
pub struct Body {
    kind: Kind,
    watch: Watch,
    /// The permit of the connection that the body is read from.
    permit: Option<Permit>,
}

enum Kind {
    Bytes(Bytes),
    Incoming(Incoming),
    Stream(UnsyncBoxBody<Bytes, Error>),
}

impl Body {
    /// An empty body.
    pub const fn empty() -> Self {
        Self::new(Kind::Bytes(Bytes::new()))
    }

    /// A streamed body. It is read while it is sent, so it can be sent only once.
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

    /// A body that the pool received. It fails if it is too slow, and holds `permit` until it ends.
    pub(crate) fn incoming(body: Incoming, pace: Arc<BodyPace>, permit: Option<Permit>) -> Self {
        let mut body = Self::new(Kind::Incoming(body));
        body.watch.pace = Some(pace);
        body.permit = permit;
        body
    }

    const fn new(kind: Kind) -> Self {
        Self {
            kind,
            watch: Watch {
                pace: None,
                deadline: None,
                waiting: None,
            },
            permit: None,
        }
    }

    /// Adds a deadline: the body fails if it has not ended at `at`.
    pub(crate) fn with_deadline(mut self, at: Instant, limit: Duration) -> Self {
        self.watch.deadline = Some((at, limit));
        self
    }

    /// A clone of the body; `None` for a stream, which can be sent only once.
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

/// Shows only the kind and size, since bodies contain passwords and parameters.
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
                match &frame {
                    Some(Ok(frame)) => this.watch.received(frame),
                    // Releases the connection for the next call.
                    Some(Err(_)) | None => this.permit = None,
                }
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
}
