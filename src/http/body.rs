//! Bodies of requests and responses.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use tokio::time::Sleep;

use crate::clock;
use crate::error::{Error, ErrorKind};
use crate::http::read;

/// The body of a request or a response.
///
/// Bytes are shared: [`try_clone`](Self::try_clone) costs a count, whatever their length. A stream
/// can be sent once only; what would have to send it again (a redirect, a retry, the answer to a
/// 401) refuses to, rather than send it empty.
pub struct Body(Kind);

enum Kind {
    Bytes(Bytes),
    Incoming { body: Incoming, idle: Idle },
    Stream(UnsyncBoxBody<Bytes, Error>),
}

impl Body {
    /// A body without content.
    pub const fn empty() -> Self {
        Self(Kind::Bytes(Bytes::new()))
    }

    /// A body that is read while it is sent, and so can be sent only once.
    pub fn stream<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<tower::BoxError>,
    {
        Self(Kind::Stream(body.map_err(|error| Error::from(error.into())).boxed_unsync()))
    }

    /// What the pool received; it fails when no bytes come for `idle`.
    pub(crate) fn incoming(body: Incoming, idle: Duration) -> Self {
        Self(Kind::Incoming { body, idle: Idle { limit: idle, sleep: None } })
    }

    /// The same body again; `None` for one that can be sent only once.
    pub fn try_clone(&self) -> Option<Self> {
        match &self.0 {
            Kind::Bytes(bytes) => Some(Self(Kind::Bytes(bytes.clone()))),
            Kind::Incoming { .. } | Kind::Stream(_) => None,
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
        Self(Kind::Bytes(bytes.into()))
    }
}

/// Bodies carry passwords and parameters: only their form is shown.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Bytes(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Incoming { .. } => f.write_str("Body(incoming)"),
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
        match &mut self.0 {
            Kind::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Bytes(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Stream(body) => Pin::new(body).poll_frame(cx),
            Kind::Incoming { body, idle } => match Pin::new(body).poll_frame(cx) {
                Poll::Ready(frame) => {
                    idle.sleep = None;
                    Poll::Ready(frame.map(|frame| frame.map_err(read::broken)))
                }
                Poll::Pending => idle.poll(cx).map(|error| Some(Err(error))),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Bytes(bytes) => bytes.is_empty(),
            Kind::Incoming { body, .. } => body.is_end_stream(),
            Kind::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Incoming { body, .. } => body.size_hint(),
            Kind::Stream(body) => body.size_hint(),
        }
    }
}

/// Watches that bytes keep coming. Its timer exists only while one waits for them.
struct Idle {
    limit: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Idle {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        let limit = self.limit;
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(clock::now() + limit)));
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(Error::new(
            ErrorKind::Timeout,
            format!("the answer stopped: no bytes for {limit:?}"),
        ))
    }
}
