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
use crate::transport::layers::HttpService;
use crate::transport::{Body, Call};

/// Limits the time of a whole call: login, endpoint lookup, redirects, retries and reading the
/// response.
///
/// Inner layers read [`Call::deadline`], so that none waits beyond it. The call's own
/// [`timeout`](crate::transport::CallOptions::timeout) overrides the layer's.
#[derive(Debug, Clone, Default)]
pub struct DeadlineLayer(Option<Duration>);

impl DeadlineLayer {
    /// Sets the deadline of calls that set none; `None` for no deadline.
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
            let mut at = clock::after(limit);
            if let Some(call) = call {
                at = call.set_deadline(at);
            }
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
            let attempts = timer.call.as_ref().map(Call::attempts);
            let error = passed(timer.limit);
            Err(match attempts {
                // The call was still waiting for its login or for a connection.
                Some(0) => error.before_sending(),
                attempts => error.with_attempts(attempts.unwrap_or_default(), Some(timer.limit)),
            })
        })
    }
}

/// The error of a call whose deadline passed.
pub(crate) fn passed(limit: Duration) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("deadline of {limit:?} exceeded"),
    )
    .after_sending()
}

#[cfg(test)]
mod tests {

    use http::Method;
    use tower::{ServiceBuilder, ServiceExt as _};

    use super::*;
    use crate::transport::CallOptions;
    use crate::transport::layers::{RetryLayer, RetryPolicy};
    use crate::transport::read;
    use crate::transport::testing::{Wire, answer, answer_with, request, request_with};

    const URL: &str = "http://heat/";

    const fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn options(timeout: Duration) -> CallOptions {
        CallOptions {
            timeout: Some(timeout),
            ..CallOptions::default()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_calls_own_deadline_wins() {
        for (default, own, limit) in [
            (Some(secs(5)), None, Some(5)),
            (Some(secs(5)), Some(secs(2)), Some(2)),
            (Some(secs(5)), Some(secs(20)), None),
            (Some(secs(5)), Some(Duration::MAX), None),
            (None, None, None),
        ] {
            let (wire, _) = Wire::new(secs(10), |_, _| answer(200));
            let options = CallOptions {
                timeout: own,
                ..CallOptions::default()
            };
            let start = clock::now();
            let result = DeadlineLayer::new(default)
                .layer(wire)
                .oneshot(request_with(Method::GET, URL, "", options))
                .await;
            match limit {
                None => assert_eq!(result.unwrap().status(), 200),
                Some(limit) => {
                    let error = result.unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Timeout);
                    assert_eq!(error.to_string(), format!("deadline of {limit}s exceeded"));
                    assert_eq!(error.attempts(), 1);
                    assert_eq!((clock::now() - start).as_secs(), limit);
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_cuts_retries_short() {
        let (wire, log) = Wire::new(secs(8), |_, _| answer(503));
        let start = clock::now();
        let error = ServiceBuilder::new()
            .layer(DeadlineLayer::new(Some(secs(15))))
            .layer(RetryLayer::new(RetryPolicy::default()))
            .service(wire)
            .oneshot(request(Method::GET, URL, ""))
            .await
            .unwrap_err();
        assert!(error.is_timeout());
        assert_eq!((clock::now() - start).as_secs(), 15);
        assert_eq!((log.count(), error.attempts()), (2, 2));
        assert_eq!(
            error.to_string(),
            "deadline of 15s exceeded (after 2 attempts)"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_that_would_come_too_late_is_left_out() {
        let (wire, log) = Wire::new(secs(1), |_, _| answer_with(503, &[("retry-after", "10")]));
        let start = clock::now();
        let response = ServiceBuilder::new()
            .layer(DeadlineLayer::new(Some(secs(15))))
            .layer(RetryLayer::new(RetryPolicy::default()))
            .service(wire)
            .oneshot(request(Method::GET, URL, ""))
            .await
            .unwrap();
        assert_eq!((response.status().as_u16(), log.count()), (503, 2));
        assert_eq!((clock::now() - start).as_secs(), 12);
    }

    #[tokio::test(start_paused = true)]
    async fn it_bounds_the_reading_too() {
        let (wire, _) = Wire::new(secs(1), |_, _| {
            let slow = futures::stream::unfold((), |()| async {
                tokio::time::sleep(secs(1)).await;
                let frame = http_body::Frame::data(bytes::Bytes::from_static(b"x"));
                Some((Ok::<_, Error>(frame), ()))
            });
            Ok(Response::new(Body::stream(
                http_body_util::StreamBody::new(slow),
            )))
        });
        let start = clock::now();
        let response = DeadlineLayer::default()
            .layer(wire)
            .oneshot(request_with(Method::GET, URL, "", options(secs(5))))
            .await
            .unwrap();
        let error = read::collect(response.into_body(), 1000).await.unwrap_err();
        assert_eq!(error.to_string(), "deadline of 5s exceeded");
        assert_eq!((clock::now() - start).as_secs(), 5);
    }
}
