//! The deadline of a whole call.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tower::{Layer, Service};

use crate::clock::{self, Instant};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Body;
use crate::http::layers::HttpService;
use crate::session::Call;

/// Bounds a whole call: login, endpoint lookup, redirects, retries and the reading of the answer.
///
/// The call's own [`timeout`](crate::session::CallOptions::timeout) wins over the layer's.
#[derive(Debug, Clone, Default)]
pub struct DeadlineLayer(Option<Duration>);

impl DeadlineLayer {
    /// A deadline for calls that set none; `None` leaves them unbounded.
    pub fn new(default: Option<Duration>) -> Self {
        Self(default)
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = Deadline<S>;

    fn layer(&self, inner: S) -> Deadline<S> {
        Deadline {
            inner,
            default: self.0,
        }
    }
}

/// The service of [`DeadlineLayer`].
#[derive(Debug, Clone)]
pub struct Deadline<S> {
    inner: S,
    default: Option<Duration>,
}

impl<S: HttpService> Service<Request<Body>> for Deadline<S> {
    type Response = Response<Body>;
    type Error = Error;
    type Future = DeadlineFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let call = request.extensions().get::<Call>();
        let own = call.and_then(|call| call.options().timeout);
        let timer = own.or(self.default).map(|limit| {
            let at = clock::after(limit);
            Timer {
                at,
                limit,
                call: call.cloned(),
                sleep: Box::pin(tokio::time::sleep_until(at)),
            }
        });
        DeadlineFuture {
            inner: self.inner.call(request),
            timer,
        }
    }
}

#[derive(Debug)]
struct Timer {
    at: Instant,
    limit: Duration,
    call: Option<Call>,
    sleep: Pin<Box<Sleep>>,
}

pin_project! {
    /// The future of [`Deadline`].
    #[derive(Debug)]
    pub struct DeadlineFuture<F> {
        #[pin]
        inner: F,
        timer: Option<Timer>,
    }
}

impl<F: Future<Output = Result<Response<Body>>>> Future for DeadlineFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if let Poll::Ready(result) = this.inner.poll(cx) {
            return Poll::Ready(match this.timer {
                Some(timer) => result.map(|r| r.map(|b| b.with_deadline(timer.at, timer.limit))),
                None => result,
            });
        }
        let Some(timer) = this.timer else {
            return Poll::Pending;
        };
        timer.sleep.as_mut().poll(cx).map(|()| {
            let attempts = timer.call.as_ref().map_or(0, Call::attempts);
            Err(passed(timer.limit).with_attempts(attempts, timer.limit))
        })
    }
}

/// The error of a call whose deadline has passed.
pub(crate) fn passed(limit: Duration) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("not done within its deadline of {limit:?}"),
    )
    .after_sending()
}
